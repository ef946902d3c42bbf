--- Declares and runs tests, each in a Neovim of its own.

local expect, nvims = require("expect"), require("nvim")
local Nvim = nvims.Nvim

local M = {
  root = nvims.root,
  write = nvims.write,
  eventually = expect.eventually,
  eq = expect.eq,
  becomes = expect.becomes,
}

local tests = {} ---@type { name: string, fn: fun(nvim: Nvim), prepare?: fun(dir: string) }[]

--- Declares a test. It gets a Neovim of its own.
---@param name string
---@param fn fun(nvim: Nvim)
---@param prepare? fun(dir: string) Fills the folder in which that Neovim starts; a file init.lua
--- there is its configuration.
function M.it(name, fn, prepare)
  tests[#tests + 1] = { name = name, fn = fn, prepare = prepare }
end

--- Runs a test in a Neovim of its own and prints what came of it.
---@param test { name: string, fn: fun(nvim: Nvim), prepare?: fun(dir: string) }
---@param failure string What is printed where it fails.
---@return boolean ok
local function attempt(test, failure)
  local started, nvim = vim.uv.now(), Nvim.new()
  local ok, err = xpcall(function()
    nvim:start(test.prepare)
    test.fn(nvim)
  end, debug.traceback)
  nvim:stop()
  vim.uv.update_time()
  local line = ("%s %s (%d ms)"):format(ok and "ok  " or failure, test.name, vim.uv.now() - started)
  io.stdout:write(line, "\n", ok and "" or tostring(err) .. "\n")
  io.stdout:flush()
  return ok
end

--- Runs the tests of these files, one that fails once more: a busy machine can come between two key presses.
---@param files string[]
---@param only? string A pattern for names.
---@return integer failed
function M.run(files, only)
  for _, file in ipairs(files) do
    dofile(file)
  end
  local passed, again, failed = 0, 0, 0
  for _, test in ipairs(tests) do
    if not only or test.name:find(only) then
      if attempt(test, "AGAIN") then
        passed = passed + 1
      elseif attempt(test, "FAIL") then
        passed, again = passed + 1, again + 1
      else
        failed = failed + 1
      end
    end
  end
  local second = again > 0 and (" (%d of them the second time)"):format(again) or ""
  io.stdout:write(("%d passed%s, %d failed\n"):format(passed, second, failed))
  return failed
end

return M
