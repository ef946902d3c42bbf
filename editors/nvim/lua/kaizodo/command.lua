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
---@param perspectives? string[]
function M.request(client, command, buf, range, perspectives)
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
    if perspectives and #perspectives > 0 then
      argument.set, argument.perspectives = nil, perspectives
    end
    client_of.execute(client, command, argument)
  end, buf)
end

--- The perspectives that are known: those of the default set, and those that this session's runs had.
---@return string[]
local function perspectives()
  local names = {}
  for _, name in ipairs(BUILT_IN) do
    names[name] = true
  end
  local runs = require("kaizodo.runs")
  for _, id in ipairs(runs.ids()) do
    for _, section in ipairs(runs.get(id).sections) do
      names[section.branch] = section.role ~= "focus" or nil
    end
  end
  names = vim.tbl_keys(names)
  table.sort(names)
  return names
end

---@class kaizodo.Subcommand
---@field call fun(args: string[], opts: table)
---@field complete? fun(): string[]

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
      require("kaizodo")[name]({
        perspectives = args,
        visual = visual,
        line1 = opts.range > 0 and opts.line1 or nil,
        line2 = opts.range > 0 and opts.line2 or nil,
      })
    end,
    complete = perspectives,
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
    call = function()
      require("kaizodo").retry()
    end,
  },
  open = {
    call = function(args)
      require("kaizodo").open(args[1])
    end,
    complete = function()
      return require("kaizodo.runs").ids()
    end,
  },
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
    candidates = subcommand and subcommand.complete and subcommand.complete() or {}
  end
  return vim.tbl_filter(function(candidate)
    return vim.startswith(candidate, lead)
      and (#words <= 1 or not vim.list_contains(words, candidate) or candidate == lead)
  end, candidates)
end

return M
