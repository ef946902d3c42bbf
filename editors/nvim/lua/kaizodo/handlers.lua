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
  if not win then
    lang.notify(lang.words().unseen)
  end
  return { success = win ~= nil }
end

---@type lsp.Handler
function M.show_message(_, params)
  -- MessageType counts from Error = 1 to Log = 4, vim.log.levels from ERROR = 4 downwards.
  lang.notify(params.message, math.max(vim.log.levels.ERROR + 1 - params.type, 1))
  return vim.NIL
end

---@class kaizodo.Change
---@field uri string
---@field version? integer
---@field edits lsp.TextEdit[]

--- The edits of panels in a workspace edit, and those of other documents.
---@param edit lsp.WorkspaceEdit
---@return kaizodo.Change[] panels
---@return kaizodo.Change[] others
local function changes_in(edit)
  local panels, others = {}, {}
  for _, change in ipairs(edit.documentChanges or {}) do
    local document = change.textDocument or {}
    local version = document.version ~= vim.NIL and document.version or nil
    local list = uri.is_panel(document.uri or "") and panels or others
    list[#list + 1] = { uri = document.uri, version = version, edits = change.edits }
  end
  for name, edits in pairs(not edit.documentChanges and edit.changes or {}) do
    local list = uri.is_panel(name) and panels or others
    list[#list + 1] = { uri = name, edits = edits }
  end
  return panels, others
end

---@type lsp.Handler
function M.apply_edit(err, params, ctx)
  local panels, others = changes_in(params.edit)
  local client = assert(vim.lsp.get_client_by_id(ctx.client_id))
  local problem ---@type string?
  if #panels == 0 and #others == 1 and others[1].uri then
    problem = require("kaizodo.source").change(client, others[1])
  elseif #panels == 0 then
    return vim.lsp.handlers["workspace/applyEdit"](err, params, ctx)
  elseif #others > 0 then
    problem = "an edit of a panel cannot be combined with other edits"
  else
    for _, panel in ipairs(panels) do
      problem = problem or require("kaizodo.document").change(client, panel)
    end
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
