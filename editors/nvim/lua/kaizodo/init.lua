--- kaizodo: one selection, several perspectives, at the same moment.
---
--- What a configuration may call. Nothing has to be called.

local M = {}

--- Sets `vim.g.kaizodo`, for those who prefer a function.
---@param config? kaizodo.UserConfig
function M.setup(config)
  vim.g.kaizodo = config
  if config and config.enable == false then
    vim.lsp.enable("kaizodo", false)
  end
end

--- How far the runs are that are alive: `解像度 2/4`; empty where none is.
---@return string
function M.status()
  if not package.loaded["kaizodo.runs"] then
    return ""
  end
  local ended, all = 0, 0
  for _, run in ipairs(require("kaizodo.runs").alive()) do
    local done, sections = require("kaizodo.run").count(run)
    ended, all = ended + done, all + sections
  end
  if all == 0 then
    return ""
  end
  return ("%s %d/%d"):format(require("kaizodo.lang").words().name, ended, all)
end

---@class kaizodo.RunOpts
---@field perspectives? string[] Their names; without any, the server's default set.
---@field set? string The name of a set, in place of perspectives.
---@field line1? integer First line, from 1.
---@field line2? integer Last line, inclusive.
---@field visual? boolean The last Visual selection, to the byte.
---@field bytes? kaizodo.Bytes A passage, to the byte.

---@param command "kaizodo.run"|"kaizodo.preview"
---@param opts? kaizodo.RunOpts
local function about_text(command, opts)
  opts = opts or {}
  local range_of = require("kaizodo.range")
  local buf, was_visual = vim.api.nvim_get_current_buf(), range_of.leave_visual()
  -- Before a server is waited for: meanwhile the user may go elsewhere.
  local bytes = opts.bytes
    or (was_visual or opts.visual) and range_of.visual()
    or opts.line1 and range_of.lines(opts.line1, opts.line2 or opts.line1)
    or range_of.cursor()
  require("kaizodo.client").with(buf, function(client)
    local range = range_of.encode(buf, bytes, client.offset_encoding)
    require("kaizodo.command").request(client, command, buf, range, opts)
  end)
end

--- Looks at text of the current buffer: the Visual selection while there is one, else what `opts`
--- say, else the paragraph at the cursor.
---@param opts? kaizodo.RunOpts
function M.run(opts)
  about_text("kaizodo.run", opts)
end

--- Makes a key an operator that looks at the text of a motion or a text object:
--- `vim.keymap.set("n", "gK", require("kaizodo").operator, { expr = true })`.
---@param opts? { perspectives?: string[], set?: string }
---@return string keys What the mapping stands for.
function M.operator(opts)
  return require("kaizodo.operator").begin(opts)
end

--- Shows what M.run() would send, and to whom. Nothing is sent.
---@param opts? kaizodo.RunOpts
function M.preview(opts)
  about_text("kaizodo.preview", opts)
end

--- Stops the run of the current panel, else every run that is alive.
function M.stop()
  local client = require("kaizodo.client")
  local here = require("kaizodo.uri").run(vim.api.nvim_buf_get_name(0))
  local ids = here and { here }
    or vim.tbl_map(function(run)
      return run.id
    end, require("kaizodo.runs").alive())
  for _, id in ipairs(ids) do
    client.with(nil, function(connection)
      client.execute(connection, "kaizodo.cancel", { run = id })
    end)
  end
end

--- Asks the section under the cursor again.
---@param opts? { model?: string, effort?: string }
function M.retry(opts)
  require("kaizodo.answer").retry(opts)
end

--- Asks a question about the section under the cursor; where it is in none, about all answers.
---@param opts? { question?: string, all?: boolean } Without a question, the user is asked for one.
function M.ask(opts)
  require("kaizodo.answer").ask(opts)
end

--- Marks the item under the cursor: "keep", "drop", "none", or a comment on it.
---@param mark string
function M.mark(mark)
  require("kaizodo.answer").mark(mark)
end

--- Inserts the section under the cursor into the document that it is about.
---@param opts? { as?: "comment"|"text", at?: "above"|"below" }
function M.insert(opts)
  require("kaizodo.answer").insert(opts)
end

--- Copies the section under the cursor, or all answers, into the unnamed register and into "+.
---@param opts? { all?: boolean }
function M.yank(opts)
  require("kaizodo.export").yank(opts)
end

--- Saves all answers as a Markdown file.
---@param file string
---@param opts? { force?: boolean } `force`: replace a file that exists.
function M.save(file, opts)
  require("kaizodo.export").save(file, opts)
end

--- Opens the current panel's run in the browser, live; elsewhere the page with all runs.
function M.browse()
  local run = require("kaizodo.uri").run(vim.api.nvim_buf_get_name(0))
  local client_of = require("kaizodo.client")
  client_of.with(nil, function(client)
    client_of.execute(client, "kaizodo.browse", run and { run = run } or vim.empty_dict())
  end)
end

--- Shows the last panel again, be it of an earlier session, or the one of a run.
---@param run? string Its name, or the beginning of it.
---@param fn? fun(buf: integer) Called once the panel is in the current window.
function M.open(run, fn)
  local window = require("kaizodo.window")
  local function show(uri)
    local win = window.show(uri, true)
    if win and fn then
      fn(vim.api.nvim_win_get_buf(win))
    end
    return win
  end
  local known = run and require("kaizodo.document").of_run(run)[1]
  local uri = known and known.uri or not run and window.last
  if uri then
    if not show(uri) then
      local lang = require("kaizodo.lang")
      lang.notify(lang.words().no_room)
    end
    return
  end
  -- Only the server knows the runs of earlier sessions; where it has none of that name, it says so.
  local client = require("kaizodo.client")
  client.with(nil, function(connection)
    client.execute(connection, "kaizodo.open", { run = run or "last" }, function(opened)
      show(opened.uri)
    end)
  end)
end

--- Shows the panel of a run that the user chooses from the journal, the newest first.
---@param opts? { scope?: kaizodo.Scope, query?: string } `query`: words that its texts hold.
function M.history(opts)
  require("kaizodo.history").show(opts)
end

--- Copies all answers of the current panel, else the one in sight, else the last, into a new buffer
--- of the reader's own.
---@param opts? { mods?: table } `mods`: where it opens, as nvim_cmd() takes them.
function M.copy(opts)
  require("kaizodo.export").copy(opts)
end

return M
