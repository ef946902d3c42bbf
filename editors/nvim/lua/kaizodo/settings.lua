--- The server's settings, as the user has made them.
---
--- Other plugins mix what a project's files say (`.vscode/settings.json`, `.neoconf.json`, …) into a
--- client's settings. Those decide where text is sent, and a project must have no say in that: the
--- server is given what `vim.lsp.config()` holds, which only configuration that Neovim runs has set.

local M = {}

---@param settings? table
---@return table
local function section(settings)
  settings = type(settings) == "table" and settings or {}
  return type(settings.kaizodo) == "table" and settings.kaizodo or settings
end

--- The user's settings, without a section around them; nil where there are none.
---@return table?
function M.own()
  local config = vim.lsp.config.kaizodo or {}
  local own = vim.tbl_deep_extend("force", section(config.settings), section(config.init_options))
  return next(own) and own or nil
end

--- Puts them in place of what would be sent with `initialize`.
---@param params lsp.InitializeParams
function M.initialize(params)
  params.initializationOptions = M.own()
end

--- Answers `workspace/configuration`.
---@type lsp.Handler
function M.configuration(_, params)
  return vim.tbl_map(function(item)
    return item.section == "kaizodo" and M.own() or vim.NIL
  end, params.items or {})
end

return M
