--- What `kaizodo doctor` says.

local M = {}

--- How long it may take, in milliseconds: it asks a model server once.
local TIMEOUT_MS = 30000

--- The server's program, as it is configured.
---@return string
function M.program()
  local cmd = (vim.lsp.config.kaizodo or {}).cmd
  return type(cmd) == "table" and cmd[1] or "kaizodo"
end

--- Runs the program with these arguments. An error of its own comes back as its words.
---@param args string[]
---@param fn? fun(result: vim.SystemCompleted)
---@return vim.SystemObj? # Nil where the program cannot be run.
function M.spawn(args, fn)
  local command = vim.list_extend({ M.program() }, args)
  local opts = { text = true, timeout = TIMEOUT_MS }
  local ok, process = pcall(vim.system, command, opts, fn and vim.schedule_wrap(fn))
  return ok and process or nil
end

--- Shows it in a float.
function M.show()
  local process = M.spawn({ "doctor" }, function(result)
    local text = vim.trim((result.stdout or "") .. (result.stderr or ""))
    require("kaizodo.float").open(vim.split(text, "\n"), "kaizodo doctor")
  end)
  if not process then
    local lang = require("kaizodo.lang")
    lang.notify(lang.words().no_doctor:format(M.program() .. " doctor"))
  end
end

return M
