--- What is drawn over a panel's text: states, closing lines in the background, the winbar.

local config = require("kaizodo.config")
local lang = require("kaizodo.lang")
local run_of = require("kaizodo.run")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

--- Winbar columns reserved for the counts of states, and the minimum width of the title.
local COUNTS_WIDTH, TITLE_WIDTH = 12, 8

local namespace = vim.api.nvim_create_namespace("kaizodo.states")

---@param buf integer
---@param row integer
---@param opts vim.api.keyset.set_extmark
local function mark(buf, row, opts)
  vim.api.nvim_buf_set_extmark(buf, namespace, row, 0, opts)
end

--- What stands behind a heading: the state, what the section is older than, and the key that asks
--- it again where that helps.
---@param run kaizodo.Run
---@param section kaizodo.Section
---@param words kaizodo.Words
---@return [string, string][]
local function state_of(run, section, words)
  local branch = run.branches[section.branch]
  local sign, text, group = run_of.describe(run, section.branch, words)
  local chunks = { { (" %s %s"):format(sign, text), group } }
  local age = run_of.describe_age(run, section.branch, words)
  if age then
    -- In a narrow window there is no room for more.
    chunks[1][1] = branch.state == "done" and " " .. sign or chunks[1][1]
    chunks[2] = { "  ↻ " .. age, "KaizodoStateOlder" }
  end
  local keys = config.get().keys
  if keys and keys.retry and (age or run_of.is_incomplete(branch)) then
    local why = branch.state == "on_demand" and words.write or words.retry
    chunks[#chunks + 1] = { ("  %s %s"):format(keys.retry, why), "KaizodoKey" }
  end
  return chunks
end

--- Puts the states behind the headings, and the panel's own lines into the background.
---@param document kaizodo.Document
function M.decorate(document)
  local buf = document.buf
  local run = sections.run(buf)
  local words = lang.words(run and run.lang)
  local states = run and config.get().states
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  for _, section in ipairs(sections.list(buf, run)) do
    -- Above tree-sitter's own highlights, which have 100.
    mark(buf, section.first, {
      end_row = section.first + 1,
      hl_group = "@markup.heading.2.markdown",
      priority = 150,
      strict = false,
    })
    if states and section.branch then
      mark(buf, section.first, {
        virt_text = state_of(run, section, words),
        virt_text_pos = "eol",
      })
    end
    for _, line in ipairs((sections.take_apart(buf, section))) do
      mark(buf, line.row, {
        end_row = line.row + 1,
        hl_group = line.group,
        priority = 150,
        strict = false,
      })
    end
  end
  require("kaizodo.fold").update(buf, run)
end

---@param key string
---@return string
local function shown(key)
  return (key:gsub("%%", "%%%%"))
end

---@param sign string
---@param group string
---@return string
local function colored(sign, group)
  return ("%%#%s#%s"):format(group, sign)
end

--- The states of a run in one line: of each section by its title where there is room, else by the
--- title's first letter, else the marks alone, in the panel's order; of a run that is over, how often
--- each mark is there.
---@param run kaizodo.Run
---@param width integer
---@return string
local function states_of(run, width)
  local words = lang.words(run.lang)
  local marks, seen, counts = {}, {}, {}
  local titles, initials = { gap = "  " }, { gap = " " }
  for _, section in ipairs(run.sections) do
    local sign, _, group = run_of.describe(run, section.branch, words)
    titles[#titles + 1] = { section.title .. " ", sign, group }
    initials[#initials + 1] = { vim.fn.strcharpart(section.title, 0, 1, true), sign, group }
    marks[#marks + 1] = colored(sign, group)
    if not counts[sign] then
      seen[#seen + 1] = { sign, group }
    end
    counts[sign] = (counts[sign] or 0) + 1
  end
  for _, parts in ipairs({ titles, initials }) do
    local room, line = 0, {}
    for index, part in ipairs(parts) do
      room = room + vim.fn.strdisplaywidth(part[1] .. part[2] .. parts.gap)
      line[index] = ("%%#KaizodoKey#%s%s"):format(shown(part[1]), colored(part[2], part[3]))
    end
    if room <= width then
      return table.concat(line, parts.gap)
    end
  end
  if not run.outcome then
    return table.concat(marks)
  end
  return table.concat(vim.tbl_map(function(mark)
    return colored(("%d %s"):format(counts[mark[1]], mark[1]), mark[2])
  end, seen), " ")
end

--- Writes a panel window's winbar: the title, the states of the sections, the two main keys.
---@param win integer
function M.winbar(win)
  local settings = config.get()
  if not settings.panel.winbar then
    return
  end
  local buf = vim.api.nvim_win_get_buf(win)
  local run = sections.run(buf)
  local words = lang.words(run and run.lang)
  local title, hints = uri_of.title(vim.api.nvim_buf_get_name(buf)), ""
  local keys = settings.keys or {}
  if keys.stop and run and not run.outcome then
    hints = hints .. ("%s %s  "):format(keys.stop, words.stop)
  end
  if keys.help then
    hints = hints .. ("%s %s "):format(keys.help, words.keys)
  end
  local left = vim.api.nvim_win_get_width(win) - vim.fn.strdisplaywidth(hints) - 5
  local states = run and (run.outcome and COUNTS_WIDTH or #run.sections) or 0
  title = require("kaizodo.width").cut(title, math.max(left - states, TITLE_WIDTH))
  local bar = "%#KaizodoTitle# " .. shown(title)
  if run and #run.sections > 0 then
    bar = bar .. "  " .. states_of(run, left - vim.fn.strdisplaywidth(title))
  end
  -- In a window of one line there is no room for it.
  pcall(function()
    vim.wo[win][0].winbar = bar .. "%=%#KaizodoKey#" .. shown(hints)
  end)
end

--- Shows a run's new state in its panels.
---@param run kaizodo.Run
function M.run_changed(run)
  local documents = require("kaizodo.document")
  for _, document in ipairs(documents.of_run(run.id)) do
    if document.filled then
      M.decorate(document)
      for _, win in ipairs(vim.fn.win_findbuf(document.buf)) do
        M.winbar(win)
        require("kaizodo.window").wrap(win, run.lang)
      end
      documents.highlight(document, run.outcome == nil)
    end
  end
end

return M
