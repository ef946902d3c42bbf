--- What a reader sees on a small screen, and where the panel goes on a large one.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq

--- A screen of its own, as a terminal's: messages are drawn, and may ask for Enter.
---@param nvim Nvim
---@param columns integer
---@param lines integer
local function attach(nvim, columns, lines)
  vim.rpcrequest(nvim.channel, "nvim_ui_attach", columns, lines, { rgb = true })
end

---@param nvim Nvim
---@return string[] lines What the panel's window shows, without the folds.
local function seen(nvim)
  return nvim:lua([[
    return vim.api.nvim_win_call(require("kaizodo.window").find(), function()
      return vim.api.nvim_buf_get_lines(0, vim.fn.line("w0") - 1, vim.fn.line("w$"), false)
    end)
  ]])
end

it("begins at the first section where rows are few, and puts the next at the top", function(nvim)
  attach(nvim, 80, 24)
  steps.panel(nvim)
  eq("## 深さ", seen(nvim)[1])
  eq("## 深さ", nvim:lua("return vim.api.nvim_get_current_line()"))
  nvim:type("]]")
  nvim:until_lua("the next section", [[return vim.api.nvim_get_current_line() == "## 広さ"]])
  eq("## 広さ", seen(nvim)[1])
  nvim:type("gg")
  nvim:until_lua("the head", [[return vim.fn.line("w0") == 1]])
end)

it("shows a head that says more than the place", function(nvim)
  attach(nvim, 80, 24)
  nvim:lua([[vim.env.KAIZODO_PROVIDER = "worksheet"]])
  nvim:open("a.md", steps.TEXT)
  nvim:lua([[vim.cmd("3,4Kaizodo run depth")]])
  nvim:panel_has("## 深さ")
  nvim:ended()
  eq("# 解像度 · 会議が長い", seen(nvim)[1])
end)

it("asks for no Enter at 80 columns, and keeps what it said", function(nvim)
  attach(nvim, 80, 24)
  steps.panel(nvim)
  local before = seen(nvim)
  for _, case in ipairs({ { "en", "Available" }, { "ja", "使えるのは" } }) do
    local language, words = unpack(case)
    nvim:lua([[vim.g.kaizodo = { lang = ... }]], language)
    nvim:type(":Kaizodo 空を飛ぶ<CR>")
    local shown = h.eventually("the message", function()
      -- While Enter is asked for, nothing else would be answered.
      eq(false, vim.rpcrequest(nvim.channel, "nvim_get_mode").blocking)
      local text = nvim:lua([[
        for _, win in ipairs(vim.api.nvim_list_wins()) do
          if vim.api.nvim_win_get_config(win).relative ~= "" then
            local all = vim.api.nvim_win_text_height(win, {}).all
            assert(vim.api.nvim_win_get_height(win) == all, "not all of it is seen")
            return vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(win), 0, -1, false)[1]
          end
        end
      ]])
      return text ~= vim.NIL and text
    end)
    assert(shown:find("空を飛ぶ", 1, true) and shown:find(words, 1, true), shown)
    eq(shown, vim.trim(nvim:lua([[return vim.fn.execute("1messages")]])))
    eq(before, seen(nvim))
    nvim:type("j")
    nvim:until_lua("the message gone", [[return #vim.api.nvim_list_wins() == 2]])
    nvim:type("k")
  end
  -- What fits is said on the command line.
  nvim:type("gy")
  h.eventually("a short message", function()
    return nvim:lua([[return vim.fn.execute("1messages")]]):find("コピー", 1, true)
  end)
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
end)

it("measures its floats once their lines are wrapped", function(nvim)
  attach(nvim, 40, 24)
  steps.panel(nvim)
  nvim:lua([[require("kaizodo.float").open({ ("長い行。"):rep(12), "short" }, "題")]])
  eq({ 36, 4 }, nvim:lua("return { vim.api.nvim_win_get_width(0), vim.api.nvim_win_get_height(0) }"))
end)

it("goes to the right of a wide screen, however it is split", function(nvim)
  nvim:script(steps.SCRIPT)
  nvim:open("a.md", steps.TEXT)
  nvim:lua([[vim.cmd("vsplit"); vim.cmd("split")]])
  eq(80, nvim:lua("return vim.api.nvim_win_get_width(0)"))
  nvim:lua([[vim.cmd("3,4Kaizodo run depth")]])
  nvim:panel_has("- D2 議題が多い")
  eq({ 106, 53, true }, nvim:lua([[
    local panel = require("kaizodo.window").find()
    local place, height = vim.api.nvim_win_get_position(panel), vim.api.nvim_win_get_height(panel)
    return { place[2] - 1, vim.api.nvim_win_get_width(panel), height > vim.o.lines - 5 }
  ]]))
end)

it("hides the backslashes of escapes once a panel is complete, too", function(nvim)
  steps.panel(nvim, "a.md", nil, {
    depth = { chunks = { "- D2 議題が多い 2\\* と `a\\*b`\n" } },
  })
  nvim:until_lua("tree-sitter", [[return vim.treesitter.highlighter.active[vim.api.nvim_get_current_buf()] ~= nil]])
  steps.at(nvim, "- D2")
  local hidden = nvim:lua([[
    local row, hidden = vim.fn.line(".") - 1, {}
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(
      0, vim.api.nvim_get_namespaces()["kaizodo.escapes"], { row, 0 }, { row, -1 }, { details = true })) do
      local text = vim.api.nvim_buf_get_text(0, mark[2], mark[3], mark[4].end_row, mark[4].end_col + 1, {})
      hidden[#hidden + 1] = { text[1], mark[4].conceal }
    end
    return hidden
  ]])
  eq({ { "\\*", "" } }, hidden)
end)

it("makes a fold of each section at the end where there is no focus, and leaves it open", function(nvim)
  steps.panel(nvim)
  steps.at(nvim, "- B1")
  eq(-1, nvim:lua([[return vim.fn.foldclosed(".")]]))
  nvim:type("zc")
  nvim:until_lua("a closed fold", [[return vim.fn.foldclosed(".") > 0]])
  eq("## 広さ", nvim:lua([[return vim.fn.getline(vim.fn.foldclosed("."))]]))
end)

it("shows a run of twelve sections, whole and narrow", function(nvim)
  local body = "- 会議が長いのは、議題が決まらないまま始まるからだ。\n"
  local script = { default = { chunks = { body, body } } }
  for _, name in ipairs({ "depth", "breadth", "structure", "time" }) do
    script[name] = script.default
  end
  for _, columns in ipairs({ 60, 100 }) do
    nvim:lua("vim.o.columns = ...", columns)
    nvim:script(script)
    nvim:open("a.md", steps.TEXT)
    nvim:lua([[vim.cmd("3,4Kaizodo run depth breadth structure time failures misreadings test-gaps scale"
      .. " options assumptions stakes in-a-year")]])
    nvim:ended(columns == 60 and 1 or 2)
    h.eventually("all states", function()
      return #nvim:states() == 12
    end)
    local bar
    h.eventually("their sum in the head", function()
      bar = nvim:lua([[
        local win = require("kaizodo.window").find()
        local opts = { winid = win, use_winbar = true, maxwidth = vim.api.nvim_win_get_width(win) }
        return vim.api.nvim_eval_statusline(vim.wo[win].winbar, opts).str
      ]])
      return bar:find("12 ✓", 1, true)
    end)
    assert(bar:find("g? キー", 1, true), bar)
    nvim:lua([[require("kaizodo.window").last = nil; vim.cmd("only | %bwipeout!")]])
  end
end)
