--- The keys of a panel, and what they do.

local answer = require("kaizodo.answer")
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

---@type table<string, fun()>
M.actions = {
  next_section = function()
    sections.jump(vim.v.count1)
  end,
  previous_section = function()
    sections.jump(-vim.v.count1)
  end,
  close = function()
    if pcall(vim.cmd.close) then
      return
    end
    -- The last window cannot be closed: it shows what was there before. With "!" even one that is
    -- kept for the panel does.
    local before = vim.fn.bufnr("#")
    if before > 0 and vim.fn.buflisted(before) == 1 then
      vim.cmd.buffer({ before, bang = true })
    else
      vim.cmd.enew({ bang = true })
    end
  end,
  source = function()
    local run = run_here()
    if run then
      require("kaizodo.source").open(run, (sections.run(0) or {}).source)
    end
  end,
  parent = function()
    local origin = (sections.run(0) or {}).origin
    if not origin then
      return M.actions.source()
    end
    require("kaizodo").open(origin.run, function(buf)
      require("kaizodo.document").when_filled(buf, function()
        local row = sections.row(buf, origin.branch, origin.range.start.line)
        if row and vim.api.nvim_get_current_buf() == buf then
          sections.go(row)
          vim.cmd.normal({ "zv", bang = true })
        end
      end)
    end)
  end,
  zoom = function()
    require("kaizodo").run()
  end,
  ask = function()
    answer.ask()
  end,
  ask_all = function()
    answer.ask({ all = true })
  end,
  insert_below = function()
    answer.insert({ at = "below" })
  end,
  insert_above = function()
    answer.insert({ at = "above" })
  end,
  yank = function()
    require("kaizodo.export").yank()
  end,
  copy = function()
    require("kaizodo").copy()
  end,
  keep = function()
    answer.mark("keep")
  end,
  drop = function()
    answer.mark("drop")
  end,
  unmark = function()
    answer.mark("none")
  end,
  comment = function()
    answer.comment()
  end,
  revise = function()
    answer.revise()
  end,
  retry = function()
    answer.retry()
  end,
  earlier = function()
    answer.earlier()
  end,
  stop_section = function()
    answer.stop()
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
  "parent",
  "zoom",
  "ask",
  "ask_all",
  "insert_below",
  "insert_above",
  "yank",
  "copy",
  "keep",
  "drop",
  "unmark",
  "comment",
  "revise",
  "retry",
  "earlier",
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

--- The keys in their order. One that the user has chosen for something does nothing else.
---@param words kaizodo.Words
---@return { lhs: string, name: string, desc: string }[]
local function in_force(words)
  local keys = config.get().keys or {}
  local list, chosen = {}, {}
  for name, lhs in pairs(keys) do
    if lhs and lhs ~= config.defaults.keys[name] then
      chosen[vim.keycode(lhs)] = true
    end
  end
  for _, name in ipairs(order) do
    local is_default = keys[name] == config.defaults.keys[name]
    if keys[name] and not (is_default and chosen[vim.keycode(keys[name])]) then
      list[#list + 1] = { lhs = keys[name], name = name, desc = words["key_" .. name] }
    end
  end
  return list
end

--- The keys that work on a Visual selection, too.
local visual = { zoom = true }

--- Whether a key still does in a panel's buffer what it was mapped to.
---@param buf integer
---@param mode string
---@param key { lhs: string, name: string }
---@return boolean
local function is_ours(buf, mode, key)
  return vim.api.nvim_buf_call(buf, function()
    return vim.fn.maparg(key.lhs, mode, false, true).callback == M.actions[key.name]
  end)
end

--- Maps the keys in a panel's buffer, and describes them in the language of its run. That may be
--- known only later: then they are mapped once more, but for those that the user has mapped over since.
---@param buf integer
---@param again? boolean
function M.map(buf, again)
  for _, key in ipairs(in_force(words_of(buf))) do
    for _, mode in ipairs(visual[key.name] and { "n", "x" } or { "n" }) do
      if not again or is_ours(buf, mode, key) then
        vim.keymap.set(mode, key.lhs, M.actions[key.name], {
          buffer = buf,
          nowait = true,
          silent = true,
          desc = key.desc,
        })
      end
    end
  end
end

--- Keys that share a line of the list, by what is said of all.
local groups = {
  key_sections = { "next_section", "previous_section" },
  key_asks = { "ask", "ask_all" },
  key_inserts = { "insert_below", "insert_above" },
  key_marks = { "keep", "drop", "unmark" },
}

--- The lines of the list: 24 rows of a screen have room for all of them.
---@param words kaizodo.Words
---@return { lhs: string, desc: string }[]
local function lines_of(words)
  local keys, by_name, lines = in_force(words), {}, {}
  for _, key in ipairs(keys) do
    by_name[key.name] = key
    lines[#lines + 1] = key
  end
  for desc, names in pairs(groups) do
    local members = vim.iter(names):map(function(name)
      return by_name[name]
    end):totable()
    -- With one of them switched off, each says for itself what it does.
    if #members == #names then
      members[1].desc = words[desc]
      members[1].lhs = vim.iter(members):map(function(key)
        return key.lhs
      end):join(" ")
      lines = vim.tbl_filter(function(key)
        return key == members[1] or not vim.list_contains(members, key)
      end, lines)
    end
  end
  return lines
end

--- Shows the keys in a float.
function M.help()
  local words, width = words_of(0), 0
  local keys = lines_of(words)
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
