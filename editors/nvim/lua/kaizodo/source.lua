--- The way back from a panel to the text that it speaks of.

local client_of = require("kaizodo.client")
local lang = require("kaizodo.lang")

local M = {}

--- How long the selection stays highlighted, in milliseconds.
local HIGHLIGHT_MS = 1000

local namespace = vim.api.nvim_create_namespace("kaizodo.source")

--- A window for the source: one that shows it, else the one the panel was reached from, else
--- another one for documents, else a new one.
---@param buf integer
---@return integer? win Nil where there is no room.
local function window(buf)
  local wins = vim.api.nvim_tabpage_list_wins(0)
  local shown = vim.iter(wins):find(function(win)
    return vim.api.nvim_win_get_buf(win) == buf
  end)
  if shown then
    return shown
  end
  local panel = vim.api.nvim_get_current_win()
  local free = vim.tbl_filter(require("kaizodo.window").is_free, wins)
  local previous = vim.fn.win_getid(vim.fn.winnr("#"))
  local win = vim.list_contains(free, previous) and previous or free[1]
  if win then
    vim.api.nvim_win_set_buf(win, buf)
    return win
  end
  local ok, opened = pcall(vim.api.nvim_open_win, buf, false, { split = "left", win = panel })
  return ok and opened or nil
end

---@param buf integer
---@param at lsp.Position
---@param encoding string
---@return integer[] place Row and byte, from 0, within the text as it is now.
local function place(buf, at, encoding)
  local row = math.min(at.line, vim.api.nvim_buf_line_count(buf) - 1)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
  return { row, row == at.line and vim.str_byteindex(line, encoding, at.character, false) or 0 }
end

--- The buffer of a source. One without a name has a URI too, but is not found by it.
---@param uri string
---@return integer
local function buffer(uri)
  local loaded = vim.iter(vim.api.nvim_list_bufs()):find(function(buf)
    return vim.api.nvim_buf_is_loaded(buf)
      and vim.bo[buf].buftype == ""
      and vim.uri_from_bufnr(buf) == uri
  end)
  return loaded or vim.uri_to_bufnr(uri)
end

--- Opens a source, for the server too.
---@param buf integer
local function load(buf)
  vim.fn.bufload(buf)
  vim.bo[buf].buflisted = true
end

--- Inserts an answer. Neovim's own way finds no buffer without a name, and leaves an empty line
--- behind what comes after the last.
---@param client vim.lsp.Client
---@param change kaizodo.Change
---@return string? problem Why nothing was inserted.
function M.change(client, change)
  local buf = buffer(change.uri)
  load(buf)
  require("kaizodo.document").flush(client, buf)
  if change.version and (vim.lsp.util.buf_versions[buf] or 0) > change.version then
    return "the document was changed meanwhile"
  elseif not vim.bo[buf].modifiable then
    return "the buffer is not modifiable"
  end
  local count = vim.api.nvim_buf_line_count(buf)
  for _, edit in ipairs(change.edits) do
    -- Neovim 0.12 would ask once more: the reader has just asked for it, and can undo it.
    edit.annotationId = nil
    if edit.range.start.line >= count then
      edit.newText = edit.newText:gsub("\r?\n$", "")
    end
  end
  vim.lsp.util.apply_text_edits(change.edits, buf, client.offset_encoding)
end

---@class kaizodo.Place Where the text of a run is now.
---@field uri string
---@field range? lsp.Range
---@field state "unchanged"|"changed"|"gone"|"closed"|"unknown"

--- Asks where the text of a run is now. A document that is not open is opened for it.
---@param run string
---@param fn fun(client: vim.lsp.Client, place: kaizodo.Place, buf: integer)
function M.find(run, fn)
  client_of.with(nil, function(client)
    local function ask(may_open)
      for buf in pairs(client.attached_buffers) do
        require("kaizodo.document").flush(client, buf)
      end
      client:request("kaizodo/run/source", { run = run }, function(err, found)
        if err then
          return lang.notify(err.message)
        end
        local buf = buffer(found.uri)
        if found.state ~= "closed" or not may_open then
          return fn(client, found, buf)
        end
        load(buf)
        client_of.with(buf, function()
          ask(false)
        end)
      end)
    end
    ask(true)
  end)
end

--- Goes to the text of a run, wherever it is by now. Where it is gone, to where it was.
---@param run string
---@param was? { uri: string, range: lsp.Range } In UTF-16 units.
function M.open(run, was)
  M.find(run, function(client, found)
    local range = found.range
    if range and range ~= vim.NIL then
      return M.go({ uri = found.uri, range = range }, client.offset_encoding)
    elseif was then
      M.go(was, "utf-16")
    end
    lang.notify(lang.words().source_gone, vim.log.levels.WARN)
  end)
end

--- Goes to a place, and lets it light up.
---@param source { uri: string, range: lsp.Range }
---@param encoding string
function M.go(source, encoding)
  local buf = buffer(source.uri)
  load(buf)
  local win = window(buf)
  if not win then
    return lang.notify(lang.words().no_room)
  end
  vim.api.nvim_set_current_win(win)
  vim.cmd.normal({ "m'", bang = true })
  local first, last = place(buf, source.range.start, encoding), place(buf, source.range["end"], encoding)
  vim.api.nvim_win_set_cursor(win, { first[1] + 1, first[2] })
  vim.cmd.normal({ "zv", bang = true })
  vim.hl.range(buf, namespace, "KaizodoSource", first, last, { timeout = HIGHLIGHT_MS })
end

return M
