--- Places in a buffer, in the units of the protocol.

local M = {}

---@param buf integer
---@param row integer From 0.
---@param col integer Byte, from 0.
---@param encoding string
---@return lsp.Position
local function position(buf, row, col, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
  return { line = row, character = vim.str_utfindex(line, encoding, math.min(col, #line), false) }
end

--- Whole lines, without the last line's end.
---@param buf integer
---@param first integer From 1.
---@param last integer From 1, inclusive.
---@param encoding string
---@return lsp.Range
function M.lines(buf, first, last, encoding)
  return {
    start = position(buf, first - 1, 0, encoding),
    ["end"] = position(buf, last - 1, math.huge, encoding),
  }
end

--- The cursor of the current window.
---@param encoding string
---@return lsp.Range
function M.cursor(encoding)
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  local at = position(0, row - 1, col, encoding)
  return { start = at, ["end"] = at }
end

--- The last Visual selection of the current buffer, to the byte: 'selection', multibyte and
--- composed characters are heeded. The protocol knows no blocks: of one, the range runs from its
--- first to its last character.
---@param encoding string
---@return lsp.Range
function M.visual(encoding)
  local region = vim.fn.getregionpos(vim.fn.getpos("'<"), vim.fn.getpos("'>"), {
    type = vim.fn.visualmode(),
  })
  local first, last = region[1][1], region[#region][2]
  return {
    start = position(0, first[2] - 1, math.max(first[3] - 1, 0), encoding),
    -- The region's end counts from 1 and is inclusive: the same number as from 0 and exclusive.
    ["end"] = position(0, last[2] - 1, last[3], encoding),
  }
end

--- Leaves Visual mode, so that '< and '> are set. Without this a message or a menu that follows
--- is held back for four seconds in favour of "-- VISUAL --".
---@return boolean left Whether Visual mode was on.
function M.leave_visual()
  if not vim.fn.mode():match("^[vV\22]") then
    return false
  end
  vim.cmd.normal({ "\27", bang = true })
  return true
end

return M
