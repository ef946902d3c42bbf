--- The way back from a panel to the text that it speaks of.

local M = {}

--- How long the selection stays highlighted, in milliseconds.
local HIGHLIGHT_MS = 1000

local namespace = vim.api.nvim_create_namespace("kaizodo.source")

--- A window for the source: one that shows it, else the one the panel was reached from, else a
--- new one.
---@param buf integer
---@return integer win
local function window(buf)
  local wins = vim.api.nvim_tabpage_list_wins(0)
  local shown = vim.iter(wins):find(function(win)
    return vim.api.nvim_win_get_buf(win) == buf
  end)
  if shown then
    return shown
  end
  local panel = vim.api.nvim_get_current_win()
  local previous = vim.fn.win_getid(vim.fn.winnr("#"))
  if previous ~= 0 and previous ~= panel and vim.list_contains(wins, previous) then
    vim.api.nvim_win_set_buf(previous, buf)
    return previous
  end
  return vim.api.nvim_open_win(buf, false, { split = "left", win = panel })
end

---@param buf integer
---@param at lsp.Position
---@return integer[] place Row and byte, from 0, within the text as it is now.
local function place(buf, at)
  local row = math.min(at.line, vim.api.nvim_buf_line_count(buf) - 1)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
  return { row, row == at.line and vim.str_byteindex(line, "utf-16", at.character, false) or 0 }
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

--- Goes to the selection, and lets it light up.
---@param source { uri: string, range: lsp.Range }
function M.go(source)
  local buf = buffer(source.uri)
  vim.fn.bufload(buf)
  vim.bo[buf].buflisted = true
  local win = window(buf)
  vim.api.nvim_set_current_win(win)
  vim.cmd.normal({ "m'", bang = true })
  local first, last = place(buf, source.range.start), place(buf, source.range["end"])
  vim.api.nvim_win_set_cursor(win, { first[1] + 1, first[2] })
  vim.cmd.normal({ "zv", bang = true })
  vim.hl.range(buf, namespace, "KaizodoSource", first, last, { timeout = HIGHLIGHT_MS })
end

return M
