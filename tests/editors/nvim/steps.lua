--- What a reader does with a panel, for the tests of that.

local h = require("harness")

local M = {}

M.TEXT = "課題\n\n会議が長い。\n決まらない。\n"

M.TEXT_WITH_EMOJI = "課題\n\n会議が👨‍👩‍👧‍👦長い。\n決まらない。\n"

M.SCRIPT = {
  depth = { chunks = { "原因は`議題`にある。\n\n", "- D1 司会がいない\n- D2 議題が多い\n" } },
  breadth = { chunks = { "- B1 別の見方\n" } },
  question = { chunks = { "待っているのは来月の担当者。\n" } },
}

--- A panel whose depth and time are done, and whose other sections are as scripted.
---@param nvim Nvim
---@param script? table
function M.panel_done(nvim, script)
  nvim:script(vim.tbl_extend("force", {
    depth = { chunks = { "- D1 原因\n", "- D2 その原因\n" } },
    breadth = { chunks = { "- B1 別の見方\n" } },
    structure = { chunks = { "- S1 部分\n" } },
    time = { chunks = { "- T1 経過\n" } },
  }, script or {}))
  nvim:open("a.md", M.TEXT_WITH_EMOJI)
  nvim:choose("解像度")
  nvim:type("3G0fがvj$gra")
  nvim:panel_has("- D2 その原因", "- T1 経過")
  nvim:enter_panel()
end

--- Waits until all runs are over, and the last edit is there.
---@param nvim Nvim
---@param count? integer How many runs there are.
function M.over(nvim, count)
  nvim:over(count)
end

--- What is said from now on.
---@param nvim Nvim
function M.listen(nvim)
  nvim:lua([[
    _G.said = {}
    vim.notify = function(message, level) table.insert(_G.said, { message, level }) end
  ]])
end

---@param nvim Nvim
---@param pattern string
---@return string
function M.hears(nvim, pattern)
  return h.eventually(pattern, function()
    return vim.iter(nvim:lua([[return _G.said]])):map(function(said)
      return said[1]:find(pattern) and said[1]
    end):next()
  end)
end

--- A run of two views about lines 3 and 4 of a file; the cursor is in its panel.
---@param nvim Nvim
---@param name? string
---@param text? string
---@param script? table
function M.panel(nvim, name, text, script)
  nvim:script(vim.tbl_extend("force", M.SCRIPT, script or {}))
  nvim:open(name or "a.md", text or M.TEXT)
  nvim:lua([[vim.cmd("3,4Kaizodo run depth breadth")]])
  nvim:panel_has("- D2 議題が多い", "- B1 別の見方")
  M.over(nvim)
  nvim:enter_panel()
end

--- Moves the cursor to the first line with these words, as soon as there is one.
---@param nvim Nvim
---@param words string
function M.at(nvim, words)
  local found = pcall(h.eventually, words, function()
    return nvim:lua([[return vim.fn.search(..., "cw")]], "\\V" .. words) > 0
  end)
  assert(found, words .. " is not in\n" .. nvim:describe())
end

--- Answers the next prompt, and remembers it.
---@param nvim Nvim
---@param answer string|nil
function M.answer(nvim, answer_)
  nvim:lua(
    [[
    local answer = ...
    vim.ui.input = function(opts, on_confirm)
      _G.prompt = opts.prompt
      on_confirm(answer)
    end
  ]],
    answer_
  )
end

--- The text of the current window's buffer.
---@param nvim Nvim
---@return string
function M.text(nvim)
  return nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
end

--- Where the cursor is: the file or panel, and the line.
---@param nvim Nvim
---@return string name
---@return string line
function M.place(nvim)
  return unpack(nvim:lua([[
    local name = vim.api.nvim_buf_get_name(0)
    local uri = require("kaizodo.uri")
    name = uri.is_panel(name) and uri.run(name) or vim.fs.basename(name)
    return { name, vim.api.nvim_get_current_line() }
  ]]))
end

return M
