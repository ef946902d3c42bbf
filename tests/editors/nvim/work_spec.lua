--- The panel as a place to work: ask on, zoom, take answers elsewhere.

local h = require("harness")
local it, eq = h.it, h.eq

local TEXT = "課題\n\n会議が長い。\n決まらない。\n"

local SCRIPT = {
  depth = { chunks = { "原因は`議題`にある。\n\n", "- D1 司会がいない\n- D2 議題が多い\n" } },
  breadth = { chunks = { "- B1 別の見方\n" } },
  question = { chunks = { "待っているのは来月の担当者。\n" } },
}

--- Waits until all runs are over, and the last edit is there.
---@param nvim Nvim
---@param count? integer How many runs there are.
local function over(nvim, count)
  h.eventually("the end", function()
    return nvim:lua(
      [[
      local ids = package.loaded["kaizodo.runs"] and require("kaizodo.runs").ids() or {}
      return #ids >= ... and require("kaizodo").status() == ""
    ]],
      count or 1
    )
  end)
  vim.wait(150)
end

--- What is said from now on.
---@param nvim Nvim
local function listen(nvim)
  nvim:lua([[
    _G.said = {}
    vim.notify = function(message, level) table.insert(_G.said, { message, level }) end
  ]])
end

---@param nvim Nvim
---@param pattern string
---@return string
local function hears(nvim, pattern)
  return h.eventually(pattern, function()
    return vim.iter(nvim:lua([[return _G.said]])):map(function(said)
      return said[1]:find(pattern) and said[1]
    end):next()
  end, 10000)
end

--- A run of two views about lines 3 and 4 of a file; the cursor is in its panel.
---@param nvim Nvim
---@param name? string
---@param text? string
---@param script? table
local function panel(nvim, name, text, script)
  nvim:script(vim.tbl_extend("force", SCRIPT, script or {}))
  nvim:open(name or "a.md", text or TEXT)
  nvim:lua([[vim.cmd("3,4Kaizodo run depth breadth")]])
  nvim:panel_has("- D2 議題が多い", "- B1 別の見方")
  over(nvim)
  nvim:enter_panel()
end

--- Moves the cursor to the first line with these words.
---@param nvim Nvim
---@param words string
local function at(nvim, words)
  local found = nvim:lua([[return vim.fn.search(..., "cw")]], "\\V" .. words)
  assert(found > 0, words .. " is not in\n" .. nvim:describe())
end

--- Answers the next prompt, and remembers it.
---@param nvim Nvim
---@param answer string|nil
local function answer(nvim, answer_)
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
local function text(nvim)
  return nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
end

--- Where the cursor is: the file or panel, and the line.
---@param nvim Nvim
---@return string name
---@return string line
local function place(nvim)
  return unpack(nvim:lua([[
    local name = vim.api.nvim_buf_get_name(0)
    local uri = require("kaizodo.uri")
    name = uri.is_panel(name) and uri.run(name) or vim.fs.basename(name)
    return { name, vim.api.nvim_get_current_line() }
  ]]))
end

