--- Attaching to the buffers that vim.lsp.enable() does not reach.

local M = {}

--- File types of which an answer is a part as it is.
local prose = { "", "asciidoc", "gitcommit", "mail", "markdown", "org", "rst", "text", "typst" }

--- Whether a buffer holds prose, as far as its type tells.
---@param buf integer
---@return boolean
function M.is_prose(buf)
  return vim.list_contains(prose, vim.bo[buf].filetype)
end

--- The size from which on a buffer is not attached by itself, in bytes: its whole text would go to
--- the server, and nobody asks about more than a few pages of it.
local LARGE = 10 * 1024 * 1024

---@param buf integer
---@return boolean
local function is_large(buf)
  return vim.api.nvim_buf_get_offset(buf, vim.api.nvim_buf_line_count(buf)) > LARGE
end

--- How long other servers have to start before ours in code, in milliseconds.
local OTHERS_MS = 300

--- Decides whether the server follows a buffer, and when: the order in which servers have started is
--- that of their code actions in a menu, and in code those of its language come first.
---@param buf integer
---@param attach fun()
function M.decide(buf, attach)
  -- Neovim 0.12 asks about help, too.
  if vim.bo[buf].buftype ~= "" or is_large(buf) then
    return
  elseif vim.api.nvim_buf_get_name(buf) == "" and (vim.bo[buf].filetype == "" or M.taken(buf)) then
    -- All buffers without a name have the same URI: the server follows one of them. One without a
    -- type is asked about only where vim.lsp.enable() asks about all buffers, and follows when text
    -- in it is selected.
    return
  elseif M.is_prose(buf) or #vim.lsp.get_clients({ name = "kaizodo" }) > 0 then
    return attach()
  end
  vim.defer_fn(function()
    if vim.api.nvim_buf_is_valid(buf) then
      attach()
    end
  end, OTHERS_MS)
end

--- Whether the user has enabled the server.
---@return boolean
function M.enabled()
  if vim.lsp.is_enabled then
    return vim.lsp.is_enabled("kaizodo")
  end
  return (vim.lsp._enabled_configs or {}).kaizodo ~= nil
end

--- Starts the server, or finds the one that runs; attaches it to `buf` where given.
---@param buf? integer
---@return integer? client_id
function M.start(buf)
  local config = vim.lsp.config.kaizodo
  local cmd = config and config.cmd
  if not config or (type(cmd) == "table" and vim.fn.executable(cmd[1]) == 0) then
    return nil
  end
  config = vim.deepcopy(config)
  if type(config.root_dir) == "function" then
    config.root_dir = nil
  end
  return vim.lsp.start(config, {
    bufnr = buf,
    attach = buf ~= nil,
    reuse_client = config.reuse_client,
    silent = true,
  })
end

--- Whether another attached buffer has the same URI, as all buffers without a name do: the server
--- could not tell them apart.
---@param buf integer
---@return boolean
function M.taken(buf)
  local uri = vim.uri_from_bufnr(buf)
  for _, client in ipairs(vim.lsp.get_clients({ name = "kaizodo" })) do
    for other in pairs(client.attached_buffers) do
      if other ~= buf and vim.api.nvim_buf_is_valid(other) and vim.uri_from_bufnr(other) == uri then
        return true
      end
    end
  end
  return false
end

--- Attaches to an ordinary buffer of no known type.
---@param buf integer
function M.untyped(buf)
  if
    not M.enabled()
    or not vim.api.nvim_buf_is_loaded(buf)
    or vim.bo[buf].buftype ~= ""
    or vim.bo[buf].filetype ~= ""
    or is_large(buf)
    or #vim.lsp.get_clients({ name = "kaizodo", bufnr = buf, _uninitialized = true }) > 0
    -- Whoever names types wants no others.
    or (vim.lsp.config.kaizodo or {}).filetypes ~= nil
    or M.taken(buf)
  then
    return
  end
  M.start(buf)
end

return M
