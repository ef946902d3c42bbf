--- :checkhealth kaizodo

local M = {}

local health = vim.health
local lang = require("kaizodo.lang")

local function check_neovim()
  if vim.fn.has("nvim-0.11") == 1 then
    health.ok("Neovim " .. tostring(vim.version()))
  else
    health.error(lang.words().health_old:format(tostring(vim.version())))
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
  local words = lang.words()
  health.error(words.no_doctor:format(doctor.program()), {
    words.health_install,
    words.health_name:format(
      'vim.lsp.config("kaizodo", { cmd = { "/path/to/kaizodo", "lsp" } })'
    ),
  })
  return false
end

local function check_client()
  local words = lang.words()
  if not require("kaizodo.attach").enabled() then
    return health.warn(
      words.health_disabled,
      words.health_enable:format('vim.lsp.enable("kaizodo")')
    )
  end
  local client = require("kaizodo.client").get()
  if not client then
    health.info(words.health_enabled)
  else
    local buffers = vim.tbl_count(client.attached_buffers)
    health.ok(words.health_running:format(buffers))
  end
end

local function check_config()
  local _, problems = require("kaizodo.config").get()
  for _, problem in ipairs(problems) do
    health.warn("vim.g.kaizodo: " .. lang.words()[problem[1]]:format(problem[2], problem[3]))
  end
  if #problems == 0 then
    health.ok(lang.words().health_config)
  end
end

local function check_editor()
  local words = lang.words()
  if vim.fn.has("clipboard") == 1 then
    health.ok(words.health_clipboard)
  else
    health.info(words.health_no_clipboard)
  end
  if pcall(vim.treesitter.language.inspect, "markdown") then
    health.ok(words.health_treesitter)
  else
    health.info(words.health_no_treesitter)
  end
end

local function check_provider()
  health.start(lang.words().health_provider)
  local doctor = require("kaizodo.doctor")
  local unknown = doctor.unknown_settings()
  if unknown then
    health.info(unknown)
  end
  local process = doctor.spawn({ "doctor" })
  local result = process and process:wait()
  if not result then
    return
  end
  local text = vim.trim((result.stdout or "") .. (result.stderr or ""))
  -- "!" is before what is to be mended, such as that there is no model.
  local is_good = result.code == 0 and not ("\n" .. text):find("\n! ", 1, true)
  local report = is_good and health.ok or health.warn
  report(text)
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
