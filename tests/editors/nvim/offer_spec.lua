--- When something is offered, and what comes of it.

local h = require("harness")
local it, eq = h.it, h.eq

--- Asks the server for code actions as a plugin would.
---@param nvim Nvim
---@param params table
---@return string[] titles
local function offered(nvim, params)
  return nvim:lua([[
    local params = ...
    params.textDocument = { uri = vim.uri_from_bufnr(0) }
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    local reply = client:request_sync("textDocument/codeAction", params, 30000)
    return vim.tbl_map(function(action) return action.title end, reply.result)
  ]], params)
end

local function place(line, character)
  return { line = line, character = character }
end

it("lights no bulb: on a bare cursor it offers nothing that nobody asked for", function(nvim)
  nvim:open("a.md", "会議が長い。\n")
  local cursor = { start = place(0, 3), ["end"] = place(0, 3) }
  eq({}, offered(nvim, { range = cursor, context = { diagnostics = {} } }))
  eq({}, offered(nvim, { range = cursor, context = { diagnostics = {}, triggerKind = 2 } }))
  -- Neovim's own gra says that it was asked for by hand.
  nvim:choose("解像度: 深さ")
  nvim:type("gra")
  nvim:panel_has("## 時間")
  eq("会議が長い。", nvim:selection())
end)

it("sends nothing without a menu, even if the only action is to be applied", function(nvim)
  nvim:open("a.md", "会議が長い。\n決まらない。\n")
  nvim:choose("^nothing of this name$")
  nvim:lua([[
    vim.keymap.set("x", "<F2>", function() vim.lsp.buf.code_action({ apply = true }) end)
    vim.keymap.set("x", "<F3>", function()
      vim.lsp.buf.code_action({ apply = true, context = { only = { "refactor" }, diagnostics = {} } })
    end)
  ]])
  for _, key in ipairs({ "<F2>", "<F3>" }) do
    nvim:lua("_G.offered = nil")
    nvim:type("Vj" .. key)
    eq({ "解像度: 深さ · 広さ · 構造 · 時間", "解像度: 送信内容を確認" },
      nvim:until_lua("a menu", "return _G.offered"))
    nvim:type("<Esc>")
  end
  eq({}, nvim:log("request"))
  nvim:choose("送信内容を確認")
  nvim:type("V<F2>")
  nvim:panel_has("# 解像度 · 送信内容の確認")
  eq({}, nvim:log("request"))
end)

it("comes after the servers of a language in code", function(nvim)
  nvim:lua([[
    local function server()
      return {
        request = function(method, _, callback)
          local result = {}
          if method == "initialize" then
            result = { capabilities = { codeActionProvider = true } }
          elseif method == "textDocument/codeAction" then
            result = { { title = "Extract a function", kind = "refactor.extract" } }
          end
          vim.schedule(function() callback(nil, result) end)
          return true, 1
        end,
        notify = function() return true end,
        is_closing = function() return false end,
        terminate = function() end,
      }
    end
    vim.lsp.config("other", {
      cmd = server,
      filetypes = { "lua" },
      -- As servers that look for a project do.
      root_dir = function(_, attach) vim.defer_fn(function() attach("/") end, 100) end,
    })
    vim.lsp.enable("other")
  ]])
  nvim:open("b.lua", "local a = 1\nlocal b = 2\n")
  nvim:choose("^nothing of this name$")
  nvim:type("Vjgra")
  local seen = nvim:until_lua("a menu", "return _G.offered")
  eq("Extract a function [other]", seen[1])
  assert(seen[2]:find("^Kaizodo: Depth"), vim.inspect(seen))
end)

it("says in the menu why nothing can be asked", function(nvim)
  nvim:lua([[vim.notify = function(message) _G.said = message end]])
  nvim:open(".env", "名前=値\n")
  nvim:choose("never")
  nvim:type("Vgra")
  local offered = nvim:until_lua("a menu", "return _G.offered")
  -- Neovim 0.12 adds that it is disabled.
  assert(vim.startswith(offered[1], "Kaizodo: .env is never sent (never_send)"), vim.inspect(offered))
  local said = nvim:until_lua("what is said", "return _G.said")
  assert(said:find(".env", 1, true) and said:find("config.toml", 1, true), said)
  eq({}, nvim:log("request"))
end)

it("follows no help, and no type that the settings leave out", function(nvim)
  nvim:lua([[vim.lsp.config("kaizodo", { filetypes = { "markdown" } })]])
  nvim:open("a.md", "課題\n")
  for _, open in ipairs({ "edit b.lua", "edit notes", "help" }) do
    nvim:lua([[vim.cmd(...)]], open)
    nvim:type("V<Esc>")
    -- Longer than the server waits for others in code.
    vim.wait(500)
    eq({ open, 0 }, { open, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })]]) })
  end
end)
