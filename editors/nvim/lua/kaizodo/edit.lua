--- Changes to a panel's buffer, each as small as it can be: the whole text is never set again, so
--- marks, folds, cursors and views stay where they are.

local M = {}

--- The buffer's lines for a text. The text's last line is kept even where it is empty, so that
--- the lines of the buffer are exactly those that the server counts.
---@param text string
---@return string[]
function M.lines(text)
  return vim.split(text, "\n", { plain = true })
end

---@param buf integer
---@param at lsp.Position
---@param encoding string
---@return integer? row
---@return integer? col In bytes; nil where the buffer has no such line.
local function place(buf, at, encoding)
  local line = vim.api.nvim_buf_get_lines(buf, at.line, at.line + 1, false)[1]
  if line then
    return at.line, vim.str_byteindex(line, encoding, at.character, false)
  end
end

---@param a { edit: lsp.TextEdit, index: integer }
---@param b { edit: lsp.TextEdit, index: integer }
local function from_the_end(a, b)
  local x, y = a.edit.range.start, b.edit.range.start
  if x.line ~= y.line then
    return x.line > y.line
  elseif x.character ~= y.character then
    return x.character > y.character
  end
  return a.index > b.index
end

--- Applies text edits, which all speak of the text as it is now.
---@param buf integer
---@param edits lsp.TextEdit[]
---@param encoding string
---@return string? problem Why nothing was applied.
function M.apply(buf, edits, encoding)
  local ordered = {} ---@type { edit: lsp.TextEdit, index: integer }[]
  for index, edit in ipairs(edits) do
    ordered[index] = { edit = edit, index = index }
  end
  table.sort(ordered, from_the_end)

  local changes = {}
  for index, item in ipairs(ordered) do
    local range = item.edit.range
    local row, col = place(buf, range.start, encoding)
    local end_row, end_col = place(buf, range["end"], encoding)
    if not row or not end_row then
      return ("line %d is outside of the text"):format(range["end"].line)
    end
    changes[index] = { row, col, end_row, end_col, M.lines(item.edit.newText) }
  end
  for _, change in ipairs(changes) do
    vim.api.nvim_buf_set_text(buf, unpack(change))
  end
end

--- Makes the buffer hold `lines` by changing only the lines that differ.
---@param buf integer
---@param lines string[]
function M.become(buf, lines)
  local old = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  local hunks = vim.diff(
    table.concat(old, "\n") .. "\n",
    table.concat(lines, "\n") .. "\n",
    { result_type = "indices" }
  ) --[[@as integer[][] ]]
  for i = #hunks, 1, -1 do
    local from, count, new_from, new_count = unpack(hunks[i])
    -- Where nothing is taken away, the place is given by the line before it.
    local first = count == 0 and from or from - 1
    local new = vim.list_slice(lines, new_from, new_from + new_count - 1)
    vim.api.nvim_buf_set_lines(buf, first, first + count, false, new)
  end
end

return M
