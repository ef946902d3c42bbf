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

---@class kaizodo.Bytes A passage of a buffer: rows and bytes from 0, its end exclusive.
---@field first [integer, integer]
---@field last [integer, integer]

--- A passage in the units that a server counts in.
---@param buf integer
---@param bytes kaizodo.Bytes
---@param encoding string
---@return lsp.Range
function M.encode(buf, bytes, encoding)
  return {
    start = position(buf, bytes.first[1], bytes.first[2], encoding),
    ["end"] = position(buf, bytes.last[1], bytes.last[2], encoding),
  }
end

--- Whole lines, without the last line's end.
---@param first integer From 1.
---@param last integer From 1, inclusive.
---@return kaizodo.Bytes
function M.lines(first, last)
  return { first = { first - 1, 0 }, last = { last - 1, math.huge } }
end

--- The cursor of the current window.
---@return kaizodo.Bytes
function M.cursor()
  local row, col = unpack(vim.api.nvim_win_get_cursor(0))
  return { first = { row - 1, col }, last = { row - 1, col } }
end

--- What is between two marks of the current buffer, to the byte: multibyte and composed characters
--- are heeded. The protocol knows no blocks: of one, the range runs from its first to its last
--- character.
---@param from string
---@param to string
---@param opts { type: string, exclusive?: boolean } As getregionpos() takes them.
---@return kaizodo.Bytes
local function between(from, to, opts)
  local region = vim.fn.getregionpos(vim.fn.getpos(from), vim.fn.getpos(to), opts)
  local first, last = region[1][1], region[#region][2]
  return {
    first = { first[2] - 1, math.max(first[3] - 1, 0) },
    -- The region's end counts from 1 and is inclusive: the same number as from 0 and exclusive.
    last = { last[2] - 1, last[3] },
  }
end

--- The last Visual selection of the current buffer; 'selection' is heeded.
---@return kaizodo.Bytes
function M.visual()
  return between("'<", "'>", { type = vim.fn.visualmode() })
end

local types = { char = "v", line = "V", block = "\22" }

--- The text that an operator is about.
---@param kind "char"|"line"|"block" As 'operatorfunc' is told.
---@return kaizodo.Bytes? bytes Nil where a motion has gone over nothing.
function M.operated(kind)
  local first, last = vim.fn.getpos("'["), vim.fn.getpos("']")
  if last[2] < first[2] or last[2] == first[2] and last[3] < first[3] then
    return nil
  end
  return between("'[", "']", { type = types[kind], exclusive = false })
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
