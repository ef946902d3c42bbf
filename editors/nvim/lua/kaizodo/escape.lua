--- Hides the backslashes by which an answer is kept from being more than text, in panels that
--- tree-sitter highlights: its own queries show them.

local M = {}

local namespace = vim.api.nvim_create_namespace("kaizodo.escapes")

--- Shows all backslashes again.
---@param buf integer
function M.clear(buf)
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
end

--- Hides those of escapes; a backslash in code is text.
---@param buf integer
function M.hide(buf)
  M.clear(buf)
  local parser = vim.treesitter.get_parser(buf, "markdown", { error = false })
  local ok, query = pcall(vim.treesitter.query.parse, "markdown_inline", "(backslash_escape) @escape")
  if not parser or not ok then
    return
  end
  parser:parse(true)
  parser:for_each_tree(function(tree, part)
    if part:lang() ~= "markdown_inline" then
      return
    end
    for _, node in query:iter_captures(tree:root(), buf) do
      local row, col = node:range()
      vim.api.nvim_buf_set_extmark(buf, namespace, row, col, { end_col = col + 1, conceal = "" })
    end
  end)
end

return M
