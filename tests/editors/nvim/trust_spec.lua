local h = require("harness")
local it, eq = h.it, h.eq

local TEXT = "会議が長い。\n"
local RISKS =
  "---\nname: risks\ndescription: 危険を見る。\n---\nこの行は risks だけのもの。\n"

--- A server that nobody may ask.
local sink = assert(vim.uv.new_tcp())
local visitors = 0
assert(sink:bind("127.0.0.1", 0))
sink:listen(16, function()
  visitors = visitors + 1
  local visitor = vim.uv.new_tcp()
  sink:accept(visitor)
  visitor:close()
end)
local SINK = ("http://127.0.0.1:%d/v1"):format(sink:getsockname().port)

--- A project with everything in it that could send the text elsewhere.
---@param dir string
local function hostile(dir)
  local lua = ("vim.env.OPENAI_BASE_URL = '%s' vim.g.was_read = true"):format(SINK)
  local keys = ('base_url = "%s"\nprovider = "openai"\nmodel = "theirs"\n'):format(SINK)
  local json = ('{"kaizodo.baseUrl": "%s", "kaizodo": {"base_url": "%s"}}'):format(SINK, SINK)
  for name, text in pairs({
    [".nvim.lua"] = lua,
    [".exrc"] = "let g:was_read = v:true",
    [".kaizodo/config.toml"] = keys,
    [".kaizodo/perspectives/risks.md"] = RISKS,
    [".vscode/settings.json"] = json,
    [".neoconf.json"] = json,
    [".nlsp-settings/kaizodo.json"] = json,
    ["kaizodo.toml"] = keys,
    [".env"] = "OPENAI_BASE_URL=" .. SINK,
  }) do
    h.write(dir .. "/" .. name, text)
  end
end

--- Has the user's file say what the environment said: an editor's settings go before it.
---@param nvim Nvim
local function by_file(nvim)
  local url = nvim:lua("return vim.env.OPENAI_BASE_URL")
  h.write(nvim.dir .. "/config/kaizodo/config.toml", ('base_url = "%s"\n'):format(url))
  nvim:lua("vim.env.OPENAI_BASE_URL, vim.env.KAIZODO_MODEL = nil, nil")
end

--- Runs on the first line, and waits for the panel.
---@param nvim Nvim
local function run(nvim)
  nvim:lua([[_G.asked = nil; vim.ui.select = function(items, opts, on_choice)
    _G.asked = opts.prompt
    on_choice(nil)
  end]])
  nvim:type("gg:1Kaizodo run<CR>")
  return nvim:panel_has("## 深さ", "## 時間", "⚠")
end

it("is not redirected by a project's files", function(nvim)
  by_file(nvim)
  nvim:open("notes.md", TEXT)
  local panel = run(nvim)
  assert(panel:find("まだ信頼されていない", 1, true) or panel:find("not trusted", 1, true), panel)
  assert(panel:find("base_url、model、provider", 1, true), panel)
  h.eventually("four requests", function()
    return #nvim:log("request") == 4
  end)
  eq(0, visitors)
  eq(vim.NIL, nvim:lua("return vim.g.was_read"))
  local asked = nvim:until_lua("a question", "return _G.asked")
  assert(asked:find("risks", 1, true), asked)
end, hostile)

it("is not redirected by a plugin that mixes a project's settings in", function(nvim)
  by_file(nvim)
  nvim:lua(
    [[
    local settings = { kaizodo = { base_url = ..., headers = { x = "theirs" } } }
    vim.lsp.config("*", {
      before_init = function(params, config)
        params.initializationOptions = settings
        config.settings = settings
      end,
    })
  ]],
    SINK
  )
  nvim:open("notes.md", TEXT)
  nvim:lua(
    [[
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    client.settings = { kaizodo = { base_url = ..., perspectives = { "time" } } }
    client:notify("workspace/didChangeConfiguration", { settings = client.settings })
  ]],
    SINK
  )
  nvim:type("gg:1Kaizodo run<CR>")
  nvim:panel_has("## 深さ", "## 時間")
  h.eventually("four requests", function()
    return #nvim:log("request") == 4
  end)
  eq(0, visitors)
end)

it("gives the server what vim.lsp.config() says, limits too", function(nvim)
  nvim:lua([[
    vim.lsp.config("kaizodo", {
      settings = { kaizodo = { perspectives = { "time" }, limits = { selection_bytes = 30 } } },
      init_options = { lang = "en" },
    })
    vim.notify = function(message) _G.said = message end
  ]])
  nvim:open("notes.md", TEXT .. ("長い文。"):rep(20))
  nvim:type("gg:1Kaizodo run<CR>")
  nvim:panel_has("## Time")
  nvim:type("<C-w>p:2Kaizodo run<CR>")
  local said = nvim:until_lua("a refusal", "return _G.said")
  assert(said:find("30", 1, true), said)
  -- Another setting at run time is told by a sign.
  nvim:lua([[
    vim.lsp.config("kaizodo", { settings = { kaizodo = { perspectives = { "depth" } } } })
    vim.lsp.get_clients({ name = "kaizodo" })[1]:notify("workspace/didChangeConfiguration", {})
  ]])
  h.eventually("the new setting", function()
    nvim:lua([[require("kaizodo").run({ line1 = 1, line2 = 1 })]])
    vim.wait(100)
    return vim.iter(nvim:log("request")):any(function(request)
      return request.perspective == "depth"
    end)
  end)
end)

it("uses a project's perspectives once they are trusted", function(nvim)
  nvim:open("notes.md", TEXT)
  nvim:choose("^Trust$")
  nvim:lua([[vim.notify = function(message) _G.said = message end]])
  nvim:type("gg:1Kaizodo run<CR>")
  local said = nvim:until_lua("a word of it", "return _G.said")
  eq("Trusted. It will be used from the next run on.", said)
  nvim:lua([[require("kaizodo").run({ perspectives = { "risks" }, line1 = 1, line2 = 1 })]])
  h.eventually("its question", function()
    return vim.iter(nvim:log("request")):any(function(request)
      return table.concat(request.messages, "\n"):find("risks だけのもの", 1, true) ~= nil
    end)
  end)
  eq(0, visitors)
end, hostile)

it("shows all that is to be trusted, and asks again", function(nvim)
  nvim:open("notes.md", TEXT)
  nvim:lua([[
    _G.asked, _G.seen = 0, ""
    vim.notify = function(message) _G.said = message end
    vim.ui.select = function(items, opts, on_choice)
      _G.asked = _G.asked + 1
      for _, win in ipairs(vim.api.nvim_list_wins()) do
        local buf = vim.api.nvim_win_get_buf(win)
        if vim.api.nvim_buf_get_name(buf):find("^kaizodo:/+trust/") then
          _G.seen = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n")
        end
      end
      for index, item in ipairs(items) do
        if opts.format_item(item) == (_G.asked == 1 and "Show" or "Trust") then
          return on_choice(item, index)
        end
      end
    end
  ]])
  nvim:type("gg:1Kaizodo run<CR>")
  eq("Trusted. It will be used from the next run on.", nvim:until_lua("a word of it", "return _G.said"))
  eq(2, nvim:lua("return _G.asked"))
  local seen = nvim:lua("return _G.seen")
  assert(seen:find("この行は risks だけのもの。", 1, true), seen)
end, hostile)
