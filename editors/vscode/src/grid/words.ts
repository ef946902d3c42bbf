/** The grid's own words in both languages. `{…}` are filled in by {@link fill}. */

const en = {
  gathering: "Waiting for the views · {ended} of {of}",
  queued: "Queued",
  waiting: "Waiting",
  thinking: "Thinking · {n} characters",
  writing: "Writing · {n} characters",
  retrying: "Retrying in {s} s (attempt {n})",
  done: "Complete",
  stopped: "Stopped",
  unasked: "Not written yet",
  unwritten: "One more request writes it from the views.",
  older: "Outdated: {views} changed after this was written.",
  and: ", ",
  incomplete: "Incomplete",
  tokens: "{sent} → {got} tokens",
  tokensCached: "{sent} ({cached} cached) → {got} tokens",
  seconds: "{s} s",
  stop: "Stop",
  stopNamed: "Stop {title}",
  retry: "Retry",
  retryNamed: "Retry {title}",
  write: "Write now",
  writeNamed: "Write {title} now",
  fold: "Fold",
  foldNamed: "Fold {title}",
  unfold: "Unfold",
  unfoldNamed: "Unfold {title}",
  foldAll: "Fold the views",
  unfoldAll: "Unfold the views",
  stopAll: "Stop all",
  toEnd: "Jump to the end",
  toEndNamed: "Jump to the end of {title}",
  over: "{over} of {all} complete",
  preparing: "Preparing …",
  answer: "Answer: {title}",
  grid: "Answers by perspective",
  allOver: "All sections have ended",
  keys: "Arrow keys or 1–9: move · R: retry · S: stop · F: fold",
  // What is said when a state begins: without counts, which change all the time.
  sayGathering: "waiting for the views",
  sayThinking: "thinking",
  sayWriting: "writing",
  sayRetrying: "retrying",
};

export type Words = Record<keyof typeof en, string>;

const ja: Words = {
  gathering: "視点がそろうのを待っています · {ended}/{of}",
  queued: "順番を待っています",
  waiting: "答えを待っています",
  thinking: "考えています · {n} 字",
  writing: "書いています · {n} 字",
  retrying: "{s} 秒後にもう一度送ります（{n} 回目）",
  done: "完了",
  stopped: "停止しました",
  unasked: "まだ書いていません",
  unwritten: "視点をまとめて書きます（リクエスト一つ）。",
  older: "「{views}」の更新がまだ反映されていません。",
  and: "、",
  incomplete: "途中で終わりました",
  tokens: "{sent} → {got} トークン",
  tokensCached: "{sent}（うち {cached} は再利用） → {got} トークン",
  seconds: "{s} 秒",
  stop: "停止",
  stopNamed: "{title}を停止",
  retry: "やり直す",
  retryNamed: "{title}をやり直す",
  write: "今すぐ書く",
  writeNamed: "{title}を今すぐ書く",
  fold: "たたむ",
  foldNamed: "{title}をたたむ",
  unfold: "開く",
  unfoldNamed: "{title}を開く",
  foldAll: "視点をたたむ",
  unfoldAll: "視点を開く",
  stopAll: "すべて停止",
  toEnd: "末尾へ",
  toEndNamed: "{title}の末尾へ",
  over: "{all} 件中 {over} 件完了",
  preparing: "準備しています…",
  answer: "{title}の答え",
  grid: "視点ごとの答え",
  allOver: "すべて終わりました",
  keys: "矢印キー・1–9: 移動 · R: やり直す · S: 停止 · F: たたむ",
  sayGathering: "視点がそろうのを待っています",
  sayThinking: "考えています",
  sayWriting: "書いています",
  sayRetrying: "もう一度送ります",
};

/** The words of an editor's display language. */
export function wordsFor(language: string): Words {
  return /^ja\b/i.test(language) ? ja : en;
}

/** Puts values into a text's `{…}`. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
