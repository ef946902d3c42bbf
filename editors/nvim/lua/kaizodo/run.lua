--- A run as its events tell it: a pure fold, with no editor in it.

---@class kaizodo.Event One entry of the merged stream, in the journal's vocabulary.
---@field seq integer
---@field event string
---@field branch? string

---@alias kaizodo.State
---| "queued" # Its request has not left.
---| "waiting"
---| "thinking"
---| "streaming"
---| "retrying"
---| "done" # This and what follows are outcomes.
---| "length"
---| "filtered"
---| "cut_off"
---| "failed"
---| "cancelled"

---@class kaizodo.Branch
---@field state kaizodo.State
---@field thinking integer Characters of reasoning so far.
---@field chars integer Characters of answer so far.
---@field attempt? integer The attempt that is waited for.
---@field after_ms? integer How long it is waited for.
---@field why? string The failure's sentence.

---@class kaizodo.Run
---@field id string
---@field next integer The `seq` that comes next.
---@field lang? string
---@field source? { uri: string, range: lsp.Range } The range counts in UTF-16 units.
---@field sections { branch: string, title: string }[] In the panel's order.
---@field branches table<string, kaizodo.Branch>
---@field outcome? string How the run ended; nil while it is alive.

local M = {}

---@param id string
---@return kaizodo.Run
function M.new(id)
  return { id = id, next = 1, sections = {}, branches = {} }
end

local alive = { queued = true, waiting = true, thinking = true, streaming = true, retrying = true }

---@param state kaizodo.State
---@return kaizodo.Branch
local function fresh(state)
  return { state = state, thinking = 0, chars = 0 }
end

---@type table<string, fun(run: kaizodo.Run, branch: kaizodo.Branch, event: kaizodo.Event)>
local fold = {
  run_started = function(run, _, event)
    run.source, run.lang, run.sections = event.source, event.lang, event.sections or {}
  end,
  branch_queued = function(run, _, event)
    run.branches[event.branch], run.outcome = fresh("queued"), nil
  end,
  branch_started = function(run, _, event)
    -- A retried branch makes the run alive again.
    run.branches[event.branch], run.outcome = fresh("waiting"), nil
  end,
  thinking = function(_, branch, event)
    branch.state, branch.thinking = "thinking", branch.thinking + (event.chars or 0)
  end,
  delta = function(_, branch, event)
    branch.state = "streaming"
    branch.chars = branch.chars + vim.str_utfindex(event.text or "", "utf-32")
  end,
  retracted = function(_, branch, event)
    -- What was written was reasoning, as only its end showed.
    branch.state, branch.chars = "thinking", 0
    branch.thinking = branch.thinking + (event.chars or 0)
  end,
  branch_retrying = function(_, branch, event)
    -- One that was queued meanwhile leaves now.
    branch.state = event.after_ms == 0 and "waiting" or "retrying"
    branch.attempt, branch.after_ms = event.attempt, event.after_ms
  end,
  branch_ended = function(_, branch, event)
    branch.state = event.outcome
    branch.why = type(event.failure) == "table" and event.failure.message or nil
  end,
  run_ended = function(run, _, event)
    run.outcome = event.outcome
  end,
}

--- Takes one event in. Events that it does not know change nothing but the place.
---@param run kaizodo.Run
---@param event kaizodo.Event
function M.apply(run, event)
  run.next = event.seq + 1
  local step = fold[event.event]
  if step then
    local branch = run.branches[event.branch] or fresh("queued")
    if event.branch then
      run.branches[event.branch] = branch
    end
    step(run, branch, event)
  end
end

--- Nothing more will come: what is not whole is cut off.
---@param run kaizodo.Run
function M.abandon(run)
  run.outcome = "partial"
  for _, section in ipairs(run.sections) do
    local branch = run.branches[section.branch] or fresh("queued")
    run.branches[section.branch] = branch
    if alive[branch.state] then
      branch.state = "cut_off"
    end
  end
end

--- How many sections have ended, and how many there are.
---@param run kaizodo.Run
---@return integer ended
---@return integer all
function M.count(run)
  local ended = 0
  for _, section in ipairs(run.sections) do
    local branch = run.branches[section.branch]
    if branch and not alive[branch.state] then
      ended = ended + 1
    end
  end
  return ended, #run.sections
end

--- Whether a branch has ended and its answer is not whole.
---@param branch? kaizodo.Branch
---@return boolean
function M.is_incomplete(branch)
  return branch ~= nil and not alive[branch.state] and branch.state ~= "done"
end

local marks = {
  queued = { "…", "Waiting" },
  waiting = { "…", "Waiting" },
  thinking = { "◌", "Thinking" },
  streaming = { "●", "Streaming" },
  retrying = { "↻", "Retrying" },
  done = { "✓", "Done" },
  length = { "◐", "Incomplete" },
  filtered = { "◐", "Incomplete" },
  cut_off = { "◐", "Incomplete" },
  failed = { "✗", "Failed" },
  cancelled = { "■", "Cancelled" },
}

--- A branch's state as a mark, a few words and a highlight group.
---@param branch? kaizodo.Branch
---@param words kaizodo.Words
---@return string mark
---@return string text
---@return string group
function M.describe(branch, words)
  branch = branch or fresh("queued")
  local mark = marks[branch.state] or marks.waiting
  local text = words[branch.state] or branch.state
  if branch.state == "done" and branch.chars > 0 then
    text = words.streaming:format(branch.chars)
  elseif branch.state == "thinking" then
    text = text:format(branch.thinking)
  elseif branch.state == "streaming" then
    text = text:format(branch.chars)
  elseif branch.state == "retrying" then
    text = text:format(branch.attempt or 2, math.ceil((branch.after_ms or 0) / 1000))
  end
  return mark[1], text, "KaizodoState" .. mark[2]
end

return M
