--- Going on from an answer: follow-up questions, passages, marks, retries.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq
local over, listen, hears, panel = steps.over, steps.listen, steps.hears, steps.panel
local at, answer, text, place = steps.at, steps.answer, steps.text, steps.place

it("asks a question about a section; the answer comes below it", function(nvim)
  panel(nvim)
  local before = text(nvim)
  at(nvim, "- D2 議題が多い")
  answer(nvim, "なぜ今ですか？ 誰が待っていますか？")
  nvim:type("a")
  nvim:panel_has("待っているのは来月の担当者。")
  eq("「深さ」について質問: ", nvim:lua([[return _G.prompt]]))
  over(nvim)
  nvim:panel_has("Σ リクエスト 3 件")
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

it("refuses an edit of a text that it had before it was given another", function(nvim)
  panel(nvim)
  local before = text(nvim)
  local result = nvim:lua([[
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    local buf, uri = vim.api.nvim_get_current_buf(), vim.uri_from_bufnr(0)
    local version = vim.lsp.util.buf_versions[buf]
    local function edit(of)
      local top = { line = 0, character = 0 }
      return client.handlers["workspace/applyEdit"](nil, { edit = { documentChanges = { {
        textDocument = { uri = uri, version = of },
        edits = { { newText = "x\n", range = { start = top, ["end"] = top } } },
      } } } }, { client_id = client.id }).applied
    end
    local first = edit(version)
    require("kaizodo.document").refresh(client, uri)
    vim.wait(30000, function() return vim.api.nvim_buf_get_lines(buf, 0, 1, false)[1] ~= "x" end)
    return { first, edit(version) }
  ]])
  eq({ true, false }, result)
  eq(before, text(nvim))
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
  h.eventually("the state", function()
    return nvim:states()[1] == "## 構造 ✓ 8 字"
  end)
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
  local function completes(expected, line)
    h.becomes(expected, function()
      return nvim:lua([[return vim.fn.getcompletion(..., "cmdline")]], line)
    end)
  end
  completes(
    { "effort=none", "effort=minimal", "effort=low", "effort=medium", "effort=high" },
    "Kaizodo retry e"
  )
  completes({ "model=scripted" }, "Kaizodo retry model=s")
end)

it("opens the run in the browser", function(nvim)
  panel(nvim)
  nvim:lua([[
    vim.ui.open = function(address)
      _G.opened = address
      return true
    end
    vim.cmd("Kaizodo browse")
  ]])
  local run = nvim:lua([[return require("kaizodo.uri").run(vim.api.nvim_buf_get_name(0))]])
  local opened = nvim:until_lua("an address", "return _G.opened")
  assert(opened:find("^http://127%.0%.0%.1:%d+/#ticket=%x+&run=" .. run .. "$"), opened)
end)

it("marks items, has the section written anew, and compares two runs", function(nvim)
  panel(nvim)
  local first = place(nvim)
  at(nvim, "- D2 議題が多い")
  nvim:lua([[vim.cmd("Kaizodo mark drop")]])
  nvim:panel_has("✎ 削る「D2 議題が多い」")
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

it("marks items with keys, and changes a comment where it stands", function(nvim)
  panel(nvim)
  at(nvim, "- D2 議題が多い")
  nvim:type("d")
  nvim:panel_has("✎ 削る「D2 議題が多い」")
  at(nvim, "- D1 司会がいない")
  nvim:type("=")
  nvim:panel_has("✎ 残す「D1 司会がいない」")
  nvim:type("U")
  h.eventually("one mark", function()
    return not text(nvim):find("残す", 1, true)
  end)
  nvim:lua([[
    vim.ui.input = function(opts, on_confirm)
      _G.asked = { opts.prompt, opts.default or "" }
      on_confirm(_G.reply)
    end
    _G.reply = " 今日から "
  ]])
  nvim:type("c")
  nvim:panel_has("✎ 「D1 司会がいない」: 今日から")
  eq({ "この項目へのコメント: ", "" }, nvim:lua("return _G.asked"))
  -- The panel's text may come before the event that says so.
  nvim:until_lua("the comment's event", [[
    local runs = require("kaizodo.runs")
    return next(runs.get(runs.ids()[1]).branches.depth.comments) ~= nil
  ]])
  -- Dismissed, all stays as it is.
  nvim:lua([[_G.asked, _G.reply = nil, nil]])
  nvim:type("c")
  eq({ "この項目へのコメント: ", "今日から" }, nvim:until_lua("the prompt", "return _G.asked"))
  nvim:lua([[_G.reply = ""]])
  nvim:type("c")
  h.eventually("no comment", function()
    return not text(nvim):find("今日から", 1, true)
  end)
  nvim:script({ depth = { chunks = { "書き直した答え。\n" } } })
  nvim:type("R")
  nvim:panel_has("書き直した答え。")
  over(nvim)
  local request = nvim:log("request")[3]
  assert(table.concat(request.messages, "\n"):find("D2 議題が多い", 1, true), "the mark is sent")
  steps.listen(nvim)
  at(nvim, "# 解像度")
  nvim:type("d")
  steps.hears(nvim, "No item")
end)

it("keeps a comment that can be changed until a retry brings text", function(nvim)
  panel(nvim)
  nvim:lua([[
    vim.ui.input = function(opts, on_confirm)
      _G.asked = opts.default or ""
      on_confirm(_G.reply)
    end
  ]])
  local function comment(reply, words)
    nvim:lua([[_G.asked, _G.reply = nil, ...]], reply)
    at(nvim, words)
    nvim:type("c")
    return nvim:until_lua("the prompt", "return _G.asked")
  end
  eq("", comment("今日から", "- D1 司会がいない"))
  nvim:panel_has("✎ 「D1 司会がいない」: 今日から")
  -- A retry without text: the earlier answer stays, and so do its comments.
  nvim:script({ depth = { chunks = {}, hang = true } })
  at(nvim, "- D1 司会がいない")
  nvim:type("r")
  h.eventually("the request", function()
    return #nvim:log("request") == 3
  end)
  at(nvim, "- D1 司会がいない")
  nvim:type("x")
  over(nvim)
  nvim:panel_has("✎ 「D1 司会がいない」: 今日から")
  eq("今日から", comment("", "- D1 司会がいない"))
  h.eventually("no comment", function()
    return not text(nvim):find("今日から", 1, true)
  end)
  comment("明日から", "- D1 司会がいない")
  nvim:panel_has("明日から")
  -- With text, they are about what is no longer there.
  nvim:script({ depth = { chunks = { "最初。\n\n", "- D3 別の司会\n" } } })
  at(nvim, "- D1 司会がいない")
  nvim:type("r")
  nvim:panel_has("- D3 別の司会")
  over(nvim)
  nvim:until_lua("no comment", [[
    local runs = require("kaizodo.runs")
    return next(runs.get(runs.ids()[1]).branches.depth.comments) == nil
  ]])
  eq("", comment("", "- D3 別の司会"))
end)
