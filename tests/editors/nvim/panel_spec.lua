local h, steps = require("harness"), require("steps")
local it, eq = h.it, h.eq
local panel, TEXT = steps.panel_done, steps.TEXT_WITH_EMOJI

---@param nvim Nvim
---@param section string
local function go_to(nvim, section)
  nvim:lua([[vim.fn.search("^## " .. ..., "w")]], section)
end

---@param nvim Nvim
---@return string
local function line(nvim)
  return nvim:lua([[return vim.api.nvim_get_current_line()]])
end

it("moves from section to section", function(nvim)
  panel(nvim)
  nvim:type("gg]]")
  eq("## 深さ", line(nvim))
  nvim:type("2]]")
  eq("## 構造", line(nvim))
  nvim:type("9]]")
  eq("## 時間", line(nvim))
  nvim:type("[[")
  eq("## 構造", line(nvim))
  nvim:type("9[[")
  eq("## 深さ", line(nvim))
end)

it("is not led astray by a heading inside a code block", function(nvim)
  panel(
    nvim,
    { depth = { chunks = { "- D1 原因\n- D2 その原因\n```md\n", "## 中\n```\n" } } }
  )
  nvim:type("gg]]]]")
  eq("## 広さ", line(nvim))
end)

--- An answer in whose code block lines look as if they ended it and began another section.
local FORGED = {
  "- D1 原因\n- D2 その原因\n```md\n",
  "```~\n## 偽\n\n偽の答え\n``` `\n## 広さ\n",
  "~~~\n## 構造\n```\n",
  "✗ D3 中身\n",
}

