--- The views as folds, in windows that show a panel whose focus is there to be read first.

local config = require("kaizodo.config")
local lang = require("kaizodo.lang")
local run_of = require("kaizodo.run")
local sections = require("kaizodo.sections")

local M = {}

--- Window → panel → whether the views have become folds there. It is decided once, so that what
--- the reader opens stays open.
---@type table<integer, table<integer, boolean>>
local decided = {}

--- Whether a section is a view, in a run that has a focus.
---@param run? kaizodo.Run
---@param section? { branch?: string }
---@return boolean
local function is_view(run, section)
  return run ~= nil
    and section ~= nil
    and run_of.focus(run) ~= nil
    and run_of.is_view(run, section.branch)
end

--- Whether a section is a fold once its run has ended: a view, or any where there is no focus.
---@param run? kaizodo.Run
---@param section { branch?: string }
---@return boolean
local function is_foldable(run, section)
  return run ~= nil and (run_of.focus(run) == nil or is_view(run, section))
end

--- 'foldexpr': each view is a fold; the panel's head and the focus are none. Where there is no
--- focus, each section is one.
---@return string
function M.level()
  local section = sections.around(0, vim.v.lnum - 1)
  if not section or not is_foldable(sections.run(0), section) then
    return "0"
  end
  return section.first == vim.v.lnum - 1 and ">1" or "1"
end

--- A line without the signs that Neovim would conceal.
---@param line string
---@return string
local function plain(line)
  return (line:gsub("%*%*", ""):gsub("`", ""):gsub("\\(%p)", "%1"))
end

--- How the panel's own lines begin, and whether they tell more than the state.
local own = { ["_… "] = false, ["↻ "] = false, ["■ "] = false, ["✗ "] = true, ["⚠ "] = true }

--- What there is to read in a view: its first line.
---@param lines string[] From its heading on.
---@return string
local function gist(lines)
  local line = vim.iter(lines):skip(1):find(function(line)
    return line ~= ""
  end) or ""
  for sign, tells in pairs(own) do
    if vim.startswith(line, sign) then
      line = tells and line:sub(#sign + 1) or ""
    end
  end
  return plain(line)
end

--- 'foldtext': the heading, the state, and the view's first line.
---@return string|[string, string][]
function M.text()
  local first, last = vim.v.foldstart, vim.v.foldend
  local lines = vim.api.nvim_buf_get_lines(0, first - 1, math.min(last, first + 8), false)
  local title = plain((lines[1]:gsub("^## ", "", 1)))
  local chunks = { { "▸ " .. title, "@markup.heading.2.markdown" } }
  local run, section = sections.run(0), sections.around(0, first - 1)
  if run and section and section.branch and config.get().states then
    local sign, text, group = run_of.describe(run, section.branch, lang.words(run.lang))
    chunks[2] = { (" %s %s"):format(sign, text), group }
  end
  chunks[#chunks + 1] = { "  " .. gist(lines), "KaizodoFolded" }
  return chunks
end

local LEVEL = "v:lua.require'kaizodo.fold'.level()"

--- Whether the views have become folds in a window; nil where that is open. A window that was split
--- from another, or shows the panel again, has Neovim's memory of them.
---@param win integer
---@return boolean?
local function is_decided(win)
  local buf = vim.api.nvim_win_get_buf(win)
  decided[win] = decided[win] or {}
  if decided[win][buf] == nil and vim.wo[win].foldexpr == LEVEL then
    decided[win][buf] = true
  end
  return decided[win][buf]
end

--- Sets a window's options, for as long as it shows this panel.
---@param win integer
function M.dress(win)
  local wo = vim.wo[win][0]
  if not is_decided(win) then
    -- An expression over a growing text costs more with every line.
    wo.foldmethod = "manual"
    return
  elseif vim.wo[win].foldexpr == LEVEL and vim.wo[win].foldmethod == "expr" then
    -- Setting 'foldlevel' would open what is closed.
    return
  end
  wo.foldlevel = 99
  wo.foldminlines = 1
  wo.foldenable = true
  wo.foldtext = "v:lua.require'kaizodo.fold'.text()"
  wo.foldexpr = LEVEL
  wo.foldmethod = "expr"
end

--- Makes folds of the sections in one window; closes those of the views where `close` says so and its
--- reader is in none of them.
---@param win integer
---@param run kaizodo.Run
---@param close boolean
local function fold(win, run, close)
  local buf = vim.api.nvim_win_get_buf(win)
  decided[win][buf] = true
  M.dress(win)
  if not close then
    return
  end
  local row = vim.api.nvim_win_get_cursor(win)[1] - 1
  if is_view(run, sections.around(buf, row)) then
    return
  end
  vim.api.nvim_win_call(win, function()
    for _, section in ipairs(sections.list(buf, run)) do
      if is_view(run, section) then
        vim.cmd(("silent! %dfoldclose"):format(section.first + 1))
      end
    end
  end)
end

--- Makes folds where it is time: once the run has ended. The views are closed once the focus is
--- complete; one that is complete after a retry only closes nothing, since the reader is among the
--- views by then.
---@param buf integer
---@param run? kaizodo.Run
function M.update(buf, run)
  if not run or not sections.are_placed(buf) or not config.get().fold_views then
    return
  end
  local focus = run_of.focus(run)
  local closes = focus ~= nil and run.branches[focus].state == "done"
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    if is_decided(win) == nil and (closes or run.ended) then
      fold(win, run, closes)
    end
  end
end

--- A window is closed.
---@param win integer
function M.forget(win)
  decided[win] = nil
end

--- A buffer is filled anew: its folds went with its text.
---@param buf integer
function M.renew(buf)
  for _, panels in pairs(decided) do
    panels[buf] = nil
  end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    vim.wo[win][0].foldexpr = "0"
    M.dress(win)
  end
end

return M
