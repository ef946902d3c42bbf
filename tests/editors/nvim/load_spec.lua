--- The ways in which a configuration may bring the plugin, each up to an answer in the panel.

local h = require("harness")
local it, eq = h.it, h.eq

--- Puts what Neovim uses of a clone of the repository into a folder.
---@param to string
local function clone(to)
  for _, part in ipairs({ "plugin", "lua", "editors/nvim" }) do
    vim.fn.mkdir(vim.fs.dirname(to .. "/" .. part), "p")
    local copied = vim.system({ "cp", "-R", h.root .. "/" .. part, to .. "/" .. part }):wait()
    assert(copied.code == 0, copied.stderr)
  end
end

---@param lines string
---@return fun(dir: string)
local function configuration(lines)
  return function(dir)
    clone(dir .. "/kaizodo")
    h.write(dir .. "/init.lua", ("local dir = %q\n%s"):format(dir, lines))
  end
end

--- Opens a file, asks about it as a user would, and looks for the answer and for the help.
---@param nvim Nvim
local function works(nvim)
  nvim:script({ depth = { chunks = { "- D1 議題がない\n" } } })
  nvim:open("議.md", "会議が長い。\n決まらない。\n")
  nvim:choose("解像度")
  nvim:type("ggVjgra")
  nvim:panel_has("# 解像度", "## 深さ", "- D1 議題がない")
  nvim:ended()
  eq("会議が長い。\n決まらない。", nvim:selection())
  -- A panel without its keys and options would be the plugin's half.
  eq({ "nofile", 2 }, nvim:lua([[
    local win = require("kaizodo.window").find()
    return { vim.bo[vim.api.nvim_win_get_buf(win)].buftype, vim.wo[win].conceallevel }
  ]]))
  nvim:lua([[vim.cmd("Kaizodo stop"); vim.cmd.help("kaizodo"); vim.cmd.help("kaizodo@ja")]])
  eq("kaizodo.jax", nvim:lua([[return vim.fs.basename(vim.api.nvim_buf_get_name(0))]]))
end

it("loads by two lines, without a plugin manager", function(nvim)
  works(nvim)
end)

it("loads by the folder on the runtimepath alone", works, configuration([[
  vim.opt.runtimepath:prepend(dir .. "/kaizodo/editors/nvim")
]]))

it("loads where the lines come when no plugin is sourced any more, as after lazy.setup()", works, configuration([[
  vim.go.loadplugins = false
  vim.cmd.runtime("plugin/man.lua")
  vim.opt.runtimepath:prepend(dir .. "/kaizodo/editors/nvim")
  vim.lsp.enable("kaizodo")
]]))

it("loads when the lines are run after the start", works, configuration([[
  vim.api.nvim_create_autocmd("VimEnter", {
    callback = function()
      vim.opt.runtimepath:prepend(dir .. "/kaizodo/editors/nvim")
      vim.lsp.enable("kaizodo")
    end,
  })
]]))

--- What lazy.nvim does with a plugin that it loads at the start, as its documentation says: it
--- resets the runtimepath, switches Neovim's own loading of plugins off, puts the plugin's folder
--- on the runtimepath, sources the files below plugin/, and gives `opts` to its module's setup().
local LAZY = [[
  local function lazy(plugin)
    local own = vim.tbl_filter(function(path)
      return path == vim.env.VIMRUNTIME or path:match("/lib/nvim$") ~= nil
    end, vim.opt.runtimepath:get())
    vim.opt.runtimepath = { vim.fn.stdpath("config"), vim.fn.stdpath("data") .. "/site", unpack(own) }
    vim.opt.runtimepath:append(vim.fn.stdpath("config") .. "/after")
    vim.go.packpath, vim.go.loadplugins = vim.env.VIMRUNTIME, false
    vim.cmd.source(vim.env.VIMRUNTIME .. "/filetype.lua")
    vim.opt.runtimepath:prepend(plugin.dir)
    local files = vim.fn.glob(plugin.dir .. "/plugin/**/*.{vim,lua}", true, true)
    for _, file in ipairs(files) do
      vim.cmd.source(file)
    end
    if plugin.opts then
      local modules = vim.fn.glob(plugin.dir .. "/lua/*", true, true)
      assert(#modules == 1, "no module, or several")
      require(vim.fn.fnamemodify(modules[1], ":t:r")).setup(plugin.opts)
    end
  end
]]

it("loads as lazy.nvim loads a repository", works, configuration(LAZY .. [[
  lazy({ dir = dir .. "/kaizodo" })
]]))

it("loads as lazy.nvim loads a repository with opts", function(nvim)
  eq("ja", nvim:lua([[return vim.g.kaizodo.lang]]))
  works(nvim)
end, configuration(LAZY .. [[
  lazy({ dir = dir .. "/kaizodo", opts = { lang = "ja" } })
]]))

it("loads as lazy.nvim loads a folder", works, configuration(LAZY .. [[
  lazy({ dir = dir .. "/kaizodo/editors/nvim" })
]]))

it("loads by :packadd, as mini.deps and a package of one's own do", works, function(dir)
  clone(dir .. "/site/pack/deps/opt/kaizodo")
  h.write(dir .. "/init.lua", ([[
    vim.opt.packpath:prepend(%q)
    vim.cmd.packadd("kaizodo")
  ]]):format(dir .. "/site"))
end)

it("loads as a package that Neovim starts by itself", works, function(dir)
  clone(dir .. "/site/pack/own/start/kaizodo")
  h.write(dir .. "/init.lua", ("vim.opt.packpath:prepend(%q)"):format(dir .. "/site"))
end)

if vim.fn.has("nvim-0.12") == 1 then
  it("loads by vim.pack", works, function(dir)
    clone(dir .. "/origin")
    for _, args in ipairs({
      { "init", "--quiet", "--initial-branch=main" },
      { "add", "--all" },
      { "-c", "user.name=t", "-c", "user.email=t@localhost", "commit", "--quiet", "--message=All" },
    }) do
      local done = vim.system({ "git", "-C", dir .. "/origin", unpack(args) }):wait()
      assert(done.code == 0, done.stderr)
    end
    h.write(dir .. "/init.lua", ([[
      vim.pack.add({ { src = "file://%s", name = "kaizodo" } }, { confirm = false })
    ]]):format(dir .. "/origin"))
  end)
end

it("leaves the server alone where the settings say so, until somebody asks", function(nvim)
  h.write(nvim.dir .. "/a.md", "会議が長い。\n")
  nvim:lua([[vim.cmd.edit((...))]], nvim.dir .. "/a.md")
  eq(false, nvim:lua([[return require("kaizodo.attach").enabled()]]))
  eq({}, nvim:lua([[return vim.lsp.get_clients({ name = "kaizodo" })]]))
  nvim:script({ depth = { chunks = { "- D1 原因\n" } } })
  nvim:lua([[vim.cmd("1Kaizodo run depth")]])
  nvim:panel_has("## 深さ", "- D1 原因")
end, configuration([[
  vim.g.kaizodo = { enable = false }
  vim.opt.runtimepath:prepend(dir .. "/kaizodo/editors/nvim")
]]))

it("fills a panel that is shown without autocommands", function(nvim)
  nvim:script({ depth = { chunks = { "- D1 原因\n" } } })
  nvim:open("a.md", "会議が長い。\n")
  nvim:lua([[vim.o.eventignore = "BufReadCmd,BufWinEnter"]])
  nvim:lua([[vim.cmd("1Kaizodo run depth")]])
  nvim:panel_has("## 深さ", "- D1 原因")
end)
