--- The sections of a panel: where they are, and what stands in them.

local run_of = require("kaizodo.run")
local uri_of = require("kaizodo.uri")

local M = {}

---@class kaizodo.Section
---@field title string
---@field branch? string
---@field first integer The heading's row, from 0.
---@field last integer The row after the section's last.
---@field whole boolean Whether nothing is missing as far as is known: no line says why.
---@field older boolean Whether its last line names views that have come since.

local namespace = vim.api.nvim_create_namespace("kaizodo.sections")

--- Keeps where the server says that the sections begin. From here on the places move with the
--- text. Headings are not looked for: an answer may hold what looks like one.
---@param buf integer
---@param headings { branch: string, line: integer }[]
function M.place(buf, headings)
  vim.api.nvim_buf_clear_namespace(buf, namespace, 0, -1)
  local branches = {}
  for id, heading in ipairs(headings) do
    branches[id] = heading.branch
    vim.api.nvim_buf_set_extmark(buf, namespace, heading.line, 0, { id = id, strict = false })
  end
  vim.b[buf].kaizodo_branches = branches
end

--- Whether the server has named any section of this text.
---@param buf integer
---@return boolean
function M.are_placed(buf)
  return #(vim.b[buf].kaizodo_branches or {}) > 0
end

--- Whether a text whose sections the server has named has got one since then.
---@param buf integer
---@param run kaizodo.Run
---@return boolean
function M.are_more(buf, run)
  local branches = vim.b[buf].kaizodo_branches or {}
  return #branches > 0 and #run.sections > #branches
end

--- The headings of a preview. All that is not the server's own stands in fences of backticks that
--- are longer than any within.
---@param buf integer
---@return { row: integer }[]
local function of_preview(buf)
  local headings, open = {}, nil
  for index, line in ipairs(vim.api.nvim_buf_get_lines(buf, 0, -1, false)) do
    if open then
      open = line ~= open and open or nil
    else
      open = line:match("^(```+)")
    end
    if not open and vim.startswith(line, "## ") then
      headings[#headings + 1] = { row = index - 1 }
    end
  end
  return headings
end

---@param buf integer
---@return { row: integer, branch?: string }[]
local function headings_of(buf)
  if not uri_of.run(vim.api.nvim_buf_get_name(buf)) then
    return of_preview(buf)
  end
  local branches = vim.b[buf].kaizodo_branches or {}
  return vim.tbl_map(function(mark)
    return { row = mark[2], branch = branches[mark[1]] }
  end, vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, {}))
end

--- The panel's sections in their order.
---@param buf integer
---@param run? kaizodo.Run
---@return kaizodo.Section[]
function M.list(buf, run)
  local headings = headings_of(buf)
  local sections = {}
  for index, heading in ipairs(headings) do
    local row, following = heading.row, headings[index + 1]
    local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1] or ""
    local state = run and run.branches[heading.branch]
    sections[index] = {
      title = line:gsub("^## ", "", 1),
      branch = heading.branch,
      first = row,
      last = following and following.row or vim.api.nvim_buf_line_count(buf),
      whole = state ~= nil and not run_of.is_incomplete(state),
      older = run ~= nil and #run_of.newer(run, heading.branch) > 0,
    }
  end
  return sections
end

--- The run of a panel's buffer.
---@param buf integer
---@return kaizodo.Run?
function M.run(buf)
  local id = uri_of.run(vim.api.nvim_buf_get_name(buf))
  return id and require("kaizodo.runs").get(id)
end

--- The section of a panel around a row: its branch, and the row of its heading.
---@param buf integer
---@param row integer From 0.
---@return { branch: string, first: integer }? section Nil above the first.
function M.around(buf, row)
  local mark = vim.api.nvim_buf_get_extmarks(buf, namespace, { row, -1 }, 0, { limit = 1 })[1]
  local branch = mark and (vim.b[buf].kaizodo_branches or {})[mark[1]]
  return branch and { branch = branch, first = mark[2] }
end

