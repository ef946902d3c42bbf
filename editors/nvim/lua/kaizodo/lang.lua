--- The plugin's own words, in both languages.

local M = {}

---@class kaizodo.Words
local en = {
  name = "kaizodo",
  key_sections = "Next or previous section",
  key_asks = "Ask about the section, about all answers",
  key_inserts = "Insert the section: below, above its text",
  key_marks = "Mark the item: keep, drop, no mark",
  key_next_section = "Next section",
  key_previous_section = "Previous section",
  key_close = "Close the window (the run continues)",
  key_source = "Go to the selected text in its source",
  key_parent = "Go up: to the passage that was asked about",
  key_zoom = "Look closer at the passage or the lines",
  key_ask = "Ask a question about the section",
  key_ask_all = "Ask a question about all answers",
  key_insert_below = "Insert the section into the source, below",
  key_insert_above = "Insert the section into the source, above",
  key_yank = "Copy the section under the cursor",
  key_copy = "Copy all answers into a new buffer",
  key_keep = "Mark the item under the cursor: keep it",
  key_drop = "Mark the item under the cursor: drop it",
  key_unmark = "Remove the item's mark",
  key_comment = "Comment on the item under the cursor",
  key_revise = "Rewrite the section with your marks",
  key_retry = "Retry the section under the cursor",
  key_earlier = "Show what it said before the retry",
  key_stop_section = "Stop the section under the cursor",
  key_stop = "Stop the run",
  key_help = "Show these keys",
  stop = "stop",
  keys = "keys",
  retry = "to retry",
  write = "to write it",
  outdated = "outdated: %s changed",
  outdated_many = "outdated: %d views changed",
  gathering = "waiting for the views %d/%d",
  queued = "queued",
  waiting = "waiting",
  thinking = "thinking %d",
  streaming = "%d chars",
  retrying = "attempt %d in %d s",
  done = "done",
  length = "token limit",
  filtered = "filtered",
  cut_off = "cut off",
  failed = "failed",
  cancelled = "stopped",
  on_demand = "not written yet",
  no_client = "The kaizodo server is not running. See :checkhealth kaizodo.",
  no_program = "`%s` was not found. Install it, or set its path. See :checkhealth kaizodo.",
  unnamed = "Another unnamed buffer is already in use. Give this one a name first (:write).",
  no_item = "No item of an answer is under the cursor.",
  no_mark = "Say how to mark the item: keep, drop, none, or a comment.",
  no_panel = "There is no panel yet: select text and run an action first.",
  not_panel = "The cursor is not in a panel.",
  no_section = "The cursor is not in a section.",
  source_gone = "The text was not found in its document. It may have been deleted.",
  ask_section = "Ask about “%s”: ",
  earlier = "%s · before the retry",
  no_earlier = "This section has no earlier answer.",
  ask_all = "Ask about all answers: ",
  comment_item = "Comment on this item: ",
  all_answers = "all answers",
  inserted = "Inserted into %s: %s",
  saved = "Saved: %s",
  not_saved = "%s cannot be written: %s",
  file_exists = "%s exists. To replace it: %s",
  no_file = "Name a file: :Kaizodo save {file}",
  unknown_argument = "`%s` is not expected here. Available: %s",
  choose_run = "Show a run:",
  choose_pin = "Pin a run:",
  choose_unpin = "Unpin a run:",
  choose_delete = "Delete a run:",
  no_runs = "No saved runs were found.",
  older_runs = "Older runs …",
  pinned = "Pinned: %s",
  unpinned = "Unpinned: %s",
  confirm_delete = "Delete “%s” and all its answers? This cannot be undone.",
  cancel = "Cancel",
  delete = "Delete",
  deleted = "Deleted: %s",
  yanked = "Copied: %s",
  unknown_command = "There is no :Kaizodo %s. Available: %s",
  no_room = "There is not enough room for another window. Close one first.",
  unseen = "There is not enough room for the panel. Close a window, then run :Kaizodo open.",
  no_doctor = "`%s` cannot be run.",
  doctor_settings = "Runs from Neovim also use these settings, which are not part of this report: %s",
  started_late = "The server was not ready after %d s.",
  health_old = "Neovim 0.11 or newer is required; this is %s",
  health_install = "Install kaizodo and put it on your PATH",
  health_name = "or set its path: %s",
  health_disabled = "The server is not enabled",
  health_enable = "Add %s",
  health_enabled = "The server is enabled and starts with the first file",
  health_running = "The server is running, attached to %d buffer(s)",
  health_config = "vim.g.kaizodo is valid",
  health_clipboard = "Clipboard: copied sections also go to the + register",
  health_no_clipboard = "No clipboard: copied sections go to the unnamed register only",
  health_treesitter = "Tree-sitter parser for Markdown",
  health_no_treesitter = "No tree-sitter parser for Markdown: panels use syntax highlighting",
  health_provider = "kaizodo: who answers",
  config_unknown = "unknown key `%s`",
  config_choice = "`%s` must be one of %s",
  config_type = "`%s` must be a %s",
}