---@param nvim Nvim
---@return string[]
local function headings(nvim)
  nvim:type("gg")
  local seen = {}
  for _ = 1, 4 do
    nvim:type("]]")
    seen[#seen + 1] = line(nvim)
  end
  return seen
end

it("takes nothing in an answer for a section", function(nvim)
  panel(nvim, { depth = { chunks = FORGED }, breadth = { chunks = { "二" }, hang = true } })
  nvim:panel_has("偽の答え", "D3 中身", "- S1 部分")
  h.eventually("the states", function()
    local states = nvim:states()
    return #states == 4 and states[2] == "## 広さ ● 1 字" and states[4]:find("✓", 1, true)
  end)
  local all = { "## 深さ", "## 広さ", "## 構造", "## 時間" }
  eq(all, headings(nvim))
  -- What the answer says last is its own, whatever it begins with.
  nvim:type("gg]]gy")
  local yanked = nvim:until_lua("the copy", [[return vim.fn.getreg('"') ~= "" and vim.fn.getreg('"')]])
  assert(yanked:find("✗ D3 中身$") and yanked:find("## 偽", 1, true), yanked)
  -- The key means the section that the cursor is in.
  nvim:type("]]x")
  h.eventually("the end of the second", function()
    return (nvim:states()[2] or ""):find("■", 1, true)
  end)
  nvim:ended()
  nvim:script({ depth = { chunks = FORGED } })
  local before = #nvim:log("request")
  nvim:type("gg]]r")
  h.eventually("the second request", function()
    return #nvim:log("request") > before
  end)
  nvim:panel_has("✗ D3 中身")
  nvim:ended()
  eq(all, headings(nvim))
  eq(4, #nvim:states())
  -- Read anew, the panel is told the same.
  nvim:lua([[vim.cmd("bwipeout! " .. vim.api.nvim_get_current_buf())]])
  nvim:lua([[vim.cmd("Kaizodo open")]])
  nvim:panel_has("偽の答え", "- T1 経過")
  nvim:enter_panel()
  eq(all, headings(nvim))
  eq(4, #nvim:states())
end)

it("copies a section without its heading and its closing line", function(nvim)
  panel(nvim)
  nvim:panel_has("`scripted` · 120")
  nvim:ended()
  nvim:type("gg]]jjgy")
  nvim:register("- D1 原因\n- D2 その原因")
end)

it("copies to the clipboard too, where there is one", function(nvim)
  nvim:lua([[
    local function copy(lines) _G.clipboard = lines end
    local function paste() return { _G.clipboard, "v" } end
    vim.g.clipboard = {
      name = "test",
      copy = { ["+"] = copy, ["*"] = copy },
      paste = { ["+"] = paste, ["*"] = paste },
    }
  ]])
  panel(nvim)
  nvim:ended()
  go_to(nvim, "広さ")
  nvim:type("gy")
  eq({ "- B1 別の見方" }, nvim:until_lua("the clipboard", "return _G.clipboard"))
end)

it("copies what has come of a section that is still written, or was stopped", function(nvim)
  panel(nvim, { breadth = { chunks = { "途中\n" }, hang = true } })
  nvim:panel_has("途中")
  go_to(nvim, "広さ")
  nvim:type("gy")
  nvim:register("途中")
  nvim:lua([[vim.fn.setreg('"', "")]])
  nvim:type("x")
  nvim:panel_has("■")
  go_to(nvim, "広さ")
  nvim:type("gy")
  nvim:register("途中")
end)

--- The buffer of the current window, and how its window looks.
---@param nvim Nvim
---@return { text: string, name: string, type: string, filetype: string, listed: boolean, modifiable: boolean, winbar: string, expr: string, conceal: integer }
local function current(nvim)
  return nvim:lua([[
    return {
      text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n"),
      name = vim.api.nvim_buf_get_name(0),
      type = vim.bo.buftype,
      filetype = vim.bo.filetype,
      listed = vim.bo.buflisted,
      modifiable = vim.bo.modifiable,
      winbar = vim.wo.winbar,
      expr = vim.wo.foldexpr,
      conceal = vim.wo.conceallevel,
    }
  ]])
end

it("copies the answers into an ordinary buffer, to be changed and written", function(nvim)
  panel(nvim)
  nvim:over()
  local panel_text = nvim:panel()
  nvim:type("gY")
  nvim:until_lua("the copy", [[return vim.api.nvim_buf_get_name(0) == ""]])
  local copied = current(nvim)
  local head, text = copied.text:match("^(# 解像度 · %S+\n\n`a.md:3–4` · %S+\n\n)(.*)$")
  assert(head, copied.text)
  eq(
    table.concat({
      "## 深さ\n\n- D1 原因\n- D2 その原因",
      "## 広さ\n\n- B1 別の見方",
      "## 構造\n\n- S1 部分",
      "## 時間\n\n- T1 経過",
    }, "\n\n"),
    text
  )
  text = head .. text
  eq({
    text = text,
    name = "",
    type = "",
    filetype = "markdown",
    listed = true,
    modifiable = true,
    winbar = "",
    expr = nvim:lua([[return vim.go.foldexpr]]),
    conceal = 0,
  }, copied)
  nvim:type("ggOmine<Esc>:write copy.md<CR>")
  local written = h.eventually("the file", function()
    local file = io.open(nvim.dir .. "/copy.md")
    return file and file:read("a")
  end)
  eq("mine\n" .. text .. "\n", written)
  eq(panel_text, nvim:panel())
end)

it("copies what has come of a run that goes on, from anywhere", function(nvim)
  panel(nvim, { breadth = { chunks = vim.fn["repeat"]({ "字" }, 80), delay_ms = 20, held = true } })
  nvim:panel_has("字字字")
  nvim:type("<C-w>p")
  nvim:lua([[vim.cmd("vertical Kaizodo copy")]])
  local copied = current(nvim)
  assert(copied.text:find("字字字", 1, true) and copied.text:find("- D2 その原因", 1, true), copied.text)
  assert(not copied.text:find(("字"):rep(80), 1, true), copied.text)
  eq(3, nvim:lua([[return #vim.api.nvim_list_wins()]]))
  nvim:release()
  nvim:panel_has(("字"):rep(80))
  eq(copied.text, current(nvim).text)
end)

it("asks about a copy; about a second without a name it says what to do", function(nvim)
  panel(nvim)
  nvim:ended()
  nvim:lua([[vim.notify = function(message) _G.said = message end]])
  nvim:lua([[vim.cmd("Kaizodo copy") _G.first = vim.api.nvim_get_current_win()]])
  nvim:attached()
  nvim:lua([[vim.cmd("Kaizodo copy")]])
  nvim:type("ggOtwo<Esc>:1Kaizodo run depth<CR>")
  local said = nvim:until_lua("what is said", "return _G.said")
  assert(said:find(":write", 1, true), said)
  nvim:type(":write two.md<CR>:1Kaizodo run depth<CR>")
  eq("two", nvim:selection(5))
  nvim:lua([[vim.api.nvim_set_current_win(_G.first)]])
  nvim:type("ggOone<Esc>:1Kaizodo run depth<CR>")
  eq("one", nvim:selection(6))
end)

it("copies a panel that no buffer holds any more", function(nvim)
  panel(nvim)
  nvim:ended()
  nvim:lua([[vim.cmd("bwipeout! " .. vim.api.nvim_get_current_buf())]])
  nvim:lua([[vim.cmd("Kaizodo copy")]])
  nvim:until_lua("the copy", [[return vim.bo.filetype == "markdown" and vim.api.nvim_buf_get_name(0) == ""]])
  local text = current(nvim).text
  assert(text:find("- D2 その原因", 1, true) and text:find("- T1 経過", 1, true), text)
end)

it("goes to the selection in its source", function(nvim)
  panel(nvim)
  nvim:type("gd")
  nvim:until_lua("the source", [[return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == "a.md"]])
  eq(
    { "a.md", 3, #"会議" },
    nvim:lua([[
    local row, col = unpack(vim.api.nvim_win_get_cursor(0))
    return { vim.fs.basename(vim.api.nvim_buf_get_name(0)), row, col }
  ]])
  )
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
end)

it("goes to the source in a new window where none shows it", function(nvim)
  panel(nvim)
  nvim:lua([[vim.cmd("only")]])
  nvim:type("gd")
  nvim:until_lua("the source", [[return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == "a.md"]])
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
end)

it("closes the window and lets the run go on", function(nvim)
  local chunks = vim.fn["repeat"]({ "字" }, 40)
  panel(nvim, { breadth = { chunks = chunks, delay_ms = 25, held = true } })
  nvim:type("q")
  eq(1, nvim:lua("return #vim.api.nvim_list_wins()"))
  nvim:until_lua("three of four", [[return require("kaizodo").status() == "kaizodo 3/4"]])
  nvim:release()
  nvim:panel_has(("字"):rep(40))
  nvim:lua([[vim.cmd("Kaizodo open")]])
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
  eq({}, nvim:log("closed"))
end)

it("closes even the last window", function(nvim)
  panel(nvim)
  nvim:lua([[vim.cmd("only")]])
  nvim:type("q")
  eq(nil, nvim:lua([[return vim.api.nvim_buf_get_name(0)]]):match("^kaizodo:"))
end)

it("stops one section and leaves the others alone", function(nvim)
  panel(nvim, {
    breadth = { chunks = { "二" }, hang = true },
    structure = { chunks = { "三" }, hang = true },
  })
  nvim:panel_has("二", "三")
  go_to(nvim, "広さ")
  nvim:type("x")
  h.eventually("one closed connection", function()
    return #nvim:log("closed") == 1
  end)
  eq("breadth", nvim:log("closed")[1].perspective)
  h.eventually("the states", function()
    local states = nvim:states()
    return states[2] == "## 広さ ■ 停止" and states[3] == "## 構造 ● 1 字"
  end)
end)

it("stops the run, and with it every connection", function(nvim)
  panel(nvim, {
    breadth = { chunks = { "二" }, hang = true },
    structure = { chunks = { "三" }, hang = true },
  })
  nvim:panel_has("二", "三")
  -- Keys are read in the panel from here on: before that Ctrl-C would be an interrupt.
  nvim:type("]]")
  h.eventually("the first heading", function()
    return line(nvim) == "## 深さ"
  end)
  nvim:type("<C-c>")
  -- The other two may have been complete, or not yet.
  h.eventually("closed connections", function()
    local closed = {}
    for _, entry in ipairs(nvim:log("closed")) do
      closed[entry.perspective] = true
    end
    return closed.breadth and closed.structure
  end)
  h.eventually("the end", function()
    return nvim:lua([[return require("kaizodo").status()]]) == ""
  end)
end)

it("asks a section again", function(nvim)
  panel(nvim, { structure = { status = 400 } })
  nvim:panel_has("✗ ")
  nvim:ended()
  nvim:script({ structure = { chunks = { "- S1 今度は来た\n" } } })
  go_to(nvim, "構造")
  nvim:type("r")
  nvim:panel_has("- S1 今度は来た", "- D2 その原因")
  h.eventually("the state", function()
    return (nvim:states()[3] or ""):find("✓", 1, true)
  end)
end)

it("follows a reader at the end, and leaves another where it is", function(nvim)
  local chunks = {}
  for i = 1, 60 do
    chunks[i] = ("- T%d\n"):format(i)
  end
  local growing = {}
  -- Long enough that most of it is still to come when the reader has found the line.
  for i = 1, 200 do
    growing[i] = ("- D%d\n"):format(i)
  end
  nvim:script({
    depth = { chunks = growing, delay_ms = 30 },
    breadth = { chunks = { "- B1 ここを読む\n" } },
    time = { chunks = chunks, delay_ms = 30 },
  })
  nvim:open("a.md", TEXT)
  nvim:choose("解像度")
  nvim:type("ggVGgra")
  nvim:panel_has("ここを読む")
  nvim:lua([[
    local panel = require("kaizodo.window").find()
    local buf = vim.api.nvim_win_get_buf(panel)
    _G.at_end = panel
    _G.reader = vim.api.nvim_win_call(panel, function()
      vim.cmd("belowright split")
      return vim.api.nvim_get_current_win()
    end)
    vim.api.nvim_win_set_height(_G.reader, 8)
    vim.api.nvim_win_set_cursor(_G.at_end, { vim.api.nvim_buf_line_count(buf), 0 })
    vim.api.nvim_win_call(_G.reader, function()
      vim.fn.search("ここを読む")
      vim.cmd("normal! zz")
    end)
    function _G.where(win)
      return vim.api.nvim_win_call(win, function()
        return { vim.api.nvim_get_current_line(), vim.fn.winline(), vim.fn.line(".") }
      end)
    end
    _G.before = _G.where(_G.reader)
    vim.cmd("redraw")
    _G.before = _G.where(_G.reader)
  ]])
  nvim:panel_has("- D200\n", "- T60\n")
  nvim:over()
  local seen = nvim:lua([[
    vim.cmd("redraw")
    local buf = vim.api.nvim_win_get_buf(_G.at_end)
    return {
      before = _G.before,
      after = _G.where(_G.reader),
      row = vim.api.nvim_win_get_cursor(_G.at_end)[1],
      last = vim.api.nvim_buf_line_count(buf),
    }
  ]])
  eq(seen.last, seen.row)
  eq(seen.before[1], seen.after[1])
  eq(seen.before[2], seen.after[2])
  assert(seen.after[3] > seen.before[3] + 30, "the text above did not grow")
end)

it("leaves Insert and Visual mode in the source alone while the text grows", function(nvim)
  local chunks = {}
  for i = 1, 40 do
    chunks[i] = ("- D%d\n"):format(i)
  end
  panel(nvim, {
    depth = {
      chunks = vim.list_extend({ "- D1 原因\n- D2 その原因\n" }, chunks),
      delay_ms = 30,
    },
  })
  nvim:type("G<C-w>hGo書き足す")
  for _ = 1, 10 do
    vim.wait(30)
    nvim:type("字")
  end
  eq("i", nvim:lua("return vim.api.nvim_get_mode().mode"))
  nvim:type("<Esc>kVj")
  vim.wait(200)
  eq("V", nvim:lua("return vim.api.nvim_get_mode().mode"))
  nvim:panel_has("- D40")
  eq("書き足す" .. ("字"):rep(10), nvim:lua([[return vim.fn.getline("$")]]))
  eq({ 4, 5 }, nvim:lua([[return { vim.fn.line("v"), vim.fn.line(".") }]]))
end)
