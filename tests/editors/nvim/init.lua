-- The whole configuration of a user: the folder on the runtimepath, and one line.
vim.opt.runtimepath:prepend(vim.env.KAIZODO_PLUGIN)
vim.lsp.enable("kaizodo")
