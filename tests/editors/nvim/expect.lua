--- What tests wait for and compare.

local M = {}

--- Waits until `fn` gives something, and returns it.
---@generic T
---@param what string
---@param fn fun(): T
---@param timeout_ms? integer
---@return T
function M.eventually(what, fn, timeout_ms)
  local value
  local ok = vim.wait(timeout_ms or 30000, function()
    value = fn()
    return value
  end, 10)
  return ok and value or error("in vain waited for: " .. what, 2)
end

---@param expected any
---@param got any
function M.eq(expected, got)
  if not vim.deep_equal(expected, got) then
    error(("expected %s\ngot %s"):format(vim.inspect(expected), vim.inspect(got)), 2)
  end
end

--- Waits until `fn` returns `expected`.
---@param expected any
---@param fn fun(): any
function M.becomes(expected, fn)
  local got
  local ok, problem = pcall(M.eventually, vim.inspect(expected), function()
    got = fn()
    return vim.deep_equal(expected, got)
  end)
  if not ok then
    M.eq(expected, got)
    error(problem, 2)
  end
end

return M
