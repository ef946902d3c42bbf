--- Widths of text on the screen.

local M = {}

--- Cuts a text to so many columns, and ends it with an ellipsis where something was cut.
---@param text string
---@param columns integer
---@return string
function M.cut(text, columns)
  if vim.fn.strdisplaywidth(text) <= columns then
    return text
  end
  while text ~= "" and vim.fn.strdisplaywidth(text .. "…") > columns do
    text = vim.fn.strcharpart(text, 0, vim.fn.strchars(text) - 1)
  end
  return text .. "…"
end

return M
