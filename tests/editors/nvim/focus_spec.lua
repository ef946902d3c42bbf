local h = require("harness")
local it, eq = h.it, h.eq

local TEXT = "会議が長い。\n決まらないまま終わる。\n"

--- A run with a focus: the views as scripted, each with a line and an item.
---@param nvim Nvim
---@param script? table
---@param text? string
local function begin(nvim, script, text)
  nvim:lua([[vim.env.KAIZODO_FOCUS = nil]])
  nvim:script(vim.tbl_extend("force", {
    focus = { chunks = { "**決めるのは一人**\n\n", "- 今日できること\n" } },
    depth = { chunks = { "下には**議題**がある。\n\n- D1\n" } },
    breadth = { chunks = { "外から見る。\n\n- B1\n" } },
    structure = { chunks = { "間にある。\n\n- S1\n" } },
    time = { chunks = { "時とともに。\n\n- T1\n" } },
  }, script or {}))
  nvim:open("a.md", text or TEXT)
  nvim:choose(text and "Kaizodo" or "解像度")
  nvim:type("ggVGgra")
  nvim:until_lua("a panel", [[return require("kaizodo.window").find()]])
end

--- Waits until the run is over, and its last edit is there.
---@param nvim Nvim
local function over(nvim)
  nvim:over()
end

---@param nvim Nvim
---@return string
local function state(nvim)
  local ok, states = pcall(nvim.states, nvim)
  return ok and states[1] or ""
end

---@param nvim Nvim
---@param wanted string
local function until_state(nvim, wanted)
  h.eventually(wanted, function()
    return state(nvim) == wanted
  end)
end

--- What the panel's window shows of each closed fold, as the user reads it.
---@param nvim Nvim
---@return string[]
local function folds(nvim)
  return nvim:lua([[
    local win = require("kaizodo.window").find()
    return vim.api.nvim_win_call(win, function()
      local texts, line = {}, 1
      while line <= vim.fn.line("$") do
        local last = vim.fn.foldclosedend(line)
        if last > 0 then
          texts[#texts + 1] = vim.fn.foldtextresult(line)
        end
        line = math.max(line, last) + 1
      end
      return texts
    end)
  ]])
end

---@param nvim Nvim
---@param section string
local function go_to(nvim, section)
  nvim:enter_panel()
  nvim:lua([[vim.fn.search("^## " .. ..., "w")]], section)
end

--- What stands behind the focus's heading beside its state.
---@param nvim Nvim
---@return string
local function age(nvim)
  return nvim:lua([[
    local namespace = vim.api.nvim_create_namespace("kaizodo.states")
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, { details = true })) do
      for _, chunk in ipairs(mark[4].virt_text or {}) do
        if chunk[2] == "KaizodoStateOlder" then
          return chunk[1]
        end
      end
    end
    return ""
  ]])
end

local FOLDED = {
  "▸ 深さ ✓ 20 字  下には議題がある。",
  "▸ 広さ ✓ 13 字  外から見る。",
  "▸ 構造 ✓ 12 字  間にある。",
  "▸ 時間 ✓ 13 字  時とともに。",
}

it("shows the focus first, and how many views it waits for", function(nvim)
  begin(nvim, { time = { chunks = { "時" }, hang = true } })
  until_state(nvim, "## 焦点 … 視点待ち 3/4")
  eq({}, folds(nvim))
  nvim:until_lua("three of five", [[return require("kaizodo").status() == "kaizodo 3/5"]])
  eq(nil, vim.iter(nvim:lua([[return vim.fn.getcompletion("Kaizodo run ", "cmdline")]])):find("focus"))
  go_to(nvim, "焦点")
  nvim:type("x")
  until_state(nvim, "## 焦点 ■ 停止")
  eq("  r でやり直す", nvim:hints()["## 焦点"])
  nvim:lua([[vim.cmd("Kaizodo stop")]])
  over(nvim)
  eq({}, folds(nvim))
  nvim:type("r")
  until_state(nvim, "## 焦点 ✓ 23 字")
  over(nvim)
  eq({}, folds(nvim))
end)

it("says in English what the focus waits for", function(nvim)
  begin(nvim, { time = { chunks = {}, hang = true } }, "It is long.\n")
  until_state(nvim, "## Focus … waiting for the views 3/4")
end)

