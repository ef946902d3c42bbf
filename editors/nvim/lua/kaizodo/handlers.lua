--- What the server says to the editor. Each handler does its part for panels and leaves the rest
--- to Neovim's own.

local lang = require("kaizodo.lang")
local uri = require("kaizodo.uri")

local M = {}

---@type lsp.Handler
function M.progress(err, params, ctx)
  vim.lsp.handlers["$/progress"](err, params, ctx)
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  if client then
    require("kaizodo.runs").progress(client, params.value)
  end
end

--- Keeps the server's offer of virtual documents to ourselves, however it is made: a Neovim that
--- serves them by itself would fill each panel a second time.
---@param client vim.lsp.Client
function M.keep_panels(client)
  local workspace = client.server_capabilities.workspace
  if workspace then
    workspace.textDocumentContent = nil
  end
end

---@type lsp.Handler
function M.register(err, params, ctx)
  params.registrations = vim.tbl_filter(function(registration)
    return registration.method ~= "workspace/textDocumentContent"
  end, params.registrations or {})
  return vim.lsp.handlers["client/registerCapability"](err, params, ctx)
end

---@type lsp.Handler
function M.show_document(err, params, ctx)
  if not uri.is_panel(params.uri) then
    return vim.lsp.handlers["window/showDocument"](err, params, ctx)
  end
  local win = require("kaizodo.window").show(params.uri, params.takeFocus == true)
  return { success = win ~= nil }
end

---@type lsp.Handler
function M.show_message(_, params)
  -- MessageType counts from Error = 1 to Log = 4, vim.log.levels from ERROR = 4 downwards.
  lang.notify(params.message, math.max(vim.log.levels.ERROR + 1 - params.type, 1))
  return vim.NIL
end

--- The edits of panels in a workspace edit.
---@param edit lsp.WorkspaceEdit
---@return { uri: string, version?: integer, edits: lsp.TextEdit[] }[] panels
---@return boolean others Whether anything else is in it.
local function panels_in(edit)
  local panels, others = {}, false
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument
    if document and uri.is_panel(document.uri) then
      local version = document.version ~= vim.NIL and document.version or nil
      panels[#panels + 1] = { uri = document.uri, version = version, edits = change.edits }
    else
      others = true
    end
  end
  for name, edits in pairs(not edit.documentChanges and edit.changes or {}) do
    if uri.is_panel(name) then
      panels[#panels + 1] = { uri = name, edits = edits }
    else
      others = true
    end
  end
  return panels, others
end

---@type lsp.Handler
function M.apply_edit(err, params, ctx)
  local panels, others = panels_in(params.edit)
  if #panels == 0 then
    return vim.lsp.handlers["workspace/applyEdit"](err, params, ctx)
  end
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  local problem = others and "a panel is changed alone" or nil
  for _, panel in ipairs(problem and {} or panels) do
    problem = problem or require("kaizodo.document").change(client, panel)
  end
  return { applied = problem == nil, failureReason = problem }
end

--- A command's answer: nothing to show, or why not.
---@type lsp.Handler
function M.executed(err)
  if err then
    lang.notify(err.message)
  end
end

---@type lsp.Handler
function M.refresh(_, params, ctx)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  require("kaizodo.document").refresh(client, params.uri)
  return vim.NIL
end

return M
