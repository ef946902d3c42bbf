--- Attaching to the buffers that vim.lsp.enable() does not reach.

local M = {}

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
    or #vim.lsp.get_clients({ name = "kaizodo", bufnr = buf, _uninitialized = true }) > 0
    or M.taken(buf)
  then
    return
  end
  M.start(buf)
end

return M