it("folds the views when the focus is complete, and opens them as anything folded", function(nvim)
  nvim:lua([[vim.o.foldmethod, vim.o.foldlevel, vim.o.foldminlines = "indent", 3, 50]])
  begin(nvim)
  over(nvim)
  until_state(nvim, "## 焦点 ✓ 23 字")
  eq(FOLDED, folds(nvim))
  local text = nvim:panel()
  go_to(nvim, "広さ")
  nvim:type("zo")
  h.eventually("one open fold", function()
    return #folds(nvim) == 3
  end)
  nvim:type("zR")
  h.eventually("open folds", function()
    return #folds(nvim) == 0
  end)
  nvim:type("zM")
  h.eventually("closed folds", function()
    return #folds(nvim) == 4
  end)
  nvim:type("gg]]]]gy")
  nvim:register("下には**議題**がある。\n\n- D1")
  eq(text, nvim:panel())
  -- Outside of the panel all is as the user has it.
  eq({ "indent", 3, 50, "indent", 3, 50, "0" }, nvim:lua([[
    vim.cmd.wincmd("p")
    local wo, go = vim.wo, vim.go
    return {
      wo.foldmethod, wo.foldlevel, wo.foldminlines,
      go.foldmethod, go.foldlevel, go.foldminlines, go.foldexpr,
    }
  ]]))
  eq("indent", nvim:lua([[
    vim.api.nvim_set_current_win(require("kaizodo.window").find())
    vim.cmd.edit("other.txt")
    return vim.wo.foldmethod
  ]]))
end)

it("leaves the views open for a reader who is in one, in that window alone", function(nvim)
  begin(nvim, { time = { chunks = { "時\n" }, hang = true } })
  until_state(nvim, "## 焦点 … 視点待ち 3/4")
  go_to(nvim, "構造")
  nvim:lua([[
    _G.second = vim.api.nvim_open_win(0, false, { split = "below", win = 0 })
    vim.api.nvim_win_set_cursor(_G.second, { 1, 0 })
  ]])
  nvim:lua([[
    require("kaizodo.client").with(nil, function(client)
      local run = require("kaizodo.runs").ids()[1]
      require("kaizodo.client").execute(client, "kaizodo.cancel", { run = run, branch = "time" })
    end)
  ]])
  until_state(nvim, "## 焦点 ✓ 23 字")
  over(nvim)
  eq({ 0, 4 }, nvim:lua([[
    local function closed(win)
      return vim.api.nvim_win_call(win, function()
        local count = 0
        for line = 1, vim.fn.line("$") do
          count = count + (vim.fn.foldclosed(line) == line and 1 or 0)
        end
        return count
      end)
    end
    return { closed(vim.api.nvim_get_current_win()), closed(_G.second) }
  ]]))
  -- The reader can fold them all the same.
  nvim:type("zc")
  h.eventually("a closed fold", function()
    return #folds(nvim) == 1
  end)
end)

it("folds nothing where the user does not want it", function(nvim)
  nvim:lua([[vim.g.kaizodo = { fold_views = false }]])
  begin(nvim)
  over(nvim)
  until_state(nvim, "## 焦点 ✓ 23 字")
  eq({}, folds(nvim))
  eq("manual", nvim:lua([[return vim.wo[require("kaizodo.window").find()].foldmethod]]))
end)

