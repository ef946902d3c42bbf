-- For plugin managers, which take a repository's root for the plugin: Neovim's part of this one is
-- in editors/nvim.
if vim.fn.has("nvim-0.11") == 1 then
  local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")
  local plugin = vim.fs.dirname(vim.fs.dirname(here)) .. "/editors/nvim"
  -- Before the user's own folder, so that an lsp/kaizodo.lua of theirs is merged over ours.
  vim.opt.runtimepath:prepend(plugin)
  vim.cmd.source({ plugin .. "/plugin/kaizodo.lua", magic = { file = false } })
end
