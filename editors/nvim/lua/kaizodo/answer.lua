--- What can be done with an answer: ask on, retry, stop, insert it into the document.

local client_of = require("kaizodo.client")
local lang = require("kaizodo.lang")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

--- The panel that is meant: the current window's, else the one in sight.
---@return string? run Nil where there is none; the user is told.
---@return kaizodo.Section? section The one under that window's cursor.
---@return integer? win
function M.here()
  local win = vim.api.nvim_get_current_win()
  if not uri_of.is_panel(vim.api.nvim_buf_get_name(0)) then
    win = require("kaizodo.window").find() or win
  end
  local run = uri_of.run(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(win)))
  if not run then
    lang.notify(lang.words().not_panel)
    return nil
  end
  local section = sections.here(win)
  return run, section and section.branch and section, win
end

--- Calls `fn` with the section that is meant, and the server.
---@param fn fun(client: vim.lsp.Client, target: { run: string, branch: string }, section: kaizodo.Section, win: integer)
local function with_section(fn)
  local run, section, win = M.here()
  if not run then
    return
  elseif not section then
    return lang.notify(lang.words().no_section)
  end
  client_of.with(nil, function(client)
    fn(client, { run = run, branch = section.branch }, section, assert(win))
  end)
end

--- Asks a question about the section that is meant; where the cursor is in none, about all answers.
---@param opts? { question?: string, all?: boolean }
function M.ask(opts)
  opts = opts or {}
  local run, section = M.here()
  if not run then
    return
  elseif opts.all then
    section = nil
  end
  ---@param question? string
  local function send(question)
    question = vim.trim(question or "")
    if question ~= "" then
      client_of.with(nil, function(client)
        local branch = section and section.branch
        client_of.execute(client, "kaizodo.ask", { run = run, branch = branch, question = question })
      end)
    end
  end
  if opts.question then
    return send(opts.question)
  end
  local known = require("kaizodo.runs").get(run)
  local words = lang.words(known and known.lang)
  local prompt = section and words.ask_section:format(section.title) or words.ask_all
  vim.ui.input({ prompt = prompt }, send)
end

--- Calls `fn` with the server, and the place of the item under the cursor.
---@param fn fun(client: vim.lsp.Client, item: { run: string, branch: string, line: integer })
local function with_item(fn)
  local run, _, win = M.here()
  if not run then
    return
  end
  local buf = vim.api.nvim_win_get_buf(assert(win))
  local line = vim.api.nvim_win_get_cursor(win)[1] - 1
  local place = { line = line, character = 0 }
  client_of.with(nil, function(client)
    -- The server knows which item of the answer stands there.
    local params = {
      textDocument = { uri = vim.uri_from_bufnr(buf) },
      range = { start = place, ["end"] = place },
      context = { diagnostics = {}, only = { "refactor.rewrite.kaizodo.mark" }, triggerKind = 1 },
    }
    client:request("textDocument/codeAction", params, function(err, actions)
      local action = (actions or {})[1]
      if err or not action then
        return lang.notify(err and err.message or lang.words().no_item)
      end
      local argument = action.command.arguments[1]
      fn(client, { run = argument.run, branch = argument.branch, line = argument.line })
    end, buf)
  end)
end

--- Marks the item under the cursor to be kept or dropped, comments on it, or takes its mark away.
---@param mark "keep"|"drop"|"none"|string Any other word is a comment.
function M.mark(mark)
  with_item(function(client, item)
    local argument = vim.tbl_extend("error", item, {
      mark = (mark == "keep" or mark == "drop") and mark or nil,
      comment = mark ~= "keep" and mark ~= "drop" and mark ~= "none" and mark or nil,
    })
    client_of.execute(client, "kaizodo.mark", argument)
  end)
end

--- Asks the user for a comment on the item under the cursor; the one that it has can be changed.
function M.comment()
  with_item(function(client, item)
    local run = require("kaizodo.runs").get(item.run)
    local branch = run and run.branches[item.branch]
    local before = branch and branch.comments[item.line]
    local prompt = lang.words(run and run.lang).comment_item
    vim.ui.input({ prompt = prompt, default = before }, function(comment)
      comment = comment and vim.trim(comment)
      -- Without a word, the comment that was there goes; a mark of another kind stays.
      if comment and comment ~= (before or "") then
        local argument = { comment = comment ~= "" and comment or nil }
        client_of.execute(client, "kaizodo.mark", vim.tbl_extend("error", item, argument))
      end
    end)
  end)
end

--- Has the section that is meant written anew with the marks on it.
function M.revise()
  M.retry({ marks = true })
end

--- Asks the section that is meant again.
---@param opts? { model?: string, effort?: string, marks?: boolean }
function M.retry(opts)
  with_section(function(client, target, _, win)
    -- The answer comes into a fold that may be closed.
    vim.api.nvim_win_call(win, function()
      vim.cmd.normal({ "zv", bang = true })
    end)
    client_of.execute(client, "kaizodo.retry", vim.tbl_extend("force", opts or {}, target))
  end)
end

--- The answers of a section, the oldest first: each time it was asked again, there is one more.
---@param events kaizodo.Event[]
---@param branch string
---@return string[]
local function attempts(events, branch)
  local texts = {}
  for _, event in ipairs(events) do
    if event.branch == branch and event.event == "branch_started" then
      texts[#texts + 1] = ""
    elseif event.branch == branch and event.event == "retracted" and #texts > 0 then
      texts[#texts] = ""
    elseif event.branch == branch and event.event == "delta" and #texts > 0 then
      texts[#texts] = texts[#texts] .. (event.text or "")
    end
  end
  return texts
end

--- Shows what the section that is meant said before it was asked again.
function M.earlier()
  with_section(function(client, target, section)
    client:request("kaizodo/run/events", { run = target.run, from = 1 }, function(err, result)
      if err then
        return lang.notify(err.message)
      end
      local texts = attempts(result.events or {}, target.branch)
      local known = require("kaizodo.runs").get(target.run)
      local words = lang.words(known and known.lang)
      for index = #texts - 1, 1, -1 do
        if texts[index] ~= "" then
          local lines = vim.split(vim.trim(texts[index]), "\r?\n")
          return require("kaizodo.float").open(lines, words.earlier:format(section.title))
        end
      end
      lang.notify(words.no_earlier, vim.log.levels.INFO)
    end)
  end)
end

--- Stops the section that is meant.
function M.stop()
  with_section(function(client, target)
    client_of.execute(client, "kaizodo.cancel", target)
  end)
end

--- Inserts the section that is meant into the document that it is about: into prose as text, below
--- the selection, into anything else as a comment above it.
---@param opts? { as?: "comment"|"text", at?: "above"|"below" }
function M.insert(opts)
  opts = opts or {}
  with_section(function(_, target, section)
    -- A document that is closed is opened for it.
    require("kaizodo.source").find(target.run, function(client, _, buf)
      local is_prose = require("kaizodo.attach").is_prose(buf)
      target.as = opts.as or is_prose and "text" or "comment"
      target.at = opts.at or target.as == "text" and "below" or "above"
      client_of.execute(client, "kaizodo.insert", target, function()
        local name = vim.fs.basename(vim.api.nvim_buf_get_name(buf))
        local said = lang.words().inserted:format(name, section.title)
        lang.notify(said, vim.log.levels.INFO)
      end)
    end)
  end)
end

return M
