--- Taking answers elsewhere, and finding runs again.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq
local over, listen, hears, panel = steps.over, steps.listen, steps.hears, steps.panel
local at, text, place = steps.at, steps.text, steps.place
local TEXT = steps.TEXT
local SCRIPT = steps.SCRIPT

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

it("brings the last panel back, in a later session too", function(nvim)
  panel(nvim)
  local run = place(nvim)
  nvim:type("q")
  nvim:lua([[vim.cmd("Kaizodo open")]])
  eq(run, (place(nvim)))
  nvim:journaled("run_ended", true)
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
  hears(nvim, "^Pinned: ")
  local pinned = offered("Kaizodo history file 議題")
  assert(pinned[1]:find("★ › ", 1, true) and not pinned[2]:find("★", 1, true), vim.inspect(pinned))
  nvim:lua([[vim.cmd("Kaizodo unpin")]])
  hears(nvim, "^Unpinned: ")
  assert(not offered("Kaizodo history file")[1]:find("★", 1, true))
  -- Nothing is deleted that the user does not confirm.
  eq({ "Cancel", "Delete" }, offered("Kaizodo delete", "^Cancel$"))
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

it("shows what a section said before it was asked again", function(nvim)
  steps.panel(nvim)
  steps.listen(nvim)
  steps.at(nvim, "- B1")
  nvim:type("u")
  steps.hears(nvim, "前の答えはありません")
  nvim:script({ breadth = { chunks = { "- B9 ", "新しい見方\n" } } })
  nvim:type("r")
  nvim:panel_has("- B9 新しい見方")
  nvim:ended()
  steps.at(nvim, "- B9")
  nvim:type("u")
  nvim:until_lua("the earlier answer", [[
    return vim.api.nvim_win_get_config(0).relative == "editor"
      and vim.api.nvim_get_current_line() == "- B1 別の見方"
  ]])
  assert(nvim:lua([[return vim.api.nvim_win_get_config(0).title[1][1] ]]):find("広さ · やり直す前の答え", 1, true))
  nvim:type("q")
  nvim:until_lua("the panel", [[return require("kaizodo.uri").is_panel(vim.api.nvim_buf_get_name(0))]])
end)