--- The section under the cursor of a panel's window.
---@param win? integer Without one, the current window.
---@return kaizodo.Section?
function M.here(win)
  local buf = vim.api.nvim_win_get_buf(win or 0)
  local row = vim.api.nvim_win_get_cursor(win or 0)[1] - 1
  return vim.iter(M.list(buf, M.run(buf))):find(function(section)
    return section.first <= row and row < section.last
  end)
end

--- The row of a section's line, counted from the first of its answer.
---@param buf integer
---@param branch string
---@param line integer From 0.
---@return integer? row Nil where the panel has no such section.
function M.row(buf, branch, line)
  local section = vim.iter(M.list(buf)):find(function(section)
    return section.branch == branch
  end)
  -- A blank line stands below the heading.
  return section and math.min(section.first + 2 + line, section.last - 1)
end

--- Moves the cursor to a row of the current window, so that <C-o> leads back.
---@param row integer From 0.
function M.go(row)
  vim.cmd.normal({ "m'", bang = true })
  vim.api.nvim_win_set_cursor(0, { row + 1, 0 })
end

--- Moves the cursor to the heading `count` sections on, or back where negative.
---@param count integer
function M.jump(count)
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  local rows = vim.tbl_map(function(section)
    return section.first
  end, M.list(0))
  local target ---@type integer?
  if count > 0 then
    local ahead = vim.tbl_filter(function(first)
      return first > row
    end, rows)
    target = ahead[math.min(count, #ahead)]
  else
    local behind = vim.tbl_filter(function(first)
      return first < row
    end, rows)
    target = behind[math.max(#behind + count + 1, 1)]
  end
  if target then
    M.go(target)
    vim.cmd.normal({ "zt", bang = true })
  end
end

--- Whether a line is one that the panel ends a running section with, or tells the model, the
--- tokens, the time and how it was asked with. No line of an answer looks so: the server makes a
--- quotation of one that would.
---@param line string
---@return boolean
local function is_closing(line)
  return line:match("^_.*_$") ~= nil
    or vim.startswith(line, "↻ ")
    or line:match("^`[^`]+` · ") ~= nil
    or line:match("^%d+%.%d %S+$") ~= nil
end

--- The highlight of a line that tells why a section is not complete, by its mark.
local reasons = {
  ["✗ "] = "KaizodoStateFailed",
  ["⚠ "] = "KaizodoStateIncomplete",
  ["■ "] = "KaizodoStateCancelled",
}

---@param line string
---@return string? group Nil for any other line.
local function reason(line)
  for mark, group in pairs(reasons) do
    if vim.startswith(line, mark) then
      return group
    end
  end
end

--- The panel's own lines at the end of a section.
---@param buf integer
---@param section kaizodo.Section
---@return { row: integer, group: string }[] closing From the last row upwards.
---@return string[] answer What stands above them, heading not included.
function M.take_apart(buf, section)
  local lines = vim.api.nvim_buf_get_lines(buf, section.first + 1, section.last, false)
  local closing = {}
  local function trim()
    while lines[#lines] == "" do
      lines[#lines] = nil
    end
  end
  for _, group_of in ipairs({
    -- What the whole run came to stands behind the last section.
    function(line)
      return vim.startswith(line, "Σ ") and "KaizodoClosing"
    end,
    function(line)
      return section.older and vim.startswith(line, "↻ ") and "KaizodoStateOlder"
    end,
    function(line)
      return is_closing(line) and "KaizodoClosing"
    end,
    function(line)
      return not section.whole and reason(line)
    end,
  }) do
    trim()
    local group = lines[#lines] and group_of(lines[#lines])
    if group then
      closing[#closing + 1] = { row = section.first + #lines, group = group }
      lines[#lines] = nil
    end
  end
  trim()
  return closing, lines
end

--- The text of a section as it stands in the panel, without its heading and closing lines.
---@param buf integer
---@param section kaizodo.Section
---@return string
function M.text(buf, section)
  local _, lines = M.take_apart(buf, section)
  while lines[1] == "" do
    table.remove(lines, 1)
  end
  return table.concat(lines, "\n")
end

return M
