--- What is drawn over a panel's text: states, closing lines in the background, the winbar.

local config = require("kaizodo.config")
local lang = require("kaizodo.lang")
local run_of = require("kaizodo.run")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

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

--- Writes a panel window's winbar: the title, how many sections have ended, the two main keys.
---@param win integer
function M.winbar(win)
  local settings = config.get()
  if not settings.panel.winbar then
    return
  end
  local buf = vim.api.nvim_win_get_buf(win)
  local run = sections.run(buf)
  local words = lang.words(run and run.lang)
  local bar = "%#KaizodoTitle# " .. shown(uri_of.title(vim.api.nvim_buf_get_name(buf)))
  if run and #run.sections > 0 then
    bar = bar .. ("%%#KaizodoKey#  %d/%d "):format(run_of.count(run))
  end
  bar = bar .. "%=%#KaizodoKey#"
  local keys = settings.keys or {}
  if keys.stop and run and not run.outcome then
    bar = bar .. ("%s %s  "):format(shown(keys.stop), words.stop)
  end
  if keys.help then
    bar = bar .. ("%s %s "):format(shown(keys.help), words.keys)
  end
  vim.wo[win][0].winbar = bar
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
