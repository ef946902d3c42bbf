--- What the user's autocommands are told of runs.

local h = require("harness")
local steps = require("steps")
local it, eq = h.it, h.eq

---@param nvim Nvim
local function listen(nvim)
  nvim:lua([[
    _G.told = {}
    vim.api.nvim_create_autocmd("User", {
      pattern = { "KaizodoRunStart", "KaizodoRunEnd" },
      callback = function(ev)
        table.insert(_G.told, { ev.match, ev.data.run, ev.data.outcome or "" })
      end,
    })
  ]])
end

---@param nvim Nvim
---@param expected { [1]: string, [2]: string }[] Events and outcomes.
local function told(nvim, expected)
  local got
  pcall(h.eventually, "what is told", function()
    got = vim.tbl_map(function(told)
      return { told[1], told[3] }
    end, nvim:lua("return _G.told"))
    return vim.deep_equal(expected, got)
  end)
  eq(expected, got)
end

local START, DONE = { "KaizodoRunStart", "" }, { "KaizodoRunEnd", "done" }

it("tells when a run begins and ends, and when it goes on and ends again", function(nvim)
  listen(nvim)
  steps.panel(nvim)
  told(nvim, { START, DONE })
  local run = nvim:lua([[return require("kaizodo.runs").ids()[1] ]])
  eq({ run, run }, nvim:lua([[return { _G.told[1][2], _G.told[2][2] }]]))
  steps.at(nvim, "## 深さ")
  nvim:type("r")
  told(nvim, { START, DONE, START, DONE })
  nvim:lua([[vim.cmd("Kaizodo ask なぜ？")]])
  told(nvim, { START, DONE, START, DONE, START, DONE })
  -- A panel that is opened again begins nothing.
  nvim:panel_has("来月の担当者")
  nvim:lua([[vim.cmd("bwipeout! | Kaizodo open")]])
  nvim:panel_has("来月の担当者")
  vim.wait(300)
  eq(6, nvim:lua("return #_G.told"))
end)

it("tells nothing of a mark, although the server says once more that the run is over", function(nvim)
  listen(nvim)
  steps.panel(nvim)
  told(nvim, { START, DONE })
  steps.at(nvim, "- D2")
  nvim:lua([[vim.cmd("Kaizodo mark drop")]])
  nvim:panel_has("✎")
  vim.wait(300)
  eq(2, nvim:lua("return #_G.told"))
end)

it("tells of a run that is over at once, with its outcome, whatever an autocommand does", function(nvim)
  nvim:lua([[vim.api.nvim_create_autocmd("User", {
    pattern = "KaizodoRun*",
    callback = function() error("the user's own") end,
  })]])
  listen(nvim)
  nvim:lua([[vim.env.KAIZODO_PROVIDER = "worksheet"]])
  nvim:open("a.md", steps.TEXT)
  nvim:lua([[vim.cmd("3,4Kaizodo run depth")]])
  told(nvim, { START, DONE })
  nvim:panel_has("## 深さ")
  h.eventually("the state", function()
    return (nvim:states()[1] or ""):find("✓", 1, true)
  end)
end)

it("tells that a run ended with what it was stopped at, and that its server was gone", function(nvim)
  listen(nvim)
  nvim:script({ ["*"] = { chunks = { "一" }, hang = true } })
  nvim:open("a.md", steps.TEXT)
  nvim:lua([[vim.cmd("3,4Kaizodo run depth")]])
  told(nvim, { START })
  nvim:panel_has("一")
  nvim:lua([[vim.cmd("Kaizodo stop")]])
  told(nvim, { START, { "KaizodoRunEnd", "cancelled" } })
  nvim:lua([[_G.told = {}; vim.cmd("3,4Kaizodo run depth")]])
  told(nvim, { START })
  nvim:lua([[vim.lsp.get_clients({ name = "kaizodo" })[1]:stop(true)]])
  told(nvim, { START, { "KaizodoRunEnd", "partial" } })
end)
