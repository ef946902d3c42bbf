--- The keys of a panel, and what they do.

local client_of = require("kaizodo.client")
local config = require("kaizodo.config")
local lang = require("kaizodo.lang")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

--- The run of the current buffer; where there is none, the user is told.
---@return string?
local function run_here()
  local run = uri_of.run(vim.api.nvim_buf_get_name(0))
  if not run then
    lang.notify(lang.words().not_panel)
  end
  return run
end

--- Sends a command about the section under the cursor.
---@param command string
local function about_section(command)
  local run, section = run_here(), sections.here()
  if run and not (section and section.branch) then
    lang.notify(lang.words().no_section)
  elseif run and section then
    client_of.with(nil, function(client)
      client_of.execute(client, command, { run = run, branch = section.branch })
    end)
  end
end

---@type table<string, fun()>
M.actions = {
  next_section = function()
    sections.jump(vim.v.count1)
  end,
  previous_section = function()
    sections.jump(-vim.v.count1)
  end,
  close = function()
    -- The last window cannot be closed: it shows what was there before.
    if not pcall(vim.cmd.close) then
      vim.cmd.enew()
    end
  end,
  source = function()
    local run = sections.run(0)
    if run and run.source then
      require("kaizodo.source").go(run.source)
    else
      lang.notify(lang.words().no_source)
    end
  end,
  yank = function()
    local section = sections.here()
    if not section then
      return lang.notify(lang.words().no_section)
    end
    local text = sections.text(0, section)
    vim.fn.setreg('"', text)
    if vim.fn.has("clipboard") == 1 then
      vim.fn.setreg("+", text)
    end
    lang.notify(lang.words().yanked:format(section.title), vim.log.levels.INFO)
  end,
  copy = function()
    require("kaizodo").copy()
  end,
  retry = function()
    -- The answer comes into a fold that may be closed.
    vim.cmd.normal({ "zv", bang = true })
    about_section("kaizodo.retry")
  end,
  stop_section = function()
    about_section("kaizodo.cancel")
  end,
  stop = function()
    local run = run_here()
    if run then
      client_of.with(nil, function(client)
        client_of.execute(client, "kaizodo.cancel", { run = run })
      end)
    end
  end,
  help = function()
    M.help()
  end,
}

--- The keys in the order in which they are shown.
local order = {
  "next_section",
  "previous_section",
  "source",
  "yank",
  "copy",
  "retry",
  "stop_section",
  "stop",
  "close",
  "help",
}

--- The words in the language of a panel's run.
---@param buf integer
---@return kaizodo.Words
local function words_of(buf)
  local run = sections.run(buf)
  return lang.words(run and run.lang)
end

---@param words kaizodo.Words
---@return { lhs: string, name: string, desc: string }[]
local function in_force(words)
  local keys = config.get().keys or {}
  local list = {}
  for _, name in ipairs(order) do
    if keys[name] then
      list[#list + 1] = { lhs = keys[name], name = name, desc = words["key_" .. name] }
    end
  end
  return list
end

--- Maps the keys in a panel's buffer.
---@param buf integer
function M.map(buf)
  for _, key in ipairs(in_force(words_of(buf))) do
    vim.keymap.set("n", key.lhs, M.actions[key.name], {
      buffer = buf,
      nowait = true,
      silent = true,
      desc = key.desc,
    })
  end
end

--- Shows the keys in a float.
function M.help()
  local words, width = words_of(0), 0
  local keys = in_force(words)
  for _, key in ipairs(keys) do
    width = math.max(width, vim.fn.strdisplaywidth(key.lhs))
  end
  local lines = vim.tbl_map(function(key)
    local pad = (" "):rep(width - vim.fn.strdisplaywidth(key.lhs))
    return (" %s%s  %s "):format(key.lhs, pad, key.desc)
  end, keys)
  local win = require("kaizodo.float").open(lines, words.name)
  local buf = vim.api.nvim_win_get_buf(win)
  for row, key in ipairs(keys) do
    vim.hl.range(buf, M.namespace, "Special", { row - 1, 1 }, { row - 1, 1 + #key.lhs })
  end
end

M.namespace = vim.api.nvim_create_namespace("kaizodo.keys")

return M
