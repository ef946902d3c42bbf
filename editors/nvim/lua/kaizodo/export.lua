--- Answers to take elsewhere, as Markdown without states and closing lines: in a register, a buffer
--- or a file.

local client_of = require("kaizodo.client")
local lang = require("kaizodo.lang")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

--- How long the server may take to give a text, in milliseconds: the next key waits for it.
local TIMEOUT_MS = 3000

--- The panel that is meant: the current one, else the one in sight, else the last.
---@return string? uri Nil where there is none; the user is told.
local function panel()
  local window = require("kaizodo.window")
  local uri, shown = vim.api.nvim_buf_get_name(0), window.find()
  if not uri_of.is_panel(uri) then
    uri = shown and vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(shown)) or window.last
  end
  if not uri then
    lang.notify(lang.words().no_panel)
  end
  return uri
end

--- Gives the answers of a run, or one of them. The answer comes at once, so that a key typed next
--- finds it.
---@param run string
---@param branch? string
---@param fn fun(text: string)
local function answers(run, branch, fn)
  client_of.with(nil, function(client)
    local params = { run = run, branch = branch }
    local reply, why = client:request_sync("kaizodo/run/text", params, TIMEOUT_MS)
    if reply and reply.result then
      return fn(reply.result.text)
    end
    lang.notify(reply and reply.err and reply.err.message or why or "")
  end)
end

--- Gives all that is to be read in a panel; of a preview, which has no answers, all of it.
---@param uri string
---@param fn fun(text: string)
local function all(uri, fn)
  local run = uri_of.run(uri)
  if run then
    return answers(run, nil, fn)
  end
  require("kaizodo.document").text(uri, function(lines)
    fn(table.concat(lines, "\n"))
  end)
end

---@param text string
---@param what string
local function set_registers(text, what)
  vim.fn.setreg('"', text)
  if vim.fn.has("clipboard") == 1 then
    vim.fn.setreg("+", text)
  end
  lang.notify(lang.words().yanked:format(what), vim.log.levels.INFO)
end

--- Copies the section under the cursor, or all answers.
---@param opts? { all?: boolean }
function M.yank(opts)
  local uri = panel()
  if not uri then
    return
  elseif opts and opts.all then
    return all(uri, function(text)
      set_registers(text, lang.words().all_answers)
    end)
  end
  local win = uri_of.is_panel(vim.api.nvim_buf_get_name(0)) and 0
    or require("kaizodo.window").find()
  local section, run = win and sections.here(win), uri_of.run(uri)
  if not section then
    return lang.notify(lang.words().no_section)
  elseif not run or not section.branch then
    return set_registers(sections.text(vim.api.nvim_win_get_buf(win), section), section.title)
  end
  answers(run, section.branch, function(text)
    set_registers((text:gsub("\n+$", "")), section.title)
  end)
end

---@param text string
---@return string[] lines Without an empty one at the end, since files and buffers end each line.
local function lines_of(text)
  return vim.split(text:gsub("\n$", ""), "\n", { plain = true })
end

--- Copies all answers into a new buffer of the reader's own.
---@param opts? { mods?: table } `mods`: where it opens, as nvim_cmd() takes them.
function M.copy(opts)
  local uri = panel()
  if not uri then
    return
  end
  all(uri, function(text)
    if not pcall(vim.cmd.new, { mods = opts and opts.mods }) then
      return lang.notify(lang.words().no_room)
    end
    vim.api.nvim_buf_set_lines(0, 0, -1, false, lines_of(text))
    vim.bo.filetype = "markdown"
  end)
end

--- Saves all answers as a Markdown file.
---@param file string
---@param opts? { force?: boolean } `force`: replace a file that exists.
function M.save(file, opts)
  local uri, words = panel(), lang.words()
  local path = vim.fs.normalize(file)
  if not uri then
    return
  elseif vim.uv.fs_stat(path) and not (opts and opts.force) then
    return lang.notify(words.file_exists:format(file, ":Kaizodo! save " .. file))
  end
  all(uri, function(text)
    local ok, problem = pcall(vim.fn.writefile, lines_of(text), path)
    if not ok then
      return lang.notify(words.not_saved:format(file, problem))
    end
    lang.notify(words.saved:format(file), vim.log.levels.INFO)
  end)
end

return M
