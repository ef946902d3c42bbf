--- Windows that are not the plugin's to fill, and what it leaves behind.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq

--- What the windows show, from left to right: the kind of buffer, or a file's name.
---@param nvim Nvim
---@return string[]
local function shown(nvim)
  return nvim:lua([[
    return vim.tbl_map(function(win)
      local buf = vim.api.nvim_win_get_buf(win)
      local name = vim.api.nvim_buf_get_name(buf)
      return name:match("^kaizodo:") and "panel" or vim.bo[buf].buftype ~= "" and vim.bo[buf].buftype
        or vim.fs.basename(name)
    end, vim.api.nvim_tabpage_list_wins(0))
  ]])
end

---@param nvim Nvim
local function goes_to_the_source(nvim)
  nvim:enter_panel()
  nvim:type("gd")
  nvim:until_lua("the source", [[return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == "a.md"]])
end

it("puts the source into no window that is for something else", function(nvim)
  steps.panel(nvim)
  steps.listen(nvim)
  nvim:lua([[vim.cmd("only | copen | wincmd p")]])
  goes_to_the_source(nvim)
  eq({ "a.md", "panel", "quickfix" }, shown(nvim))
  -- One that the user keeps for another file.
  nvim:lua([[vim.cmd("cclose | edit b.md | set winfixbuf")]])
  goes_to_the_source(nvim)
  eq({ "b.md", "a.md", "panel" }, shown(nvim))
  -- A window for documents, though the panel was reached from another one.
  nvim:lua([[vim.cmd("edit c.md | botright copen")]])
  goes_to_the_source(nvim)
  eq({ "b.md", "a.md", "panel", "quickfix" }, shown(nvim))
  eq({}, nvim:lua("return _G.said"))
end)

it("says that there is no room for the source", function(nvim)
  steps.panel(nvim)
  steps.listen(nvim)
  nvim:lua([[
    vim.cmd("only")
    vim.o.winminwidth, vim.o.winwidth = 90, 100
  ]])
  nvim:type("gd")
  steps.hears(nvim, "not enough room")
  eq({ "panel" }, shown(nvim))
end)

it("shows the next run beside a panel that the user keeps in its window", function(nvim)
  steps.panel(nvim)
  steps.listen(nvim)
  nvim:lua([[vim.wo.winfixbuf = true; _G.kept = vim.api.nvim_get_current_win(); vim.cmd("wincmd p")]])
  local first = nvim:lua([[return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(_G.kept))]])
  for runs = 2, 3 do
    nvim:lua([[vim.cmd("3,4Kaizodo run depth")]])
    nvim:ended(runs)
    eq({ "a.md", "panel", "panel" }, shown(nvim))
    eq(first, nvim:lua([[return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(_G.kept))]]))
  end
  -- What is asked from elsewhere is asked about the one that was shown last.
  local found = nvim:lua([[
    return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(require("kaizodo.window").find()))
  ]])
  assert(found ~= first, found)
  eq({}, nvim:lua("return _G.said"))
end)

it("shows what was there before where the last window cannot be closed", function(nvim)
  steps.panel(nvim)
  for _, keep in ipairs({ false, true }) do
    nvim:enter_panel()
    nvim:lua([[vim.cmd("only"); vim.wo.winfixbuf = ...]], keep)
    nvim:type("q")
    nvim:until_lua("the text", [[return vim.fs.basename(vim.api.nvim_buf_get_name(0)) == "a.md"]])
    eq({ "a.md" }, shown(nvim))
    nvim:lua([[vim.wo.winfixbuf = false; vim.cmd("Kaizodo open")]])
  end
  -- Nothing was there, or it is no more.
  nvim:enter_panel()
  nvim:lua([[vim.cmd("only"); vim.cmd("bwipeout! " .. vim.fn.bufnr("a.md"))]])
  nvim:type("q")
  nvim:until_lua("an empty buffer", [[return vim.api.nvim_buf_get_name(0) == ""]])
end)

it("compares runs from anywhere, and leaves no buffer behind", function(nvim)
  steps.panel(nvim)
  nvim:lua([[vim.cmd("wincmd p | 3,4Kaizodo run depth")]])
  nvim:ended(2)
  nvim:lua([[
    function _G.buffers()
      return vim.tbl_map(function(buf) return buf.name end, vim.fn.getbufinfo({ buflisted = 1 }))
    end
    _G.before = _G.buffers()
    vim.cmd("Kaizodo compare")
  ]])
  nvim:until_lua("two sides", [[return #vim.tbl_filter(function(win)
    return vim.wo[win].diff
  end, vim.api.nvim_tabpage_list_wins(0)) == 2]])
  eq({ "nofile", "nofile" }, shown(nvim))
  nvim:lua([[vim.cmd("tabclose")]])
  eq(nvim:lua("return _G.before"), nvim:lua("return _G.buffers()"))
end)

it("takes a long message away at the next key, in any mode", function(nvim)
  vim.rpcrequest(nvim.channel, "nvim_ui_attach", 80, 24, { rgb = true })
  nvim:open("a.md", steps.TEXT)
  local say = [[require("kaizodo.lang").notify(("長い。"):rep(60))]]
  local floats = [[return #vim.tbl_filter(function(win)
    return vim.api.nvim_win_get_config(win).relative ~= ""
  end, vim.api.nvim_list_wins())]]
  for _, case in ipairs({ { "i", "x" }, { "<Esc>", "j" }, { "v", "o" }, { "<Esc>:", "x" }, { "<Esc>:terminal<CR>i", "x" } }) do
    local before, key = unpack(case)
    nvim:type(before)
    vim.wait(50)
    nvim:lua(say)
    eq(1, nvim:lua(floats))
    vim.wait(50)
    eq(1, nvim:lua(floats))
    nvim:type(key)
    nvim:until_lua("the message gone after " .. before, floats .. " == 0")
  end
end)
