local h = require("harness")
local it, eq = h.it, h.eq

---@param nvim Nvim
---@param line string
local function complete(nvim, line)
  return nvim:lua([[return vim.fn.getcompletion(..., "cmdline")]], line)
end

--- Waits until a command line is completed by these: the server is asked for some.
---@param nvim Nvim
---@param line string
---@param expected string[]
local function completes(nvim, line, expected)
  h.becomes(expected, function()
    return complete(nvim, line)
  end)
end

local ASKS = {
  "assumptions", "breadth", "depth", "expert", "failures", "first-sign", "guard", "how-it-failed",
  "hurried", "in-a-year", "misreadings", "newcomer", "options", "overlooked", "scale", "sceptic",
  "stakes", "structure", "test-gaps", "time",
  "set=decide", "set=default", "set=premortem", "set=readers", "set=review",
}

it("completes sub-commands and perspectives", function(nvim)
  nvim:open("a.md", "課題\n")
  completes(nvim, "Kaizodo ", {
    "ask", "browse", "compare", "copy", "delete", "doctor", "history", "insert", "mark", "open", "pin",
    "preview", "retry", "revise", "run", "save", "stop", "unpin", "yank",
  })
  completes(nvim, "Kaizodo r", { "retry", "revise", "run" })
  completes(nvim, "Kaizodo run ", ASKS)
  completes(nvim, "'<,'>Kaizodo run d", { "depth" })
  completes(nvim, "Kaizodo run stakes st", { "structure" })
  completes(nvim, "Kaizodo stop ", {})
  completes(nvim, "Kaizodo history ", { "file", "folder", "all" })
  completes(nvim, "Kaizodo insert ", { "comment", "text", "above", "below" })
  completes(nvim, "Kaizodo insert comment a", { "above" })
end)

it("completes perspectives where no server runs", function(nvim)
  completes(nvim, "Kaizodo run ", ASKS)
end)

