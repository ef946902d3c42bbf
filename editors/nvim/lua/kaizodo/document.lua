--- The buffers that hold panels: filled once by the server, then grown by its edits.

local client_of = require("kaizodo.client")
local edit = require("kaizodo.edit")
local uri_of = require("kaizodo.uri")

local M = {}

---@class kaizodo.Document
---@field buf integer
---@field uri string As the buffer's name has it.
---@field run? string
---@field filled boolean Whether the buffer holds the server's text.
---@field waiting boolean Whether the text will be asked for once there is a server.
---@field asked? integer The client that has been asked for the text and has not answered.
---@field stale boolean Whether it must be asked for once more after that.
---@field touched integer The `changedtick` of the last change of the text, whoever made it.
---@field sections boolean Whether the server says where sections are.
---@field parsed boolean Whether tree-sitter highlights it.
---@field lang? string The language of its run, where that was known when its keys were described.
---@field begun? boolean Whether its readers were led to the first section.
---@field shown? fun() What waits for the text.

---@type table<integer, kaizodo.Document>
local documents = {}

--- The panel of a URI. The run alone names it, the title may be another; a preview has no run.
---@param uri string
---@return kaizodo.Document?
local function find(uri)
  local run, found = uri_of.run(uri), nil
  uri = uri_of.name(uri)
  for _, document in pairs(documents) do
    local same = document.run == run and (run ~= nil or document.uri == uri)
    if vim.api.nvim_buf_is_loaded(document.buf) and same then
      found = document.uri == uri and document or found or document
    end
  end
  return found
end

--- The panel in a buffer.
---@param buf integer
---@return kaizodo.Document?
function M.get(buf)
  return documents[buf]
end

--- Calls `fn` once a panel's text is in its buffer.
---@param buf integer
---@param fn fun()
function M.when_filled(buf, fn)
  local document = documents[buf]
  if document and document.filled then
    fn()
  elseif document then
    document.shown = fn
  end
end

--- The panels of a run.
---@param run string
---@return kaizodo.Document[]
function M.of_run(run)
  return vim.tbl_filter(function(document)
    return document.run == run and vim.api.nvim_buf_is_loaded(document.buf)
  end, vim.tbl_values(documents))
end

--- Changes the text by `change`; readers stay where they are.
---@param document kaizodo.Document
---@param change fun(): string?
---@return string? problem
local function write(document, change)
  local buf = document.buf
  local readers = require("kaizodo.window").readers(buf)
  vim.bo[buf].modifiable = true
  local ok, problem = pcall(change)
  vim.bo[buf].modifiable = false
  vim.bo[buf].modified = false
  require("kaizodo.window").bring_back(buf, readers)
  if not ok then
    return tostring(problem)
  end
  return problem
end

--- Tree-sitter parses Markdown anew after every change, the longer the text the longer, and Vim's
--- Markdown syntax draws slowly: while a run is alive a small syntax of our own does.
---@param document kaizodo.Document
---@param alive boolean
function M.highlight(document, alive)
  local buf = document.buf
  local active = vim.treesitter.highlighter.active[buf] ~= nil
  if not alive then
    if not active and (document.parsed or require("kaizodo.config").get().treesitter) then
      if pcall(vim.treesitter.start, buf, "markdown") then
        require("kaizodo.escape").hide(buf)
      end
    end
  else
    if active then
      document.parsed = true
      vim.treesitter.stop(buf)
      require("kaizodo.escape").clear(buf)
    end
    if vim.bo[buf].syntax ~= "kaizodo" then
      vim.bo[buf].syntax = "kaizodo"
    end
  end
end

--- Sends the changes that Neovim still holds back, so that the server reads them before what is
--- sent next. Where a later Neovim has no such function, they come a little later.
---@param client vim.lsp.Client
---@param buf integer
function M.flush(client, buf)
  pcall(function()
    require("vim.lsp._changetracking").flush(client, buf)
  end)
end

--- Puts the first text in, and lets the server follow the buffer from there.
---@param client vim.lsp.Client
---@param document kaizodo.Document
local function fill(client, document, lines)
  write(document, function()
    vim.api.nvim_buf_set_lines(document.buf, 0, -1, false, lines)
  end)
  document.filled = true
  vim.api.nvim_buf_attach(document.buf, false, {
    on_lines = function(_, _, tick)
      document.touched = tick
    end,
  })
  vim.lsp.buf_attach_client(document.buf, client.id)
  -- After the user's LspAttach, which may have put its own keys there.
  require("kaizodo.keys").map(document.buf)
  local run = document.run and require("kaizodo.runs").get(document.run)
  document.lang = run and run.lang
end

---@param client vim.lsp.Client
---@param document kaizodo.Document
---@param quiet? boolean Whether a refusal is passed over.
local function pull(client, document, quiet)
  if document.asked == client.id then
    document.stale = true
    return
  end
  document.asked, document.stale = client.id, false
  client:request("workspace/textDocumentContent", { uri = document.uri }, function(err, result)
    if document.asked ~= client.id then
      return
    end
    document.asked = nil
    if not vim.api.nvim_buf_is_loaded(document.buf) then
      return
    elseif err or type(result) ~= "table" then
      if not quiet then
        local lang = require("kaizodo.lang")
        lang.notify(err and err.message or lang.words().no_panel)
      end
      return
    end
    local lines = edit.lines(result.text)
    if document.filled then
      write(document, function()
        edit.become(document.buf, lines)
      end)
      M.flush(client, document.buf)
      -- A server that came after the one that filled it does not follow it yet.
      vim.lsp.buf_attach_client(document.buf, client.id)
    else
      fill(client, document, lines)
    end
    document.sections = type(result.sections) == "table"
    require("kaizodo.sections").place(document.buf, document.sections and result.sections or {})
    require("kaizodo.decoration").decorate(document)
    if not document.begun and require("kaizodo.sections").are_placed(document.buf) then
      document.begun = true
      local first = require("kaizodo.sections").list(document.buf)[1]
      require("kaizodo.window").begin(document.buf, first and first.first)
    end
    local shown = document.shown
    document.shown = nil
    if shown then
      shown()
    end
    if document.stale then
      pull(client, document)
    end
  end, document.buf)
