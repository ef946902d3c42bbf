--- The runs of this session: progress reports in, states out.

local run_of = require("kaizodo.run")

local M = {}

---@type table<string, kaizodo.Run>
local runs = {}
---@type table<string, integer> Run → the seq after the newest one seen, while a gap is mended.
local mending = {}
---@type table<string, true> Runs that were alive when their server went.
local left = {}
---@type table<string, true> Runs whose start the user's autocommands have been told, and not their end.
local begun = {}

---@param id string
---@return kaizodo.Run?
function M.get(id)
  return runs[id]
end

--- The runs of this session, by name.
---@return string[]
function M.ids()
  local ids = vim.tbl_keys(runs)
  table.sort(ids)
  return ids
end

---@param run kaizodo.Run
---@return boolean
local function is_alive(run)
  return #run.sections > 0 and not run.outcome
end

--- The runs that are alive.
---@return kaizodo.Run[]
function M.alive()
  return vim.tbl_filter(is_alive, vim.tbl_values(runs))
end

--- Whether a run is alive, or was when its server went and no other has said more of it.
---@param id string
---@return boolean
function M.is_alive(id)
  return left[id] or (runs[id] ~= nil and is_alive(runs[id]))
end

--- Tells the user's autocommands of a run. Later, so that an error in one of them disturbs nothing.
---@param name "KaizodoRunStart"|"KaizodoRunEnd"
---@param data { run: string, outcome?: string }
local function announce(name, data)
  vim.schedule(function()
    vim.api.nvim_exec_autocmds("User", { pattern = name, data = data, modeline = false })
  end)
end

---@param id string
local function announce_start(id)
  if not begun[id] then
    begun[id] = true
    announce("KaizodoRunStart", { run = id })
  end
end

---@param id string
---@param outcome string
local function announce_end(id, outcome)
  if begun[id] then
    begun[id] = nil
    announce("KaizodoRunEnd", { run = id, outcome = outcome })
  end
end

--- Events with which a run begins, or goes on after its end.
local starts = { run_started = true, section_added = true, branch_queued = true, branch_started = true }

--- Asks the server for what is missing. Where it cannot say, the hole is stepped over.
---@param client vim.lsp.Client
---@param run kaizodo.Run
local function mend(client, run)
  client:request("kaizodo/run/events", { run = run.id, from = run.next }, function(err, result)
    local ahead = mending[run.id]
    mending[run.id] = nil
    if not err and type(result) == "table" then
      M.feed(client, run.id, result.events or {})
      if run.outcome then
        announce_end(run.id, run.outcome)
      end
    elseif ahead == 1 and run.next == 1 then
      -- Nothing is known of it: whoever wants to know asks again.
      runs[run.id] = nil
    end
    -- Where a server has gone meanwhile, nothing is mended any more.
    if ahead and run.next < ahead then
      run.next = ahead
    end
  end)
end

--- Takes events of a run in, in any order and any number of times.
---@param client vim.lsp.Client
---@param id string
---@param events kaizodo.Event[]
function M.feed(client, id, events)
  local run = runs[id] or run_of.new(id)
  runs[id] = run
  for _, event in ipairs(events) do
    if event.seq == run.next then
      run_of.apply(run, event)
    elseif event.seq > run.next then
      if not mending[id] then
        mending[id] = event.seq + 1
        mend(client, run)
      end
      mending[id] = math.max(mending[id], event.seq + 1)
    end
  end
  require("kaizodo.document").place(client, run)
  require("kaizodo.decoration").run_changed(run)
  vim.cmd.redrawstatus()
end

--- Asks for all events of a run that is not known, as a journaled one.
---@param client vim.lsp.Client
---@param id string
function M.learn(client, id)
  if not runs[id] then
    runs[id] = run_of.new(id)
    mending[id] = 1
    mend(client, runs[id])
  end
end

--- Takes a progress notification in.
---@param client vim.lsp.Client
---@param value { run?: string, events?: kaizodo.Event[] }
function M.progress(client, value)
  if type(value) == "table" and value.run and value.events then
    M.feed(client, value.run, value.events)
    -- What is reported is new. What the server is asked for may have happened long ago.
    for _, event in ipairs(value.events) do
      if starts[event.event] then
        announce_start(value.run)
      elseif event.event == "run_ended" then
        announce_end(value.run, event.outcome)
      end
    end
  end
end

--- Asks a server how the runs ended that an earlier one left, and begins these anew with what it
--- says. Where it cannot say, they stay as they are: cut off. It takes over the panels of all others.
---@param client vim.lsp.Client
function M.reread(client)
  for id in pairs(left) do
    client:request("kaizodo/run/events", { run = id, from = 1 }, function(err, result)
      if err or type(result) ~= "table" or not left[id] then
        return
      end
      left[id] = nil
      runs[id] = run_of.new(id)
      M.feed(client, id, result.events or {})
      require("kaizodo.document").reread(client, id)
    end)
  end
  require("kaizodo.document").take_over(client)
end

--- Forgets the runs of which nothing has come: the server that was asked about them has gone.
local function forget_unknown()
  for id, run in pairs(runs) do
    if #run.sections == 0 then
      runs[id] = nil
    end
  end
end

--- The server has gone: the runs that were alive are cut off. The next server knows more of them.
function M.disconnected()
  mending = {}
  forget_unknown()
  for _, run in ipairs(M.alive()) do
    left[run.id] = true
    run_of.abandon(run)
    require("kaizodo.decoration").run_changed(run)
  end
  for id in pairs(begun) do
    announce_end(id, "partial")
  end
  vim.cmd.redrawstatus()
  -- One that was started at once may be there already.
  local client = require("kaizodo.client").get()
  if client and client.initialized then
    M.reread(client)
  end
end

return M
