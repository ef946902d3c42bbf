--- The connection to the server.

local lang = require("kaizodo.lang")

local M = {}

--- How long a server that has just been started may take to get ready, in seconds.
local TIMEOUT_S = 5

--- The first client whose server has not been told to stop.
---@param filter vim.lsp.get_clients.Filter
---@return vim.lsp.Client?
local function running(filter)
  return vim.iter(vim.lsp.get_clients(filter)):find(function(client)
    return not client:is_stopped()
  end)
end

--- The client, preferably that of a buffer.
---@param buf? integer Without one, the current buffer.
---@return vim.lsp.Client?
function M.get(buf)
  buf = buf or vim.api.nvim_get_current_buf()
  return running({ name = "kaizodo", bufnr = buf }) or running({ name = "kaizodo" })
end

--- Calls `fn` with the client; starts one first where there is none. With `buf`, that buffer is
--- attached to it.
---@param buf? integer
---@param fn fun(client: vim.lsp.Client)
---@param otherwise? fun() Called where there is none, after the user has been told why.
function M.with(buf, fn, otherwise)
  local function give_up(message)
    lang.notify(message)
    if otherwise then
      otherwise()
    end
  end
  local client = M.get(buf)
  if client and (not buf or client.attached_buffers[buf]) then
    return fn(client)
  end
  local attach = require("kaizodo.attach")
  if buf and attach.taken(buf) then
    return give_up(lang.words().unnamed)
  end
  local id = attach.start(buf)
  if not id then
    local program = require("kaizodo.doctor").program()
    local missing = vim.fn.executable(program) == 0
    return give_up(missing and lang.words().no_program:format(program) or lang.words().no_client)
  end
  local deadline = vim.uv.now() + TIMEOUT_S * 1000
  local function wait()
    client = vim.lsp.get_client_by_id(id)
    if client and client.initialized then
      fn(client)
    elseif not client then
      give_up(lang.words().no_client)
    elseif vim.uv.now() > deadline then
      give_up(lang.words().started_late:format(TIMEOUT_S))
    else
      vim.defer_fn(wait, 10)
    end
  end
  wait()
end

--- Sends one of the server's commands. Where it cannot be carried out, the user is told why.
---@param client vim.lsp.Client
---@param command string
---@param argument table
---@param fn? fun(result: table) Called once it is carried out.
function M.execute(client, command, argument, fn)
  local params = { command = command, arguments = { argument } }
  client:request("workspace/executeCommand", params, fn and function(err, result)
    if err then
      return lang.notify(err.message)
    end
    fn(result)
  end)
end

--- Runs an action's command, with Visual mode left first.
---@param command lsp.Command
---@param ctx lsp.HandlerContext
function M.run(command, ctx)
  require("kaizodo.range").leave_visual()
  local client = vim.lsp.get_client_by_id(ctx.client_id)
  if client then
    M.execute(client, command.command, (command.arguments or {})[1] or vim.empty_dict())
  end
end

return M
