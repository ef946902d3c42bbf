---@brief
---
--- @REPOSITORY@
---
--- Look at the selected text from several perspectives at once: a code action asks a model, and the answers stream into
--- a Markdown document.
---
--- Install the program with `cargo install kaizodo`, or take a release: @REPOSITORY@/releases
---
--- With this configuration alone the answers are written to a file, whose path is shown. The plugin in the same
--- repository has a configuration of the same name and shows a panel that grows while the answers arrive.

---@type vim.lsp.Config
return {
  cmd = { 'kaizodo', 'lsp' },
  root_markers = { '.kaizodo', '.git' },
}