it("writes the focus when asked for it, where it is left to the user", function(nvim)
  nvim:lua([[vim.lsp.config("kaizodo", { settings = { kaizodo = { focus = "ask" } } })]])
  begin(nvim)
  over(nvim)
  until_state(nvim, "## 焦点 ○ まだ書いていません")
  eq({ ["## 焦点"] = "  r で書く" }, nvim:hints())
  eq(4, #nvim:log("request"))
  go_to(nvim, "焦点")
  nvim:type("gy")
  nvim:register("")
  nvim:type("r")
  until_state(nvim, "## 焦点 ✓ 23 字")
  over(nvim)
  eq("focus", nvim:log("request")[5].perspective)
  eq({}, folds(nvim))
end)

it("has no focus where the settings say so", function(nvim)
  nvim:lua([[vim.lsp.config("kaizodo", { settings = { kaizodo = { focus = "off" } } })]])
  begin(nvim)
  over(nvim)
  eq("## 深さ ✓ 20 字", state(nvim))
  eq(4, #nvim:log("request"))
  eq({}, folds(nvim))
end)

it("says that the focus is older than a view that was asked again", function(nvim)
  begin(nvim)
  over(nvim)
  go_to(nvim, "深さ")
  eq(4, #folds(nvim))
  nvim:type("r")
  h.eventually("the age", function()
    return age(nvim) == "  ↻ 「深さ」の更新が未反映"
  end)
  over(nvim)
  eq("  r でやり直す", nvim:hints()["## 焦点"])
  -- Its fold is open, the others are as they were.
  eq({ FOLDED[2], FOLDED[3], FOLDED[4] }, folds(nvim))
  nvim:panel_has("↻ 「深さ」の更新がまだ反映されていません。")
  go_to(nvim, "焦点")
  nvim:type("gy")
  nvim:register("**決めるのは一人**\n\n- 今日できること")
  go_to(nvim, "時間")
  nvim:type("r")
  h.eventually("the age", function()
    return age(nvim) == "  ↻ 視点 2 つの更新が未反映"
  end)
  over(nvim)
  nvim:script({ focus = { chunks = { "書き直した\n" } } })
  go_to(nvim, "焦点")
  nvim:type("r")
  until_state(nvim, "## 焦点 ✓ 6 字")
  over(nvim)
  eq("", age(nvim))
  eq({}, nvim:hints())
  eq({ FOLDED[2], FOLDED[3] }, folds(nvim))
end)

it("marks the lines below a focus that is older and was not complete", function(nvim)
  begin(nvim, { focus = { chunks = { "途中\n" }, hang = true } })
  nvim:panel_has("途中")
  go_to(nvim, "焦点")
  nvim:type("x")
  until_state(nvim, "## 焦点 ■ 停止")
  over(nvim)
  go_to(nvim, "深さ")
  nvim:type("r")
  h.eventually("the age", function()
    return age(nvim) ~= ""
  end)
  over(nvim)
  go_to(nvim, "焦点")
  nvim:type("gy")
  nvim:register("途中")
end)

it("folds a panel that is opened anew, and keeps what the reader opened in a window", function(nvim)
  begin(nvim)
  over(nvim)
  go_to(nvim, "広さ")
  nvim:type("zogg")
  h.eventually("three folds", function()
    return #folds(nvim) == 3
  end)
  nvim:lua([[
    vim.cmd.edit("other.txt")
    vim.cmd("Kaizodo open")
    vim.api.nvim_set_current_win(require("kaizodo.window").find())
  ]])
  vim.wait(100)
  eq({ FOLDED[1], FOLDED[3], FOLDED[4] }, folds(nvim))
  nvim:lua([[vim.cmd.edit()]])
  nvim:panel_has("今日できること")
  h.eventually("all folds", function()
    return vim.deep_equal(folds(nvim), FOLDED)
  end)
  nvim:lua([[
    local run = require("kaizodo.runs").ids()[1]
    vim.api.nvim_buf_delete(0, { force = true })
    vim.cmd("Kaizodo open " .. run)
  ]])
  nvim:panel_has("今日できること")
  h.eventually("all folds", function()
    return vim.deep_equal(folds(nvim), FOLDED)
  end)
end)

--- Asks a section anew from nowhere near it.
---@param nvim Nvim
---@param branch string
local function retry(nvim, branch)
  nvim:lua(
    [[
    local branch, client_of = ..., require("kaizodo.client")
    client_of.with(nil, function(client)
      local run = require("kaizodo.runs").ids()[1]
      client_of.execute(client, "kaizodo.retry", { run = run, branch = branch })
    end)
  ]],
    branch
  )
  vim.wait(100)
  over(nvim)
end

it("folds nothing that was opened, in whatever window, after a retry", function(nvim)
  begin(nvim)
  over(nvim)
  go_to(nvim, "広さ")
  nvim:type("zogg")
  h.eventually("three folds", function()
    return #folds(nvim) == 3
  end)
  local opened = { FOLDED[1], FOLDED[3], FOLDED[4] }
  -- The window is closed, and another shows the panel.
  nvim:type("q")
  nvim:lua([[vim.cmd("Kaizodo open")]])
  eq(opened, folds(nvim))
  retry(nvim, "focus")
  eq(opened, folds(nvim))
  -- It is split, and the first of both is closed.
  nvim:lua([[
    local panel = require("kaizodo.window").find()
    vim.api.nvim_set_current_win(panel)
    vim.cmd.split()
    vim.api.nvim_win_close(panel, true)
  ]])
  retry(nvim, "focus")
  eq(opened, folds(nvim))
end)

it("folds the views in a window that shows the panel only when all is over", function(nvim)
  begin(nvim, { time = { chunks = { "時", "\n" }, held = true } })
  until_state(nvim, "## 焦点 … 視点待ち 3/4")
  nvim:enter_panel()
  nvim:type("q")
  nvim:release()
  over(nvim)
  nvim:lua([[vim.cmd("Kaizodo open")]])
  eq({ FOLDED[1], FOLDED[2], FOLDED[3], "▸ 時間 ✓ 2 字  時" }, folds(nvim))
end)

it("shows in a fold how far its view is, and why it failed", function(nvim)
  nvim:lua([[vim.lsp.config("kaizodo", {
    settings = { kaizodo = { timeouts = { focus_wait_ms = 300 } } },
  })]])
  begin(nvim, {
    depth = { status = 400 },
    time = { chunks = { "**時**\n", "二\n" }, held = true },
  })
  until_state(nvim, "## 焦点 ✓ 23 字")
  h.eventually("the folds", function()
    return folds(nvim)[4] == "▸ 時間 ● 6 字  時"
  end)
  local failed = folds(nvim)[1]
  assert(vim.startswith(failed, "▸ 深さ ✗ 失敗  ") and not failed:find("✗.*✗"), failed)
  nvim:release()
  over(nvim)
  eq("▸ 時間 ✓ 8 字  時", folds(nvim)[4])
  eq(4, #folds(nvim))
  eq("  ↻ 「時間」の更新が未反映", age(nvim))
end)

it("leaves a reader where it is while text grows between a fold and the reader", function(nvim)
  -- No shorter at any time than what it takes the place of, and wider than one line at once.
  local long = { "外から見る。\n\n- B1\n" .. ("- 二\n"):rep(12) }
  for i = 1, 20 do
    long[i + 1] = ("- B%d\n"):format(i)
  end
  begin(nvim)
  over(nvim)
  go_to(nvim, "広さ")
  nvim:type("zo")
  go_to(nvim, "構造")
  nvim:type("zo")
  nvim:lua([[
    vim.fn.winrestview({ topline = vim.fn.search("^## 深さ", "nw") })
    vim.cmd.redraw()
  ]])
  eq({ FOLDED[1], FOLDED[4] }, folds(nvim))
  nvim:script({ breadth = { chunks = long, delay_ms = 20 } })
  local before = nvim:lua([[
    _G.where = function()
      vim.cmd.redraw()
      return { vim.api.nvim_get_current_line(), vim.fn.winline() }
    end
    return _G.where()
  ]])
  retry(nvim, "breadth")
  nvim:panel_has("- B20\n")
  eq(before, nvim:lua([[return _G.where()]]))
  eq({ FOLDED[1], FOLDED[4] }, folds(nvim))
end)

it("takes a section that is added later below the one that it goes on from", function(nvim)
  local seen = nvim:lua([[
    local run_of = require("kaizodo.run")
    local run = run_of.new("r")
    local seq = 0
    local function take(event)
      seq = seq + 1
      run_of.apply(run, vim.tbl_extend("force", { seq = seq }, event))
    end
    local function add(branch, after)
      local section = { branch = branch, title = branch, role = "follow_up" }
      take({ event = "section_added", section = section, after = after })
    end
    local function write(branch)
      take({ event = "branch_started", branch = branch })
      take({ event = "delta", branch = branch, text = "x" })
      take({ event = "branch_ended", branch = branch, outcome = "done" })
    end
    add("early", "depth")
    take({ event = "run_started", sections = {
      { branch = "focus", title = "F", role = "focus" },
      { branch = "depth", title = "D" },
      { branch = "time", title = "T" },
    } })
    for _, branch in ipairs({ "depth", "time", "focus" }) do
      write(branch)
    end
    take({ event = "run_ended", outcome = "done" })
    add("one", "depth")
    add("two", "depth")
    add("of-one", "one")
    add("one", "time")
    add("lost", "nowhere")
    write("one")
    local order = vim.tbl_map(function(section)
      return section.branch
    end, run.sections)
    return {
      order = table.concat(order, " "),
      counts = { run_of.count(run) },
      newer = #run_of.newer(run, "focus"),
      alive = run.outcome == nil,
    }
  ]])
  local order = "focus depth one of-one two time lost"
  eq({ order = order, counts = { 4, 7 }, newer = 0, alive = true }, seen)
end)
