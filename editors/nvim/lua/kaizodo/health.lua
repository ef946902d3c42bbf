--- :checkhealth kaizodo

local M = {}

local health = vim.health

local function check_neovim()
  if vim.fn.has("nvim-0.11") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  else
    health.error("Neovim 0.11 or newer is needed; this is " .. tostring(vim.version()))
  end
end

--- Whether the program is there.
---@return boolean
local function check_program()
  local doctor = require("kaizodo.doctor")
  local process = doctor.spawn({ "--version" })
  local result = process and process:wait()
  if result and result.code == 0 then
    local path = vim.fn.exepath(doctor.program())
    health.ok(("%s (%s)"):format(vim.trim(result.stdout), path))
    return true
  end
  health.error(("`%s` cannot be run"):format(doctor.program()), {
    "Install kaizodo and put it on your PATH",
    'or name it: vim.lsp.config("kaizodo", { cmd = { "/path/to/kaizodo", "lsp" } })',
  })
  return false
end

local function check_client()
  if not require("kaizodo.attach").enabled() then
    return health.warn("The server is not enabled", 'Add vim.lsp.enable("kaizodo")')
  end
  local client = require("kaizodo.client").get()
  if not client then
    health.info("The server is enabled, and starts with the first file")
  else
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(("The server runs, attached to %d buffer(s)"):format(buffers))
  end
end

local function check_config()
  local _, problems = require("kaizodo.config").get()
  for _, problem in ipairs(problems) do
    health.warn("vim.g.kaizodo: " .. problem)
  end
  if #problems == 0 then
    health.ok("vim.g.kaizodo is understood")
  end
end

local function check_editor()
  if vim.fn.has("clipboard") == 1 then
    health.ok("Clipboard: copied sections go to the + register too")
  else
    health.info("No clipboard: copied sections go to the unnamed register alone")
  end
  if pcall(vim.treesitter.language.inspect, "markdown") then
    health.ok("Tree-sitter parser for Markdown")
  else
    health.info("No tree-sitter parser for Markdown: panels use syntax highlighting")
  end
end

local function check_provider()
  health.start("kaizodo: provider")
  local process = require("kaizodo.doctor").spawn({ "doctor" })
  local result = process and process:wait()
  if not result then
    return
  end
  local report = result.code == 0 and health.ok or health.warn
  report(vim.trim((result.stdout or "") .. (result.stderr or "")))
end

function M.check()
  health.start("kaizodo")
  check_neovim()
  check_config()
  check_client()
  check_editor()
  if check_program() then
    check_provider()
  end
end

return M
