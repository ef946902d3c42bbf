--- The runs of the journal, to be found again.

local client_of = require("kaizodo.client")
local lang = require("kaizodo.lang")
local sections = require("kaizodo.sections")
local uri_of = require("kaizodo.uri")

local M = {}

--- How wide a title is at most, so that what comes behind it is in sight.
local TITLE_WIDTH = 40

---@class kaizodo.Saved A run of the journal.
---@field run string
---@field title string
---@field at string
---@field source { uri: string, range: lsp.Range }
---@field pinned boolean
---@field parent? string
---@field perspectives string[]
---@field snippet? string

---@alias kaizodo.Scope "file"|"folder"|"all"

--- A moment of the journal in the user's own time.
---@param at string RFC 3339, in UTC.
---@return string
local function moment(at)
  local year, month, day, hour, min, sec = at:match("^(%d+)-(%d+)-(%d+)T(%d+):(%d+):(%d+)")
  if not year then
    return at
  end
  -- os.time() takes its table for local time without summer time: what that is off by is added.
  local time = os.time({
    year = year,
    month = month,
    day = day,
    hour = hour,
    min = min,
    sec = sec,
    isdst = false,
  })
  local utc = os.date("!*t", time) --[[@as osdateparam]]
  utc.isdst = false
  return os.date("%Y-%m-%d %H:%M", time + os.difftime(time, os.time(utc))) --[[@as string]]
end

---@param text string
---@return string
local function fit(text)
  text = require("kaizodo.width").cut(text, TITLE_WIDTH)
  return text .. (" "):rep(TITLE_WIDTH - vim.fn.strdisplaywidth(text))
end

--- A run in one line: when, its pin, whether it is about an answer, what and where.
---@param saved kaizodo.Saved|{ before: string }
---@return string
function M.line(saved)
  if not saved.run then
    return lang.words().older_runs
  end
  local pin = saved.pinned and "★" or " "
  local title = (type(saved.parent) == "string" and "› " or "") .. saved.title
  local name = vim.uri_decode(vim.fs.basename((saved.source.uri:gsub("^[^:/]*:", ""))))
  local more = saved.snippet or table.concat(saved.perspectives or {}, " · ")
  local line = ("%s %s %s  %s  %s"):format(moment(saved.at), pin, fit(title), name, more)
  return (line:gsub("%s+$", ""))
end

--- The document that the user is at; in a panel, the one that it is about.
---@return string? uri
local function document()
  local name = vim.api.nvim_buf_get_name(0)
  if uri_of.is_panel(name) then
    local run = sections.run(0)
    return run and run.source and run.source.uri
  end
  return name ~= "" and vim.uri_from_bufnr(0) or nil
end

--- Lets the user choose a run, the newest first; where there are older ones than were looked at,
--- these come by an item of their own.
---@param client vim.lsp.Client
---@param params table What the server is asked for.
---@param prompt string
---@param fn fun(saved: kaizodo.Saved, client: vim.lsp.Client)
local function choose_from(client, params, prompt, fn)
  client:request("kaizodo/journal/list", params, function(err, result)
    if err then
      return lang.notify(err.message)
    end
    local items = result.runs
    if result.more then
      items[#items + 1] = { before = result.next }
    elseif #items == 0 then
      return lang.notify(lang.words().no_runs, vim.log.levels.INFO)
    end
    local opts = { prompt = prompt, format_item = M.line, kind = "kaizodo" }
    vim.ui.select(items, opts, function(item)
      if item and item.before then
        params.before = item.before
        choose_from(client, params, prompt, fn)
      elseif item then
        fn(item, client)
      end
    end)
  end)
end

---@param opts { scope?: kaizodo.Scope, query?: string }
---@param prompt string
---@param fn fun(saved: kaizodo.Saved, client: vim.lsp.Client)
local function choose(opts, prompt, fn)
  local uri, params = document(), vim.empty_dict()
  params.query = opts.query
  if opts.scope == "file" then
    params.uri = uri
  elseif opts.scope == "folder" then
    -- Without a document, the folder that Neovim is in.
    params.folder = uri and uri:match("^(.*)/") or vim.uri_from_fname(vim.fn.getcwd())
  end
  if opts.scope == "file" and not uri then
    return lang.notify(lang.words().no_runs, vim.log.levels.INFO)
  end
  client_of.with(nil, function(client)
    choose_from(client, params, prompt, fn)
  end)
end

--- Shows the panel of a run that the user chooses.
---@param opts? { scope?: kaizodo.Scope, query?: string }
function M.show(opts)
  choose(opts or {}, lang.words().choose_run, function(saved)
    require("kaizodo").open(saved.run)
  end)
end

--- Calls `fn` with a run: the one that is named, else the current panel's, else one that the user
--- chooses.
---@param run? string
---@param prompt string
---@param fn fun(client: vim.lsp.Client, run: string, title?: string)
local function with_run(run, prompt, fn)
  local name = vim.api.nvim_buf_get_name(0)
  run = run or uri_of.run(name)
  if not run then
    return choose({}, prompt, function(saved, client)
      fn(client, saved.run, saved.title)
    end)
  end
  client_of.with(nil, function(client)
    fn(client, run, uri_of.run(name) == run and uri_of.title(name) or nil)
  end)
end

--- Pins a run, so that its age and size never remove it; or takes its pin away.
---@param run? string
---@param pinned boolean
function M.pin(run, pinned)
  local words = lang.words()
  with_run(run, pinned and words.choose_pin or words.choose_unpin, function(client, id, title)
    client_of.execute(client, "kaizodo.pin", { run = id, pinned = pinned }, function()
      local said = pinned and words.pinned or words.unpinned
      lang.notify(said:format(title or id), vim.log.levels.INFO)
    end)
  end)
end

--- Deletes a run from the journal, once the user has said so.
---@param run? string
function M.delete(run)
  local words = lang.words()
  with_run(run, words.choose_delete, function(client, id, title)
    local prompt = words.confirm_delete:format(title or id)
    vim.ui.select({ words.cancel, words.delete }, { prompt = prompt }, function(choice)
      if choice == words.delete then
        client_of.execute(client, "kaizodo.delete", { run = id }, function()
          lang.notify(words.deleted:format(title or id), vim.log.levels.INFO)
        end)
      end
    end)
  end)
end

return M
