--- An operator that looks at the text of a motion or a text object.

local M = {}

---@type { perspectives?: string[], set?: string } What the operator asks; `.` asks it again.
local asked = {}

--- Waits for a motion.
---@param opts? { perspectives?: string[], set?: string }
---@return string keys
function M.begin(opts)
  asked = opts or {}
  vim.o.operatorfunc = "v:lua.require'kaizodo.operator'.apply"
  return "g@"
end

--- Looks at the text that the motion went over: the work of 'operatorfunc'.
---@param kind "char"|"line"|"block"
function M.apply(kind)
  local bytes = require("kaizodo.range").operated(kind)
  if bytes then
    require("kaizodo").run({ perspectives = asked.perspectives, set = asked.set, bytes = bytes })
  end
end

return M