---@type kaizodo.Words
local ja = {
  name = "解像度",
  key_sections = "次の節、前の節へ",
  key_asks = "質問する: この節、答え全体",
  key_inserts = "カーソルのある節を挿入: 元の箇所の下、上",
  key_marks = "項目に印: 残す、削る、印を消す",
  key_next_section = "次の節へ",
  key_previous_section = "前の節へ",
  key_close = "ウィンドウを閉じる（実行は続く）",
  key_source = "選択した元の箇所へ",
  key_parent = "一つ上へ（尋ねた元の箇所）",
  key_zoom = "この段落や選択した行をさらに詳しく見る",
  key_ask = "カーソルのある節について質問する",
  key_ask_all = "すべての答えについて質問する",
  key_insert_below = "カーソルのある節を元の箇所の下に挿入",
  key_insert_above = "カーソルのある節を元の箇所の上に挿入",
  key_yank = "カーソルのある節をコピー",
  key_copy = "すべての答えを新しいバッファーにコピー",
  key_keep = "カーソルのある項目に印: 残す",
  key_drop = "カーソルのある項目に印: 削る",
  key_unmark = "その項目の印を消す",
  key_comment = "カーソルのある項目にコメントする",
  key_revise = "付けた印に合わせて節を書き直す",
  key_retry = "カーソルのある節をやり直す",
  key_earlier = "やり直す前の答えを見る",
  key_stop_section = "カーソルのある節を止める",
  key_stop = "実行全体を止める",
  key_help = "このキー一覧",
  stop = "停止",
  keys = "キー",
  retry = "でやり直す",
  write = "で書く",
  outdated = "「%s」の更新が未反映",
  outdated_many = "視点 %d つの更新が未反映",
  gathering = "視点待ち %d/%d",
  queued = "順番待ち",
  waiting = "待機中",
  thinking = "思考中 %d",
  streaming = "%d 字",
  retrying = "%d 回目を %d 秒後に",
  done = "完了",
  length = "トークン上限",
  filtered = "フィルター",
  cut_off = "途中で切断",
  failed = "失敗",
  cancelled = "停止",
  on_demand = "まだ書いていません",
  no_client = "kaizodo サーバーが動いていません。原因は :checkhealth kaizodo で分かります。",
  no_program = "`%s` が見つかりません。インストールするか、パスを設定してください。詳しくは :checkhealth kaizodo で分かります。",
  unnamed = "名前のない別のバッファーをすでに使っています。先にこのバッファーに名前を付けてください（:write）。",
  no_item = "カーソルのある行に、答えの項目がありません。",
  no_mark = "項目の印を指定してください: keep（残す）、drop（削る）、none（消す）、またはコメント。",
  no_panel = "パネルはまだありません。テキストを選択してアクションを実行してください。",
  not_panel = "カーソルはパネルの中にありません。",
  no_section = "カーソルは節の中にありません。",
  source_gone = "元の文書に該当するテキストが見つかりません。削除された可能性があります。",
  ask_section = "「%s」について質問: ",
  earlier = "%s · やり直す前の答え",
  no_earlier = "この節に、前の答えはありません。",
  ask_all = "すべての答えについて質問: ",
  comment_item = "この項目へのコメント: ",
  all_answers = "すべての答え",
  inserted = "%s に挿入しました: %s",
  saved = "保存しました: %s",
  not_saved = "%s に書き込めません: %s",
  file_exists = "%s はすでにあります。置き換えるには %s",
  no_file = "ファイル名を指定してください: :Kaizodo save {file}",
  unknown_argument = "`%s` はここでは使えません。使えるのは %s です。",
  choose_run = "開く実行を選択:",
  choose_pin = "ピン留めする実行を選択:",
  choose_unpin = "ピン留めを外す実行を選択:",
  choose_delete = "削除する実行を選択:",
  no_runs = "該当する実行の記録はありません。",
  older_runs = "もっと前の実行 …",
  pinned = "ピン留めしました: %s",
  unpinned = "ピン留めを外しました: %s",
  confirm_delete = "「%s」を答えごと削除しますか？ 元には戻せません。",
  cancel = "キャンセル",
  delete = "削除",
  deleted = "削除しました: %s",
  yanked = "コピーしました: %s",
  unknown_command = ":Kaizodo %s はありません。使えるのは %s です。",
  no_room = "ウィンドウを開くだけの広さがありません。どれかを閉じてください。",
  unseen = "パネルを開くだけの広さがありません。どれかのウィンドウを閉じて :Kaizodo open を実行してください。",
  no_doctor = "`%s` を実行できません。",
  doctor_settings = "Neovim からの実行には次の設定も使われますが、この報告には含まれません: %s",
  started_late = "サーバーの準備が %d 秒以内に整いませんでした。",
  health_old = "Neovim 0.11 以降が必要です。これは %s です",
  health_install = "kaizodo をインストールして、PATH に入れてください",
  health_name = "または、パスを指定してください: %s",
  health_disabled = "サーバーが有効になっていません",
  health_enable = "設定に %s を加えてください",
  health_enabled = "サーバーは有効です。最初のファイルを開くと起動します",
  health_running = "サーバーが動いています（バッファー %d 個）",
  health_config = "vim.g.kaizodo に問題はありません",
  health_clipboard = "クリップボード: コピーした節は + レジスターにも入ります",
  health_no_clipboard = "クリップボードがないので、コピーした節は無名レジスターだけに入ります",
  health_treesitter = "Markdown の tree-sitter パーサーがあります",
  health_no_treesitter = "Markdown の tree-sitter パーサーがないので、パネルは構文ハイライトで表示します",
  health_provider = "kaizodo: 尋ねる相手",
  config_unknown = "`%s` という設定はありません",
  config_choice = "`%s` に書けるのは %s です",
  config_type = "`%s` の値の型は %s です",
}

