--- The sections of a panel: where they are, and what stands in them.

local uri_of = require("kaizodo.uri")

local M = {}

---@class kaizodo.Section
---@field title string
---@field branch? string
---@field first integer The heading's row, from 0.
---@field last integer The row after the section's last.

--- Follows a code block over one line. The panel's own fences all stand in column 0.
---@param line string
---@param open? string The fence that is open.
---@return string? open The fence that is open after the line.
local function fence(line, open)
  -- What follows backticks names the language, and holds none itself.
  local mark = line:match("^(```+)[^`]*$") or line:match("^~~~+")
  if not open then
    return mark
  end
  local closes = mark and vim.startswith(mark, open) and line:match("^[`~]+%s*$")
  return not closes and open or nil
end

--- The panel's sections in their order. Code blocks hold none.
---@param buf integer
---@param run? kaizodo.Run
---@return kaizodo.Section[]
function M.list(buf, run)
  local sections, open = {}, nil
  local lines = vim.api.nvim_buf_get_lines(buf, 0, -1, false)
  for index, line in ipairs(lines) do
    open = fence(line, open)
    local title = not open and line:match("^## (.*)$")
    if title then
      local known = run and run.sections[#sections + 1]
      sections[#sections + 1] =
        { title = title, branch = known and known.branch, first = index - 1, last = #lines }
    end
  end
  for index = 1, #sections - 1 do
    sections[index].last = sections[index + 1].first
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

--- The section under the cursor of the current window.
---@return kaizodo.Section?
function M.here()
  local row = vim.api.nvim_win_get_cursor(0)[1] - 1
  return vim.iter(M.list(0, M.run(0))):find(function(section)
    return section.first <= row and row < section.last
  end)
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
    vim.cmd.normal({ "m'", bang = true })
    vim.api.nvim_win_set_cursor(0, { target + 1, 0 })
  end
end

--- Whether a line is one that the panel ends a running section with, or tells the model, the
--- tokens and the time with.
---@param line string
---@return boolean
local function is_closing(line)
  return line:match("^_.*_$") ~= nil
    or vim.startswith(line, "↻ ")
    or line:match("^`.+` · .*%d%.%d %S+$") ~= nil
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
    function(line)
      return is_closing(line) and "KaizodoClosing"
    end,
    reason,
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
