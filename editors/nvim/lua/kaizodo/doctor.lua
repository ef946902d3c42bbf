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

--- How the program is run with these arguments: as the server is, whatever starts it.
---@param args string[]
---@return string[]
local function command(args)
  local cmd = (vim.lsp.config.kaizodo or {}).cmd
  for index = type(cmd) == "table" and #cmd or 0, 1, -1 do
    if cmd[index] == "lsp" then
      return vim.list_extend(vim.list_slice(cmd, 1, index - 1), args)
    end
  end
  return vim.list_extend({ M.program() }, args)
end

--- Which settings the program does not know, in a sentence: the server alone is given what is set
--- for Neovim only.
---@return string?
function M.unknown_settings()
  local names = vim.tbl_keys(require("kaizodo.settings").own() or {})
  table.sort(names)
  local words = require("kaizodo.lang").words()
  return #names > 0 and words.doctor_settings:format(table.concat(names, ", ")) or nil
end

--- Runs the program with these arguments. An error of its own comes back as its words.
---@param args string[]
---@param fn? fun(result: vim.SystemCompleted)
---@return vim.SystemObj? # Nil where the program cannot be run.
function M.spawn(args, fn)
  local env = (vim.lsp.config.kaizodo or {}).cmd_env
  local opts = { text = true, timeout = TIMEOUT_MS, env = env }
  local ok, process = pcall(vim.system, command(args), opts, fn and vim.schedule_wrap(fn))
  return ok and process or nil
end

--- Shows it in a float.
function M.show()
  local process = M.spawn({ "doctor" }, function(result)
    local text = vim.trim((result.stdout or "") .. (result.stderr or ""))
    local unknown = M.unknown_settings()
    text = unknown and unknown .. "\n\n" .. text or text
    require("kaizodo.float").open(vim.split(text, "\n"), "kaizodo doctor")
  end)
  if not process then
    local lang = require("kaizodo.lang")
    lang.notify(lang.words().no_doctor:format(table.concat(command({ "doctor" }), " ")))
  end
end

return M