--- The user's locale. Neovim's own is plain C where the system does not have the one wished for.
---@return string
local function locale()
  if not vim.v.lang:match("^C") then
    return vim.v.lang
  end
  for _, name in ipairs({ "LC_ALL", "LC_MESSAGES", "LANG" }) do
    local value = vim.env[name]
    if value and value ~= "" then
      return value
    end
  end
  return ""
end

--- The words in a language; without one, in the user's.
---@param lang? string
---@return kaizodo.Words
function M.words(lang)
  lang = lang or require("kaizodo.config").get().lang
  if lang == "auto" then
    lang = locale():match("^ja") and "ja" or "en"
  end
  return lang == "ja" and ja or en
end

--- Whether vim.notify() is Neovim's own, which writes on the command line.
---@return boolean
local function is_stock()
  local source = debug.getinfo(vim.notify, "S").source
  -- Neovim 0.12 says nothing of where its own functions come from.
  return source:match("^=?%?$") ~= nil or source:match("vim/_editor") ~= nil
end

--- Tells the user something in one sentence. What does not fit on the command line would have to be
--- dismissed with Enter: it is shown beside it instead.
---@param message string
---@param level? integer One of vim.log.levels; without one, an error.
function M.notify(message, level)
  level = level or vim.log.levels.ERROR
  local fits = not message:find("\n", 1, true)
    -- 'showcmd' and 'ruler' have the last columns.
    and vim.fn.strdisplaywidth(message) <= vim.o.columns * math.max(vim.o.cmdheight, 1) - 12
  if fits or not is_stock() or #vim.api.nvim_list_uis() == 0 then
    return vim.notify(message, level, { title = "kaizodo" })
  end
  require("kaizodo.float").toast(message, level)
end

return M
