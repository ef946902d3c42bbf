/** The grid's own words in both languages. `{…}` are filled in by {@link fill}. */

const en = {
  queued: "Queued",
  waiting: "Waiting",
  thinking: "Thinking · {n} characters",
  writing: "Writing · {n} characters",
  retrying: "Trying again in {s} s (attempt {n})",
  done: "Complete",
  stopped: "Stopped",
  incomplete: "Not complete",
  tokens: "{sent} → {got} tokens",
  tokensCached: "{sent} ({cached} cached) → {got} tokens",
  seconds: "{s} s",
  stop: "Stop",
  stopNamed: "Stop {title}",
  retry: "Ask again",
  retryNamed: "Ask {title} again",
  stopAll: "Stop all",
  toEnd: "To the end",
  toEndNamed: "To the end of {title}",
  over: "{over} of {all} complete",
  preparing: "Preparing …",
  answer: "Answer: {title}",
  grid: "Answers by perspective",
  allOver: "All sections have ended",
  keys: "Arrow keys or 1–9: move · R: ask again · S: stop",
  // What is said when a state begins: without counts, which change all the time.
  sayThinking: "thinking",
  sayWriting: "writing",
  sayRetrying: "trying again",
};

export type Words = Record<keyof typeof en, string>;

const ja: Words = {
  queued: "順番を待っています",
  waiting: "答えを待っています",
  thinking: "考えています · {n} 字",
  writing: "書いています · {n} 字",
  retrying: "{s} 秒後にもう一度送ります({n} 回目)",
  done: "完了",
  stopped: "停止しました",
  incomplete: "途中で終わりました",
  tokens: "{sent} → {got} トークン",
  tokensCached: "{sent}(うち {cached} は再利用) → {got} トークン",
  seconds: "{s} 秒",
  stop: "停止",
  stopNamed: "{title}を停止",
  retry: "もう一度聞く",
  retryNamed: "{title}をもう一度聞く",
  stopAll: "すべて停止",
  toEnd: "末尾へ",
  toEndNamed: "{title}の末尾へ",
  over: "{all} 件中 {over} 件完了",
  preparing: "準備しています…",
  answer: "{title}の答え",
  grid: "視点ごとの答え",
  allOver: "すべて終わりました",
  keys: "矢印キー・1–9: 移動 · R: もう一度聞く · S: 停止",
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
