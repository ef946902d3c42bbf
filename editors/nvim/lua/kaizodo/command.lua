--- :Kaizodo and its sub-commands.

local client_of = require("kaizodo.client")
local lang = require("kaizodo.lang")

local M = {}

--- The perspectives of the default set.
local BUILT_IN = { "breadth", "depth", "structure", "time" }

local KIND = "refactor.rewrite.kaizodo"

--- Sends a command with what the server's first action for a range would ask, with other
--- perspectives where given. The action knows best what to look at: for a bare cursor it brings the
--- paragraph.
---@param client vim.lsp.Client
---@param command "kaizodo.run"|"kaizodo.preview"
---@param buf integer
---@param range lsp.Range
---@param ask { perspectives?: string[], set?: string }
function M.request(client, command, buf, range, ask)
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(buf) },
    range = range,
    context = { diagnostics = {}, only = { KIND }, triggerKind = 1 },
  }
  client:request("textDocument/codeAction", params, function(err, actions)
    if err then
      return lang.notify(err.message)
    end
    local action = vim.iter(actions or {}):find(function(action)
      return type(action.command) == "table" and action.command.command == "kaizodo.run"
    end)
    -- Where nothing is offered, the server, asked all the same, says why.
    local argument = action and action.command.arguments[1]
      or { uri = params.textDocument.uri, range = range }
    if ask.set then
      argument.set, argument.perspectives = ask.set, nil
    elseif ask.perspectives and #ask.perspectives > 0 then
      argument.set, argument.perspectives = nil, ask.perspectives
    end
    client_of.execute(client, command, argument)
  end, buf)
end

--- How long completion may wait for the program and the server each, in milliseconds.
local COMPLETION_MS = 2000

--- What the program knows: perspectives, the user's own among them, and the sets they make.
---@return { name: string, set?: string }[]
local function perspectives_of_program()
  local process = require("kaizodo.doctor").spawn({ "perspectives", "--json" })
  local result = process and process:wait(COMPLETION_MS)
  local ok, list = pcall(vim.json.decode, result and result.stdout or "", { luanil = { object = true } })
  return ok and type(list) == "table" and list or {}
end

--- The sets that the server offers for the current buffer, those of the settings among them.
---@return string[]
local function offered_sets()
  local client = vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })[1]
  local row = vim.fn.search("\\S", "cnw") - 1
  if not client or not client.initialized or row < 0 then
    return {}
  end
  local params = {
    textDocument = { uri = vim.uri_from_bufnr(0) },
    range = { start = { line = row, character = 0 }, ["end"] = { line = row + 1, character = 0 } },
    context = { diagnostics = {}, only = { KIND }, triggerKind = 1 },
  }
  local reply = client:request_sync("textDocument/codeAction", params, COMPLETION_MS)
  return vim.tbl_map(function(action)
    return vim.tbl_get(action, "command", "arguments", 1, "set")
  end, reply and reply.result or {})
end

--- What a run can be asked for: perspectives by name, then sets as `set=…`.
---@return string[]
local function asks()
  local names, sets = {}, {}
  for _, name in ipairs(BUILT_IN) do
    names[name] = true
  end
  for _, perspective in ipairs(perspectives_of_program()) do
    names[perspective.name] = true
    sets[perspective.set or "default"] = true
  end
  for _, set in pairs(offered_sets()) do
    sets[set] = true
  end
  names, sets = vim.tbl_keys(names), vim.tbl_keys(sets)
  table.sort(names)
  table.sort(sets)
  return vim.list_extend(names, vim.tbl_map(function(set)
    return "set=" .. set
  end, sets))
end

--- Takes `set=…`, and names of perspectives.
---@param args string[]
---@return { perspectives?: string[], set?: string }
local function ask_of(args)
  local ask = { perspectives = {} }
  for _, arg in ipairs(args) do
    local set = arg:match("^set=(.+)$")
    if set then
      ask.set = set
    else
      table.insert(ask.perspectives, arg)
    end
  end
  return ask
end

---@class kaizodo.Subcommand
---@field call fun(args: string[], opts: table)
---@field complete? fun(lead: string): string[]

--- A sub-command about text of the current buffer.
---@param name "run"|"preview"
---@return kaizodo.Subcommand
local function about_text(name)
  return {
    call = function(args, opts)
      -- '<,'>Kaizodo: a range of lines only, but the marks know the characters.
      local visual = opts.range == 2
        and opts.line1 == vim.fn.line("'<")
        and opts.line2 == vim.fn.line("'>")
      require("kaizodo")[name](vim.tbl_extend("error", ask_of(args), {
        visual = visual,
        line1 = opts.range > 0 and opts.line1 or nil,
        line2 = opts.range > 0 and opts.line2 or nil,
      }))
    end,
    complete = asks,
  }
end

--- Takes words that are each one of a few.
---@param args string[]
---@param choices table<string, string[]> What each word may be, by what it says.
---@return table<string, string>? chosen Nil where a word is none of them; the user is told.
local function choose(args, choices)
  local chosen, all = {}, {}
  for key, values in pairs(choices) do
    for _, value in ipairs(values) do
      all[value] = key
    end
  end
  for _, arg in ipairs(args) do
    if not all[arg] then
      local list = vim.tbl_keys(all)
      table.sort(list)
      lang.notify(lang.words().unknown_argument:format(arg, table.concat(list, ", ")))
      return nil
    end
    chosen[all[arg]] = arg
  end
  return chosen
end

--- How an answer may be inserted.
local INSERTION = { as = { "comment", "text" }, at = { "above", "below" } }

local EFFORTS = { "none", "minimal", "low", "medium", "high" }

