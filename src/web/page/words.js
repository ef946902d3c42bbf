// @ts-check
/** The page's own words in both languages; those of a section's states are the grid's (`shared.js`). */

const en = {
  tagline: "one thought, seen from several perspectives",
  skip: "Skip to the answers",
  task: "Your text",
  taskHint: "Type or paste a problem, a plan or a paragraph that is still fuzzy …",
  start: "Start",
  startKeys: "Ctrl+Enter",
  startKeysMac: "⌘ Enter",
  starting: "Starting …",
  asks: "Will ask {who}",
  asksUnknown: "Checking who will be asked …",
  preview: "What would be sent",
  previewTitle: "What would be sent",
  close: "Close",
  views: "Perspectives",
  noViews: "Choose at least one perspective.",
  noText: "Type or paste a text first.",
  onlyThese: "Only these",
  others: "Others",
  setDefault: "Any text",
  setReview: "Code",
  setDecide: "A decision",
  setReaders: "A text that others will read",
  setPremortem: "A plan",
  focus: "Focus",
  focusHint: "One answer, written from all the views.",
  writeFocus: "Write the focus",
  history: "History",
  search: "Search earlier runs",
  onlyPinned: "Pinned only",
  noRuns: "Nothing here yet. What you start is kept here, on this computer.",
  noneFound: "No run contains all of these words.",
  more: "Show more",
  pin: "Pin",
  pinNamed: "Pin “{title}”",
  unpin: "Unpin",
  unpinNamed: "Unpin “{title}”",
  remove: "Delete",
  removeNamed: "Delete “{title}”",
  removeQuestion: "Delete “{title}”? It cannot be brought back.",
  cancel: "Cancel",
  running: "running",
  partial: "incomplete",
  cancelled: "stopped",
  lost: "cut off",
  copied: "Copied",
  askAll: "A question about all of it",
  askOn: "Ask a follow-up",
  askOnNamed: "Ask a follow-up about {title}",
  questionKeys: "{keys} sends · Esc closes",
  questionKeysOpen: "{keys} sends",
  noQuestion: "Type a question first.",
  sections: "Sections of this run",
  answers: "Answers",
  blank: "Press Start, and the answers grow here side by side.",
  connectionLost: "The server cannot be reached. This page connects again by itself; what runs there goes on. If you have ended it, start `kaizodo serve` and open the address that it prints.",
  noServer: "The server cannot be reached. See whether `kaizodo serve` is still running, then try again.",
  refused: "The server refused the request",
  tokenTitle: "This page needs its token",
  tokenText: "The server prints an address with a new token each time it starts. Open that address, or paste it here. What you have typed is kept.",
  tokenLabel: "The address that `kaizodo serve` printed",
  tokenOpen: "Open",
  tokenWrong: "No token found. Copy the whole line that begins with http:// and try again.",
  runGone: "Back to an empty page",
  titleOver: "{over}/{all}",
  mark: "Mark",
  markNamed: "Mark items of {title}",
  markHint: "Say of each item whether it stays, then have the section rewritten.",
  language: "Language",
};

/** @typedef {Record<keyof typeof en, string>} PageWords */

/** @type {PageWords} */
const ja = {
  tagline: "ひとつの課題を、いくつもの視点から",
  skip: "答えへ移動",
  task: "課題",
  taskHint: "まだぼんやりしている課題、計画、文章を書くか、貼り付けてください",
  start: "Start",
  startKeys: "Ctrl+Enter",
  startKeysMac: "⌘ Enter",
  starting: "始めています…",
  asks: "答える相手: {who}",
  asksUnknown: "答える相手を確かめています…",
  preview: "送る内容を見る",
  previewTitle: "送る内容",
  close: "閉じる",
  views: "視点",
  noViews: "視点を一つ以上選んでください。",
  noText: "先に課題を書くか、貼り付けてください。",
  onlyThese: "この組だけ",
  others: "その他",
  setDefault: "どんな文章にも",
  setReview: "コードに",
  setDecide: "何かを決めるときに",
  setReaders: "人に読んでもらう文章に",
  setPremortem: "計画に",
  focus: "焦点",
  focusHint: "すべての視点をまとめた一つの答え",
  writeFocus: "焦点も書く",
  history: "履歴",
  search: "過去の結果を探す",
  onlyPinned: "ピン留めだけ",
  noRuns: "まだ何もありません。結果はこのコンピューターに保存され、ここに並びます。",
  noneFound: "見つかりませんでした。",
  more: "さらに表示",
  pin: "ピン留め",
  pinNamed: "「{title}」をピン留め",
  unpin: "ピン留めを外す",
  unpinNamed: "「{title}」のピン留めを外す",
  remove: "削除",
  removeNamed: "「{title}」を削除",
  removeQuestion: "「{title}」を削除しますか。元には戻せません。",
  cancel: "キャンセル",
  running: "実行中",
  partial: "一部のみ",
  cancelled: "停止",
  lost: "中断",
  copied: "コピーしました",
  askAll: "全体について質問",
  askOn: "続けて質問",
  askOnNamed: "{title}について続けて質問",
  questionKeys: "{keys} で送信 · Esc で閉じる",
  questionKeysOpen: "{keys} で送信",
  noQuestion: "先に質問を書いてください。",
  sections: "この実行の節",
  answers: "答え",
  blank: "Start を押すと、ここに答えが並びます。",
  connectionLost: "サーバーにつながりません。自動でつなぎ直します。サーバーが動いていれば、処理は続いています。終了した場合は `kaizodo serve` をもう一度起動し、表示されたアドレスを開いてください。",
  noServer: "サーバーにつながりません。`kaizodo serve` が動いているかを確かめてから、もう一度お試しください。",
  refused: "サーバーが要求を受け付けませんでした",
  tokenTitle: "トークンが必要です",
  tokenText: "サーバーは起動するたびに、新しいトークンの付いたアドレスを表示します。そのアドレスを開くか、ここに貼り付けてください。書きかけの課題は残っています。",
  tokenLabel: "`kaizodo serve` が表示したアドレス",
  tokenOpen: "開く",
  tokenWrong: "トークンが見つかりません。http:// で始まる行を、最後までコピーして貼り付けてください。",
  runGone: "最初の画面に戻る",
  titleOver: "{over}/{all}",
  mark: "印を付ける",
  markNamed: "{title}の項目に印を付ける",
  markHint: "残す項目と削る項目に印を付けると、それに合わせて書き直せます。",
  language: "言語",
};

const KEY = "kaizodo.language";

/** @returns {"ja" | "en"} */
function chosen() {
  const kept = localStorage.getItem(KEY);
  if (kept === "ja" || kept === "en") {
    return kept;
  }
  return /^ja\b/i.test(navigator.language) ? "ja" : "en";
}

/** The language of the page. Answers are in that of the text. */
export const language = chosen();

export const words = language === "ja" ? ja : en;

/** The keys that send. */
export const sendKeys = /Mac|iP(?:hone|ad)/.test(navigator.platform) ? words.startKeysMac : words.startKeys;

/**
 * The page in another language: it is loaded anew, and all that it holds comes back.
 *
 * @param {"ja" | "en"} other
 */
export function changeLanguage(other) {
  localStorage.setItem(KEY, other);
  location.reload();
}