it("completes and asks the user's own perspectives and sets", function(nvim)
  nvim:open("a.md", "課題が残る。\n")
  completes(nvim, "Kaizodo run mo", { "mood" })
  h.becomes({ "set=decide", "set=default", "set=mine" }, function()
    return vim.list_slice(complete(nvim, "Kaizodo run set="), 1, 3)
  end)
  nvim:lua([[vim.cmd("1Kaizodo run set=mine")]])
  nvim:panel_has("## 気分", "## 深さ")
  nvim:ended(1)
  nvim:lua([[require("kaizodo").run({ set = "premortem", line1 = 1 })]])
  h.eventually("the set's requests", function()
    return #nvim:log("request") == 6
  end)
  nvim:ended(2)
  nvim:lua([[require("kaizodo").run({ perspectives = { "mood" }, line1 = 1 })]])
  nvim:ended(3)
  eq(7, #nvim:log("request"))
end, function(dir)
  local config = dir .. "/config/kaizodo"
  h.write(config .. "/config.toml", 'sets = { mine = ["mood", "depth"] }\n')
  h.write(config .. "/perspectives/mood.md", table.concat({
    "---", "name: mood", "description: Looks at the mood.", "title: Mood", "title.ja: 気分", "---", "",
    "気分を見る。", "",
  }, "\n"))
end)

it("asks the set that is named, and says so where there is none", function(nvim)
  nvim:open("a.md", "課題が残る。\n")
  nvim:lua([[
    vim.notify = function(message) _G.said = message end
    vim.cmd("1Kaizodo run set=no-such")
  ]])
  local said = nvim:until_lua("what is said", "return _G.said")
  assert(said:find("no-such", 1, true), said)
end)

it("names the sub-commands where one is unknown", function(nvim)
  nvim:lua([[
    vim.notify = function(message) _G.said = message end
    vim.cmd("Kaizodo fly")
  ]])
  local said = nvim:lua("return _G.said")
  assert(said:find("fly", 1, true) and said:find("ask, browse, compare, copy, delete, doctor, history,", 1, true), said)
end)

it("shows what the doctor says", function(nvim)
  nvim:lua([[vim.cmd("Kaizodo doctor")]])
  nvim:until_lua("a float", [[return vim.api.nvim_win_get_config(0).relative == "editor"]])
  assert(nvim:lua([[return vim.api.nvim_buf_get_lines(0, 0, 1, false)[1] ]]) ~= "")
end)

it("shows what would be sent, and sends nothing", function(nvim)
  nvim:open("a.md", "課題は `何か`\n\nほかの段落\n")
  nvim:lua([[vim.cmd("1Kaizodo preview depth")]])
  local text = nvim:panel_has("# 解像度 · 送信内容の確認", "## 深さ", "## 送らないもの")
  local body = assert(text:match("\n```json\n(.-)\n```\n"), text)
  assert(body:find("課題は `何か`", 1, true) and not body:find("ほかの段落", 1, true), body)
  assert(not text:find("## 広さ", 1, true), text)
  eq({}, nvim:log("request"))
  eq("a.md", nvim:lua([[return vim.fs.basename(vim.api.nvim_buf_get_name(0))]]))
  eq({}, nvim:states())
  nvim:enter_panel()
  eq(false, nvim:lua([[return vim.bo.modifiable or vim.bo.modified]]))
  nvim:lua([[vim.cmd.wincmd("p"); vim.cmd("1Kaizodo run depth")]])
  eq(vim.json.decode(body).messages[2].content:match("<<<.->>>"), nvim:lua(
    [[return (...)]],
    h.eventually("the request", function()
      local request = nvim:log("request")[1]
      return request and table.concat(request.messages, "\n"):match("<<<.->>>")
    end)
  ))
end)

it("says that there is no panel yet", function(nvim)
  nvim:lua([[
    vim.notify = function(message) _G.said = message end
    vim.cmd("Kaizodo open")
  ]])
  local said = nvim:until_lua("what is said", "return _G.said")
  assert(said:find("no runs in the journal yet", 1, true), said)
end)

it("passes its health check", function(nvim)
  nvim:open("a.md", "課題\n")
  nvim:lua([[
    vim.g.kaizodo = { panel = { colour = "red", size = "big" }, lang = "fr", keys = false }
    vim.cmd("checkhealth kaizodo")
  ]])
  local text = nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
  for _, part in ipairs({
    "Neovim " .. tostring(vim.version()),
    "unknown key `panel.colour`",
    "`panel.size` must be a number",
    "`lang` must be one of auto, ja, en",
    "The server is running, attached to 1 buffer",
    "OK kaizodo 0.",
  }) do
    assert(text:find(part, 1, true), ("%q is not in\n%s"):format(part, text))
  end
  assert(not text:find("Failed to run healthcheck", 1, true), text)
  nvim:lua([[
    vim.cmd("bwipeout")
    vim.g.kaizodo = { lang = "ja", keys = { retri = "R" } }
    vim.cmd("checkhealth kaizodo")
  ]])
  local ja = nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
  assert(ja:find("サーバーが動いています（バッファー 1 個）", 1, true), ja)
  assert(ja:find("`keys.retri` という設定はありません", 1, true), ja)
end)

it("warns in its health check where no model answers", function(nvim)
  nvim:lua([[
    for _, name in ipairs({ "OPENAI_BASE_URL", "OPENAI_API_KEY", "KAIZODO_MODEL" }) do
      vim.env[name] = nil
    end
    vim.cmd("checkhealth kaizodo")
  ]])
  local text = nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
  local part = text:match("kaizodo: who answers.*") or text
  -- On a computer with a model server of its own, that one answers.
  if part:find("local servers%s+none") then
    assert(part:find("WARNING", 1, true) and part:find("No model is available", 1, true), part)
  else
    assert(part:find("OK", 1, true), part)
  end
end)

it("checks the program as the server is run, and names the settings that are Neovim's own", function(nvim)
  nvim:lua([[
    vim.lsp.config("kaizodo", {
      cmd = { "env", "KAIZODO_MODEL=named-before", "kaizodo", "lsp" },
      cmd_env = { OPENAI_BASE_URL = vim.env.OPENAI_BASE_URL },
      settings = { kaizodo = { base_url = "http://127.0.0.1:9/v1", model = "own" } },
    })
    vim.env.OPENAI_BASE_URL, vim.env.KAIZODO_MODEL = nil, nil
  ]])
  local host = nvim:lua([[return vim.lsp.config.kaizodo.cmd_env.OPENAI_BASE_URL:match("//(.-)/")]])
  for _, line in ipairs({ "checkhealth kaizodo", "Kaizodo doctor" }) do
    nvim:lua([[vim.cmd(...)]], line)
    nvim:until_lua("the report", [[
      _G.report = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
      return _G.report:find("named-before", 1, true) ~= nil
    ]])
    local report = nvim:lua("return _G.report")
    assert(report:find(host, 1, true), report)
    assert(report:find("Runs from Neovim also use these settings.-: base_url, model\n"), report)
    nvim:lua([[vim.cmd.bwipeout()]])
  end
end)

it("says why nothing can be asked here", function(nvim)
  nvim:lua([[vim.notify = function(message) _G.said = message end]])
  local function said(line)
    nvim:lua([[_G.said = nil; vim.cmd(...)]], line)
    return nvim:until_lua("what is said", [[return _G.said]])
  end
  nvim:open(".env", "NAME=value\n")
  for _, line in ipairs({ "1Kaizodo run", "1Kaizodo preview" }) do
    local message = said(line)
    assert(message:find(".env", 1, true) and message:find("never_send", 1, true), message)
  end
  nvim:open("a.md", "課題\n\n\n")
  local message = said("2Kaizodo run")
  assert(message:find("selection contains no text", 1, true), message)
  eq({}, nvim:log("request"))
end)