--- Completes the arguments of a retry; the server is asked for its models once `m` is typed.
---@param lead string
---@return string[]
local function settings_for(lead)
  local models = { "model=" }
  local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
  if client and client.initialized and lead:find("^m") then
    local reply = client:request_sync("kaizodo/models", vim.empty_dict(), COMPLETION_MS)
    local listed = vim.tbl_get(reply or {}, "result", "models") or {}
    if #listed > 0 then
      models = vim.tbl_map(function(model)
        return "model=" .. model.name
      end, listed)
    end
  end
  return vim.list_extend(models, vim.tbl_map(function(effort)
    return "effort=" .. effort
  end, EFFORTS))
end

--- Takes `model=…` and `effort=…`.
---@param args string[]
---@return table<string, string>? settings Nil where a word is neither; the user is told.
local function settings_of(args)
  local settings = {}
  for _, arg in ipairs(args) do
    local key, value = arg:match("^(%l+)=(.+)$")
    if key ~= "model" and key ~= "effort" then
      lang.notify(lang.words().unknown_argument:format(arg, "model=…, effort=…"))
      return nil
    end
    settings[key] = value
  end
  return settings
end

--- Where runs are looked for: those about the current file, below its folder, or all.
local SCOPES = { "file", "folder", "all" }

--- A sub-command about a run that may be named.
---@param fn fun(run?: string)
---@return kaizodo.Subcommand
local function about_saved(fn)
  return {
    call = function(args)
      fn(args[1])
    end,
    complete = function()
      return require("kaizodo.runs").ids()
    end,
  }
end

---@type table<string, kaizodo.Subcommand>
local subcommands = {
  run = about_text("run"),
  preview = about_text("preview"),
  stop = {
    call = function()
      require("kaizodo").stop()
    end,
  },
  retry = {
    call = function(args)
      local settings = settings_of(args)
      if settings then
        require("kaizodo").retry(settings)
      end
    end,
    complete = settings_for,
  },
  ask = {
    call = function(_, opts)
      -- As it was typed, with all its spaces.
      require("kaizodo").ask({ question = opts.args:match("^%S+%s+(.*)$"), all = opts.bang })
    end,
  },
  mark = {
    call = function(_, opts)
      local mark = vim.trim(opts.args:match("^%S+%s+(.*)$") or "")
      if mark == "" then
        return lang.notify(lang.words().no_mark)
      end
      require("kaizodo.answer").mark(mark)
    end,
    complete = function()
      return { "keep", "drop", "none" }
    end,
  },
  revise = {
    call = function()
      require("kaizodo.answer").revise()
    end,
  },
  compare = about_saved(function(with)
    local run = require("kaizodo.answer").here()
    if run then
      require("kaizodo.compare").show(run, with)
    end
  end),
  insert = {
    call = function(args)
      local chosen = choose(args, INSERTION)
      if chosen then
        require("kaizodo").insert(chosen)
      end
    end,
    complete = function()
      return { "comment", "text", "above", "below" }
    end,
  },
  yank = {
    call = function(args)
      local chosen = choose(args, { all = { "all" } })
      if chosen then
        require("kaizodo").yank({ all = chosen.all ~= nil })
      end
    end,
    complete = function()
      return { "all" }
    end,
  },
  save = {
    call = function(args, opts)
      if not args[1] then
        return lang.notify(lang.words().no_file)
      end
      require("kaizodo").save(table.concat(args, " "), { force = opts.bang })
    end,
    complete = function(lead)
      return vim.fn.getcompletion(lead, "file")
    end,
  },
  open = about_saved(function(run)
    require("kaizodo").open(run)
  end),
  browse = {
    call = function()
      require("kaizodo").browse()
    end,
  },
  history = {
    call = function(_, opts)
      local query = vim.trim(opts.args:match("^%S+%s+(.*)$") or "")
      local scope, rest = query:match("^(%S+)%s*(.*)$")
      if not vim.list_contains(SCOPES, scope) then
        scope, rest = "all", query
      end
      require("kaizodo").history({ scope = scope, query = rest ~= "" and rest or nil })
    end,
    complete = function()
      return SCOPES
    end,
  },
  pin = about_saved(function(run)
    require("kaizodo.history").pin(run, true)
  end),
  unpin = about_saved(function(run)
    require("kaizodo.history").pin(run, false)
  end),
  delete = about_saved(function(run)
    require("kaizodo.history").delete(run)
  end),
  copy = {
    call = function(_, opts)
      require("kaizodo").copy({ mods = opts.smods })
    end,
  },
  doctor = {
    call = function()
      require("kaizodo.doctor").show()
    end,
  },
}

---@return string[]
local function names()
  local list = vim.tbl_keys(subcommands)
  table.sort(list)
  return list
end

--- Carries :Kaizodo out.
---@param opts table As nvim_create_user_command() gives them.
function M.call(opts)
  local name = opts.fargs[1] or "run"
  local subcommand = subcommands[name]
  if not subcommand then
    local list = table.concat(names(), ", ")
    return lang.notify(lang.words().unknown_command:format(name, list))
  end
  subcommand.call(vim.list_slice(opts.fargs, 2), opts)
end

--- Completes :Kaizodo.
---@param lead string
---@param line string
---@return string[]
function M.complete(lead, line)
  local words = vim.split(line:match("Kaizodo!?%s+(.*)$") or "", "%s+")
  local candidates
  if #words <= 1 then
    candidates = names()
  else
    local subcommand = subcommands[words[1]]
    candidates = subcommand and subcommand.complete and subcommand.complete(lead) or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
      and (#words <= 1 or not vim.list_contains(words, candidate) or candidate == lead)
  end, candidates)
end

return M