end

--- Asks for a panel's text, and for its run where that is not known.
---@param document kaizodo.Document
local function ask(document)
  document.waiting = true
  client_of.with(nil, function(client)
    document.waiting = false
    if documents[document.buf] == document then
      pull(client, document)
      if document.run then
        require("kaizodo.runs").learn(client, document.run)
      end
    end
  end, function()
    document.waiting = false
  end)
end

--- Asks once more for the text of a panel that could not be had.
---@param buf integer
function M.ask_again(buf)
  local document = documents[buf]
  if not document or document.filled or document.waiting then
    return
  end
  local client = document.asked and vim.lsp.get_client_by_id(document.asked)
  if not client or client:is_stopped() then
    ask(document)
  end
end

--- Reads a panel into its buffer: the work of BufReadCmd.
---@param buf integer
function M.read(buf)
  local uri = vim.api.nvim_buf_get_name(buf)
  local document = documents[buf]
    or { buf = buf, uri = uri, run = uri_of.run(uri), filled = false, waiting = false }
  document.touched, document.parsed, document.stale = 0, false, false
  document.sections = false
  documents[buf] = document
  require("kaizodo.sections").place(buf, {})
  require("kaizodo.fold").renew(buf)

  local bo = vim.bo[buf]
  bo.buftype = "nofile"
  bo.bufhidden = "hide"
  bo.buflisted = false
  bo.swapfile = false
  bo.undolevels = -1
  bo.modifiable = false
  -- The lines of the buffer are those of the text: no line end is added to the last.
  bo.fixendofline = false
  bo.endofline = false
  bo.filetype = "markdown"
  M.highlight(document, true)

  vim.api.nvim_create_autocmd("BufUnload", {
    buffer = buf,
    once = true,
    callback = function()
      documents[buf] = nil
    end,
  })
  ask(document)
end

--- Reads a panel that is shown and that nobody read: whoever showed it may have had autocommands
--- switched off.
---@param win integer
function M.ensure(win)
  local buf = vim.api.nvim_win_get_buf(win)
  if not documents[buf] then
    M.read(buf)
    require("kaizodo.window").dress(win)
  end
end

--- Applies the server's edits of one panel.
---@param client vim.lsp.Client
---@param panel { uri: string, version?: integer, edits: lsp.TextEdit[] }
---@return string? problem Why nothing was applied.
function M.change(client, panel)
  local document = find(panel.uri)
  if not document or not document.filled then
    return "the panel is not open"
  elseif panel.version and panel.version < document.touched then
    -- A text that was pulled meanwhile has what the edit brings, or more.
    return "the panel has changed since"
  end
  local problem = write(document, function()
    return edit.apply(document.buf, panel.edits, client.offset_encoding)
  end)
  M.flush(client, document.buf)
  if not problem then
    require("kaizodo.decoration").decorate(document)
    -- Pulled before the run had any.
    if document.sections and not require("kaizodo.sections").are_placed(document.buf) then
      pull(client, document)
    end
  end
  return problem
end

--- Updates a run's panels: the positions of added sections, and the language of the keys' descriptions.
---@param client vim.lsp.Client
---@param run kaizodo.Run
function M.place(client, run)
  for _, document in ipairs(M.of_run(run.id)) do
    if document.filled and document.lang ~= run.lang then
      document.lang = run.lang
      require("kaizodo.keys").map(document.buf, true)
    end
    if document.filled and require("kaizodo.sections").are_more(document.buf, run) then
      pull(client, document)
    end
  end
end

--- Gives the lines of a document that is no run's panel, as a preview: those of its buffer, else
--- what the server has.
---@param uri string
---@param fn fun(lines: string[])
function M.text(uri, fn)
  local document = find(uri)
  if document and document.filled then
    return fn(vim.api.nvim_buf_get_lines(document.buf, 0, -1, false))
  end
  client_of.with(nil, function(client)
    client:request("workspace/textDocumentContent", { uri = uri }, function(err, result)
      if err or type(result) ~= "table" then
        local lang = require("kaizodo.lang")
        return lang.notify(err and err.message or lang.words().no_panel)
      end
      fn(edit.lines(result.text))
    end)
  end)
end

--- Asks a server for the text of a run's panel, where one is open.
---@param client vim.lsp.Client
---@param run string
function M.reread(client, run)
  for _, document in pairs(documents) do
    if document.run == run then
      pull(client, document)
    end
  end
end

--- Lets a server take over the panels that an earlier one filled and whose runs are over. It would
--- answer a section that is asked again there, and nothing of it would come into the panel.
---@param client vim.lsp.Client
function M.take_over(client)
  local runs = require("kaizodo.runs")
  for _, document in pairs(documents) do
    local is_old = document.filled or document.asked ~= nil
    if document.run and is_old and not runs.is_alive(document.run) then
      pull(client, document, document.filled)
      runs.learn(client, document.run)
    end
  end
end

--- Asks for the text again, and changes only what differs.
---@param client vim.lsp.Client
---@param uri string
function M.refresh(client, uri)
  local document = find(uri)
  if document then
    pull(client, document)
  end
end

return M
