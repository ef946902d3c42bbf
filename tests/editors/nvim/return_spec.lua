--- Panels that come back: by a session, by a name, from the journal; and windows with little room.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq

--- What a panel's window has that is no text.
---@param nvim Nvim
---@return table
local function dressed(nvim)
  return nvim:lua([=[
    local win = require("kaizodo.window").find()
    local buf = vim.api.nvim_win_get_buf(win)
    local mapped = vim.tbl_map(function(map) return map.lhs end, vim.api.nvim_buf_get_keymap(buf, "n"))
    return {
      keys = vim.list_contains(mapped, "r") and vim.list_contains(mapped, "]]"),
      conceal = vim.wo[win].conceallevel,
      modifiable = vim.bo[buf].modifiable,
      followed = #vim.lsp.get_clients({ name = "kaizodo", bufnr = buf }),
    }
  ]=])
end

local WHOLE = { keys = true, conceal = 2, modifiable = false, followed = 1 }

--- Ends the server and forgets what this session knows, as a start of Neovim does.
---@param nvim Nvim
local function restart(nvim)
  nvim:journaled("run_ended", true)
  nvim:lua([[
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    client:stop(true)
    vim.wait(30000, function() return #vim.lsp.get_clients({ name = "kaizodo" }) == 0 end)
    vim.cmd("silent! %bwipeout!")
    for name in pairs(package.loaded) do
      if vim.startswith(name, "kaizodo") then
        package.loaded[name] = nil
      end
    end
  ]])
end

it("fills the panel of a session", function(nvim)
  steps.panel(nvim, "会議.md")
  local session = nvim.dir .. "/Session.vim"
  nvim:lua([[vim.cmd.mksession((...))]], session)
  restart(nvim)
  eq(nil, nvim:panel())
  nvim:lua([[vim.cmd("silent source " .. ...)]], session)
  nvim:panel_has("- D2 議題が多い", "- B1 別の見方")
  nvim:until_lua("the keys", [[
    return #vim.api.nvim_buf_get_keymap(vim.api.nvim_win_get_buf(require("kaizodo.window").find()), "n") > 5
  ]])
  eq(WHOLE, dressed(nvim))
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
  nvim:enter_panel()
  steps.at(nvim, "## ")
  nvim:type("gd")
  nvim:until_lua("the source", [[return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == "会議.md"]])
end)

it("asks again for a panel that could not be had, where it is opened again", function(nvim)
  steps.panel(nvim)
  local session, run = nvim.dir .. "/Session.vim", nvim:lua([[return require("kaizodo.runs").ids()[1] ]])
  nvim:lua([[vim.cmd.mksession((...))]], session)
  restart(nvim)
  local state = nvim.dir .. "/state/kaizodo"
  assert(vim.uv.fs_rename(state, state .. ".away"))
  steps.listen(nvim)
  nvim:lua([[
    vim.lsp.config("kaizodo", { cmd = { "no-such-program", "lsp" } })
    vim.cmd("silent source " .. ...)
  ]], session)
  steps.hears(nvim, "`no%-such%-program` was not found")
  nvim:lua([[
    vim.lsp.config("kaizodo", { cmd = { "kaizodo", "lsp" } })
    vim.cmd("Kaizodo open " .. ...)
  ]], run)
  steps.hears(nvim, "has no run")
  eq("", nvim:panel())
  vim.fn.delete(state, "rf")
  assert(vim.uv.fs_rename(state .. ".away", state))
  nvim:lua([[vim.cmd("Kaizodo open " .. ...)]], run)
  nvim:panel_has("- D2 議題が多い", "- B1 別の見方")
  h.eventually("the states", function()
    return #nvim:states() == 2
  end)
end)

it("opens no window for a run that nobody knows", function(nvim)
  steps.panel(nvim)
  nvim:type("q")
  steps.listen(nvim)
  nvim:lua([[vim.cmd("Kaizodo open no-such-run")]])
  steps.hears(nvim, "no%-such%-run")
  eq(1, nvim:lua("return #vim.api.nvim_list_wins()"))
  local run = nvim:lua([[return require("kaizodo.runs").ids()[1] ]])
  nvim:lua([[vim.cmd("Kaizodo open " .. ...)]], run)
  nvim:panel_has("- D2 議題が多い")
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
end)

it("opens a run of the journal by the beginning of its name, with keys and states", function(nvim)
  steps.panel(nvim)
  local run = nvim:lua([[return require("kaizodo.runs").ids()[1] ]])
  restart(nvim)
  nvim:lua([[vim.cmd("Kaizodo open " .. ...)]], run:sub(1, 12))
  nvim:panel_has("- D2 議題が多い", "- B1 別の見方")
  h.eventually("the states", function()
    local ok, states = pcall(nvim.states, nvim)
    return ok and #states == 2 and states[1]:find("✓", 1, true)
  end)
  eq(WHOLE, dressed(nvim))
  eq(true, nvim:lua([[return vim.api.nvim_get_current_win() == require("kaizodo.window").find()]]))
end)

it("shows a panel in a window of one line, and says so where there is no room at all", function(nvim)
  nvim:lua("vim.o.columns, vim.o.lines = 80, 12")
  nvim:lua([[vim.g.kaizodo = { panel = { size = 0.1 } }]])
  steps.panel(nvim)
  eq(WHOLE, dressed(nvim))
  eq("", nvim:lua([[return vim.fn.execute("messages")]]))
  nvim:type("gg]]")
  nvim:until_lua("the first section", [[return vim.api.nvim_get_current_line() == "## 深さ"]])
  nvim:type("q")
  steps.listen(nvim)
  nvim:lua([[
    vim.o.winminheight = 1
    vim.o.winheight = 1
    while pcall(vim.cmd, "split") do end
    vim.cmd("3,4Kaizodo run depth")
  ]])
  steps.hears(nvim, "not enough room for the panel")
  nvim:ended(2)
  nvim:lua([[vim.cmd("only | Kaizodo open")]])
  nvim:until_lua("the later panel", [[
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
    return text:find("## 深さ", 1, true) and not text:find("## 広さ", 1, true)
  ]])
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
end)

it("gives its buffers names that can be read", function(nvim)
  steps.panel(nvim, "会議 メモ.md", "会議が 長い 100%。\n\n会議が 長い 100%。\n終わらない。\n")
  local name = nvim:lua([[return vim.api.nvim_buf_get_name(0)]])
  assert(name:find("/会議が 長い", 1, true) and not name:find("%%E"), name)
  eq(2, nvim:lua([[return #vim.tbl_filter(vim.api.nvim_buf_is_loaded, vim.api.nvim_list_bufs())]]))
  nvim:lua([[vim.o.statusline = "%f"; require("kaizodo.window").dress(0)]])
  local line = nvim:lua([[return vim.api.nvim_eval_statusline("%t", { winid = 0 }).str]])
  eq(vim.fs.basename(name), line)
  -- The same panel is asked about, and gets its edits.
  steps.at(nvim, "- D2")
  steps.answer(nvim, "なぜ？")
  nvim:type("a")
  nvim:panel_has("待っているのは来月の担当者。")
  nvim:lua([[vim.cmd("Kaizodo preview")]])
end)