it("asks a question about a section; the answer comes below it", function(nvim)
  panel(nvim)
  local before = text(nvim)
  at(nvim, "- D2 議題が多い")
  answer(nvim, "なぜ今ですか？ 誰が待っていますか？")
  nvim:type("a")
  nvim:panel_has("待っているのは来月の担当者。")
  eq("「深さ」について質問: ", nvim:lua([[return _G.prompt]]))
  over(nvim)
  local asked = nvim:log("request")[3]
  assert(asked.messages[#asked.messages]:find("なぜ今ですか？ 誰が待っていますか？", 1, true))
  local after = text(nvim)
  local depth, follow_up, breadth =
    after:find("## 深さ", 1, true), after:find("来月の担当者", 1, true), after:find("## 広さ", 1, true)
  assert(depth < follow_up and follow_up < breadth, after)
  -- What was there stays as it was, and the reader where they were.
  -- The last line is the run's sum, which grows.
  eq(before:match("(## 広さ.*)\nΣ "), after:match("(## 広さ.*)\nΣ "))
  eq(before:match("## 深さ.*\n\n## 広さ"), after:sub(1, follow_up):match("## 深さ.*\n\n## "):sub(1, -1) .. "広さ")
  eq("- D2 議題が多い", ({ place(nvim) })[2])
  eq(3, #nvim:states())
  -- The answer can itself be asked about, retried and copied.
  at(nvim, "来月の担当者")
  nvim:type("gy")
  nvim:register("待っているのは来月の担当者。")
end)

it("asks about all answers, as a command too, to the letter", function(nvim)
  panel(nvim)
  listen(nvim)
  answer(nvim, nil)
  nvim:type("gg0A")
  nvim:until_lua("a prompt", [[return _G.prompt]])
  eq("すべての答えについて質問: ", nvim:lua([[return _G.prompt]]))
  nvim:lua([[vim.cmd('Kaizodo! ask Is "D2" | or  "B1" right?')]])
  nvim:panel_has("待っているのは来月の担当者。")
  over(nvim)
  local asked = nvim:log("request")[3]
  local sent = asked.messages[#asked.messages]
  assert(sent:find('Is "D2" | or  "B1" right?', 1, true), sent)
  assert(sent:find("- B1 別の見方", 1, true) and sent:find("- D2 議題が多い", 1, true), sent)
  eq({}, nvim:lua([[return _G.said]]))
  -- Nothing typed, nothing asked.
  answer(nvim, " 　")
  nvim:lua([[_G.prompt = nil]])
  at(nvim, "## 広さ")
  nvim:type("a")
  eq("「広さ」について質問: ", nvim:until_lua("a prompt", [[return _G.prompt]]))
  vim.wait(200)
  eq(3, #nvim:log("request"))
end)

it("leaves the prompt to Neovim, where keys are its own", function(nvim)
  panel(nvim)
  at(nvim, "## 広さ")
  nvim:type("a")
  h.eventually("the command line", function()
    return nvim:lua([[return vim.api.nvim_get_mode().mode]]) == "c"
  end)
  nvim:type("代案は？ axr<CR>")
  nvim:panel_has("来月の担当者")
  over(nvim)
  local asked = nvim:log("request")
  eq(3, #asked)
  assert(asked[3].messages[#asked[3].messages]:find("代案は？ axr", 1, true))
end)

it("asks about a passage, and finds back to it", function(nvim)
  panel(nvim)
  local root = place(nvim)
  at(nvim, "- D2 議題が多い")
  nvim:script({ depth = { chunks = { "- Z1 減らせない\n- Z2 決めていない\n" } } })
  nvim:type("gz")
  over(nvim, 2)
  local first = place(nvim)
  assert(first ~= root, "the panel is the same")
  local sent = table.concat(nvim:log("request")[3].messages, "\n")
  assert(sent:find("- D2 議題が多い", 1, true) and sent:find("会議が長い。", 1, true), sent)
  -- Two lines of that panel, and as a command.
  at(nvim, "- Z1 減らせない")
  nvim:script({ structure = { chunks = { "- Y1 部分\n" } } })
  nvim:type("Vj:Kaizodo run structure<CR>")
  over(nvim, 3)
  local second = place(nvim)
  eq("## 構造 ✓ 8 字", nvim:states()[1])
  assert(second ~= first, "the panel is the same")
  nvim:type("gg-")
  h.eventually("the way back", function()
    local name, line = place(nvim)
    return name == first and line == "- Z1 減らせない"
  end)
  -- A panel that no buffer holds any more comes from the journal.
  nvim:lua([[
    for _, buf in ipairs(vim.api.nvim_list_bufs()) do
      if require("kaizodo.uri").run(vim.api.nvim_buf_get_name(buf)) == ... then
        vim.cmd("bwipeout! " .. buf)
      end
    end
  ]], root)
  nvim:type("-")
  h.eventually("the first panel", function()
    local name, line = place(nvim)
    return name == root and line == "- D2 議題が多い"
  end)
  -- Above the first panel is the text itself.
  nvim:type("-")
  h.eventually("the text", function()
    local name, line = place(nvim)
    return name == "a.md" and line == "会議が長い。"
  end)
  eq(2, nvim:lua([[return #vim.api.nvim_list_wins()]]))
end)

it("zooms into the lines of a Visual selection by its key", function(nvim)
  panel(nvim)
  at(nvim, "- D1 司会がいない")
  nvim:type("Vjgz")
  over(nvim, 2)
  local sent = table.concat(nvim:log("request")[3].messages, "\n")
  assert(sent:find("- D1 司会がいない\n- D2 議題が多い", 1, true), sent)
  eq("n", nvim:lua([[return vim.api.nvim_get_mode().mode]]))
end)

it("goes to the text wherever it is by now", function(nvim)
  panel(nvim)
  listen(nvim)
  nvim:type("<C-w>pggO前書き<CR>もう一行<Esc><C-w>pgd")
  h.eventually("the text", function()
    local name, line = place(nvim)
    return name == "a.md" and line == "会議が長い。"
  end)
  eq(5, nvim:lua([[return vim.fn.line(".")]]))
  -- Closed, changed by another hand, and opened for it.
  nvim:lua([[
    local file = vim.api.nvim_buf_get_name(0)
    vim.cmd("write")
    vim.cmd("bwipeout!")
    local lines = vim.fn.readfile(file)
    table.insert(lines, 1, "さらに一行")
    vim.fn.writefile(lines, file)
    vim.cmd("only")
    vim.api.nvim_win_set_buf(0, vim.fn.bufadd(require("kaizodo.window").last))
  ]])
  nvim:type("gd")
  h.eventually("the text again", function()
    local name, line = place(nvim)
    return name == "a.md" and line == "会議が長い。" and nvim:lua([[return vim.fn.line(".")]]) == 6
  end)
  eq({}, nvim:lua([[return _G.said]]))
  -- Deleted: where it was, and the user is told.
  nvim:type("2dd<C-w>pgd")
  hears(nvim, "was not found")
  eq("a.md", (place(nvim)))
end)

it("inserts an answer into prose as text, into code as a comment", function(nvim)
  panel(nvim)
  listen(nvim)
  at(nvim, "- D1 司会がいない")
  nvim:type("gp")
  hears(nvim, "Inserted into a.md: 深さ")
  nvim:type("<C-w>p")
  eq(
    "課題\n\n会議が長い。\n決まらない。\n\n原因は`議題`にある。\n\n- D1 司会がいない\n- D2 議題が多い\n",
    text(nvim) .. "\n"
  )
  nvim:type("u")
  eq(TEXT, text(nvim) .. "\n")
end)

it("inserts an answer from the text's own window, in the form that is asked for", function(nvim)
  local code = "# 設定\n\ndef 待つ():\n    return 1\n"
  panel(nvim, "a.py", code)
  listen(nvim)
  at(nvim, "- B1 別の見方")
  nvim:type("<C-w>p")
  nvim:lua([[vim.cmd("Kaizodo insert")]])
  hears(nvim, "Inserted into a.py: 広さ")
  eq("# 設定\n\n# - B1 別の見方\ndef 待つ():\n    return 1\n", text(nvim) .. "\n")
  nvim:type("u")
  nvim:lua([[_G.said = {} vim.cmd("Kaizodo insert text below")]])
  hears(nvim, "Inserted into a.py: 広さ")
  eq("# 設定\n\ndef 待つ():\n    return 1\n\n- B1 別の見方\n", text(nvim) .. "\n")
  nvim:lua([[_G.said = {} vim.cmd("Kaizodo insert sideways")]])
  hears(nvim, "`sideways` is not expected here. Available: above, below, comment, text")
  -- A text that has gone is told, and nothing is inserted.
  nvim:lua([[vim.cmd("undo") _G.said = {}]])
  nvim:type("3Gdj")
  nvim:lua([[vim.cmd("Kaizodo insert")]])
  h.eventually("why not", function()
    return #nvim:lua([[return _G.said]]) > 0
  end)
  eq("# 設定\n\n", text(nvim) .. "\n")
end)

it("takes answers elsewhere without states and closing lines", function(nvim)
  panel(nvim)
  listen(nvim)
  assert(text(nvim):find("`scripted` · ", 1, true), text(nvim))
  at(nvim, "- D1")
  nvim:lua([[vim.cmd("Kaizodo yank all")]])
  local all = nvim:lua([[return vim.fn.getreg('"')]])
  for _, part in ipairs({ "# 解像度", "## 深さ\n\n原因は`議題`にある。", "## 広さ\n\n- B1 別の見方\n" }) do
    assert(all:find(part, 1, true), ("%q is not in\n%s"):format(part, all))
  end
  assert(not all:find("scripted", 1, true), all)
  -- From the text's window, it is the section under the panel's cursor.
  nvim:type("<C-w>p")
  nvim:lua([[vim.cmd("Kaizodo yank")]])
  eq(
    "原因は`議題`にある。\n\n- D1 司会がいない\n- D2 議題が多い",
    nvim:lua([[return vim.fn.getreg('"')]])
  )
  nvim:lua([[vim.cmd("Kaizodo save 会議の 答え.md")]])
  hears(nvim, "Saved: 会議の 答え.md")
  local path = nvim.dir .. "/会議の 答え.md"
  eq(all, assert(io.open(path)):read("a"))
  vim.fn.writefile({ "mine" }, path)
  nvim:lua([[vim.cmd("Kaizodo save 会議の 答え.md")]])
  hears(nvim, "exists. To replace it: :Kaizodo! save")
  eq("mine\n", assert(io.open(path)):read("a"))
  nvim:lua([[vim.cmd("Kaizodo! save 会議の 答え.md")]])
  eq(all, assert(io.open(path)):read("a"))
  nvim:lua([[vim.cmd("Kaizodo save nowhere/a.md")]])
  hears(nvim, "nowhere/a.md cannot be written")
end)

it("retries a section with another model and another effort", function(nvim)
  panel(nvim)
  listen(nvim)
  nvim:script({ breadth = { chunks = { "- B2 もう一度\n" } } })
  at(nvim, "## 広さ")
  nvim:lua([[vim.cmd("Kaizodo retry model=larger effort=high")]])
  nvim:panel_has("- B2 もう一度")
  over(nvim)
  local request = nvim:log("request")[3]
  eq({ "larger", "high" }, { request.model, request.effort })
  assert(text(nvim):find("- D2 議題が多い", 1, true))
  nvim:lua([[vim.cmd("Kaizodo retry speed=fast")]])
  hears(nvim, "`speed=fast` is not expected here")
  vim.wait(200)
  eq(3, #nvim:log("request"))
  eq(
    { "effort=none", "effort=minimal", "effort=low", "effort=medium", "effort=high" },
    nvim:lua([[return vim.fn.getcompletion("Kaizodo retry e", "cmdline")]])
  )
end)

it("brings the last panel back, in a later session too", function(nvim)
  panel(nvim)
  local run = place(nvim)
  nvim:type("q")
  nvim:lua([[vim.cmd("Kaizodo open")]])
  eq(run, (place(nvim)))
  nvim:lua([[
    for _, client in ipairs(vim.lsp.get_clients({ name = "kaizodo" })) do client:stop(true) end
    for _, buf in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_get_name(buf):match("^kaizodo:") then vim.cmd("bwipeout! " .. buf) end
    end
    require("kaizodo.window").last = nil
  ]])
  nvim:until_lua("the server's end", [[return #vim.lsp.get_clients({ name = "kaizodo" }) == 0]])
  nvim:lua([[vim.cmd("Kaizodo open")]])
  nvim:panel_has("- D2 議題が多い")
  nvim:enter_panel()
  eq(run, (place(nvim)))
  -- And all can be done there that can be done with a live one.
  h.eventually("the run", function()
    return #nvim:states() == 2
  end)
  at(nvim, "## 深さ")
  nvim:lua([[vim.cmd("Kaizodo ask なぜ？")]])
  nvim:panel_has("来月の担当者")
end)

it("inserts an answer into a buffer without a name, and never over a later change", function(nvim)
  nvim:script(SCRIPT)
  nvim:lua([[vim.api.nvim_buf_set_lines(0, 0, -1, false, { "会議が長い。" })]])
  nvim:type("V")
  nvim:attached()
  nvim:type("<Esc>")
  listen(nvim)
  nvim:lua([[vim.cmd("1Kaizodo run depth")]])
  nvim:panel_has("- D2 議題が多い")
  over(nvim)
  nvim:enter_panel()
  at(nvim, "- D1")
  nvim:lua([[vim.cmd("Kaizodo insert text above")]])
  hears(nvim, "深さ")
  nvim:type("<C-w>p")
  eq(
    "原因は`議題`にある。\n\n- D1 司会がいない\n- D2 議題が多い\n\n会議が長い。",
    text(nvim)
  )
  -- A change that the server has not seen when it makes the edit.
  local result = nvim:lua([[
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    local version = vim.lsp.util.buf_versions[0] or vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()]
    vim.api.nvim_buf_set_lines(0, 0, 0, false, { "あとから" })
    return client.handlers["workspace/applyEdit"](nil, {
      edit = { documentChanges = { {
        textDocument = { uri = vim.uri_from_bufnr(0), version = version },
        edits = { {
          newText = "x\n",
          range = { start = { line = 0, character = 0 }, ["end"] = { line = 0, character = 0 } },
        } },
      } } },
    }, { client_id = client.id })
  ]])
  eq(false, result.applied)
  assert(not text(nvim):find("x\n", 1, true))
end)

it("finds runs again: by file, folder and words; pins and deletes them", function(nvim)
  panel(nvim)
  local first = place(nvim)
  at(nvim, "- D2 議題が多い")
  nvim:type("gz")
  over(nvim, 2)
  local zoomed = place(nvim)
  nvim:type("<C-w>p")
  nvim:script({ depth = { chunks = { "予算の話。\n" } } })
  nvim:open("別/b.md", "費用\n")
  nvim:lua([[vim.cmd("1Kaizodo run depth")]])
  over(nvim, 3)
  listen(nvim)
  -- What is offered, and the choice of the first that has these words.
  local function offered(line, choice)
    nvim:choose(choice or "no such line")
    nvim:lua([[_G.offered = nil vim.cmd(...)]], line)
    return nvim:until_lua("a list", [[return _G.offered]])
  end
  local all = offered("Kaizodo history")
  -- The text is too short to tell its language.
  eq(3, #all)
  assert(all[1]:match("^%d+%-%d+%-%d+ %d+:%d+ +費用 .* b%.md  Depth$"), all[1])
  assert(all[2]:find("› ", 1, true) and all[2]:find("a.md", 1, true), all[2])
  eq(os.date("%Y-%m-%d"), all[1]:sub(1, 10))
  eq(1, #offered("Kaizodo history file"))
  eq(1, #offered("Kaizodo history folder"))
  local found = offered("Kaizodo history 議題　Ｄ２", "›")
  eq(2, #found)
  -- The panel of the choice is there, and its run too.
  h.eventually("the panel", function()
    return nvim:lua([[
      local win = require("kaizodo.window").find()
      return require("kaizodo.uri").run(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(win)))
    ]]) == zoomed
  end)
  nvim:enter_panel()
  -- In a panel, the file is the one that it is about.
  eq(2, #offered("Kaizodo history file"))
  eq(2, #offered("Kaizodo history folder") - 1)
  nvim:lua([[vim.cmd("Kaizodo pin")]])
  hears(nvim, "^Kept until you delete it: ")
  local pinned = offered("Kaizodo history file 議題")
  assert(pinned[1]:find("★ › ", 1, true) and not pinned[2]:find("★", 1, true), vim.inspect(pinned))
  nvim:lua([[vim.cmd("Kaizodo unpin")]])
  hears(nvim, "^No longer kept: ")
  assert(not offered("Kaizodo history file")[1]:find("★", 1, true))
  -- Nothing is deleted that the user does not confirm.
  eq({ "Keep", "Delete" }, offered("Kaizodo delete", "^Keep$"))
  eq(2, #offered("Kaizodo history file"))
  offered("Kaizodo delete " .. zoomed, "^Delete$")
  hears(nvim, "^Deleted: ")
  local left = offered("Kaizodo history file")
  eq(1, #left)
  assert(not left[1]:find("›", 1, true), left[1])
  assert(text(nvim):find("D2", 1, true), "the panel is not to be read any more")
  nvim:lua([[_G.said = {} vim.cmd("Kaizodo history どこにもない")]])
  hears(nvim, "^No saved runs")
  assert(first ~= zoomed)
end)

it("marks items, has the section written anew, and compares two runs", function(nvim)
  panel(nvim)
  local first = place(nvim)
  at(nvim, "- D2 議題が多い")
  nvim:lua([[vim.cmd("Kaizodo mark drop")]])
  nvim:panel_has("✎ 外す「D2 議題が多い」")
  at(nvim, "- D1 司会がいない")
  nvim:lua([[vim.cmd("Kaizodo mark いる。 今日から")]])
  nvim:panel_has("✎ 「D1 司会がいない」: いる。 今日から")
  nvim:lua([[vim.cmd("Kaizodo mark none")]])
  h.eventually("no comment", function()
    return not text(nvim):find("今日から", 1, true)
  end)
  nvim:script({ depth = { chunks = { "書き直した答え。\n" } } })
  nvim:lua([[vim.cmd("Kaizodo revise")]])
  nvim:panel_has("書き直した答え。")
  h.eventually("no mark", function()
    return not text(nvim):find("✎", 1, true)
  end)
  -- The same text once more.
  nvim:type("<C-w>p")
  nvim:script({ depth = { chunks = { "別の答え。\n" } } })
  nvim:lua([[vim.cmd("3,4Kaizodo run depth breadth")]])
  over(nvim, 2)
  nvim:enter_panel()
  nvim:lua([[vim.cmd("Kaizodo compare")]])
  local sides = nvim:until_lua("two sides", [[
    local sides = vim.tbl_map(function(win)
      local buf = vim.api.nvim_win_get_buf(win)
      return vim.wo[win].diff and table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n") or nil
    end, vim.api.nvim_tabpage_list_wins(0))
    return #sides == 2 and sides or nil
  ]])
  assert(sides[1]:find("書き直した答え。", 1, true), sides[1])
  assert(sides[2]:find("別の答え。", 1, true), sides[2])
  assert(sides[1]:find("会議が長い。", 1, true), "the text is there too")
  assert(first)
end)
