--- A run as its events tell it: a pure fold, with no editor in it.

---@class kaizodo.Event One entry of the merged stream, in the journal's vocabulary.
---@field seq integer
---@field event string
---@field branch? string

---@alias kaizodo.State
---| "gathering" # A focus that waits for the views.
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
---| "on_demand" # Left until the user asks for it.

---@class kaizodo.Branch
---@field state kaizodo.State
---@field thinking integer Characters of reasoning so far.
---@field chars integer Characters of answer so far.
---@field attempt? integer The attempt that is waited for.
---@field after_ms? integer How long it is waited for.
---@field why? string The failure's sentence.
---@field comments table<integer, string> What the reader says of its items, by their first lines.

---@class kaizodo.Run
---@field id string
---@field next integer The `seq` that comes next.
---@field lang? string
---@field source? { uri: string, range: lsp.Range } The range counts in UTF-16 units.
---@field origin? kaizodo.Origin The passage that it asks about, where that is of an answer.
---@field sections kaizodo.SectionTitle[] In the panel's order.
---@field branches table<string, kaizodo.Branch>
---@field begun? true Whether the focus's request has left, now or before.
---@field newer string[] The titles of views that have come since then: the focus is older.
---@field ended? true Whether the run has ended, now or before.
---@field outcome? string How the run ended; nil while it is alive.

---@class kaizodo.SectionTitle
---@field branch string
---@field title string
---@field role? "view"|"focus"|"follow_up" Without one, a view.
---@field after? string The section that a follow-up goes on from.

---@class kaizodo.Origin A passage of an earlier run's answer.
---@field run string
---@field branch string
---@field title string
---@field range lsp.Range Its lines count from the answer's first.

local M = {}

---@param id string
---@return kaizodo.Run
function M.new(id)
  return { id = id, next = 1, sections = {}, branches = {}, newer = {} }
end

local alive = {
  gathering = true,
  queued = true,
  waiting = true,
  thinking = true,
  streaming = true,
  retrying = true,
}

---@param run kaizodo.Run
---@param branch? string
---@return kaizodo.SectionTitle?
local function section_of(run, branch)
  return vim.iter(run.sections):find(function(section)
    return section.branch == branch
  end)
end

--- The branch of the section that is written from the others, where the run has one.
---@param run kaizodo.Run
---@return string?
function M.focus(run)
  local section = vim.iter(run.sections):find(function(section)
    return section.role == "focus"
  end)
  return section and section.branch
end

--- Whether a branch's section is one that the focus is written from.
---@param run kaizodo.Run
---@param branch? string
---@return boolean
function M.is_view(run, branch)
  local section = section_of(run, branch)
  return section ~= nil and (section.role or "view") == "view"
end

--- Adds a section below the one that it goes on from, and all that already does.
---@param run kaizodo.Run
---@param section kaizodo.SectionTitle
local function add(run, section)
  if #run.sections == 0 or section_of(run, section.branch) then
    return
  end
  local above, at = {}, #run.sections + 1
  for index, other in ipairs(run.sections) do
    if other.branch == section.after then
      above[other.branch] = true
    elseif next(above) and above[other.after or ""] then
      above[other.branch] = true
    elseif next(above) then
      at = index
      break
    end
  end
  table.insert(run.sections, at, section)
  run.outcome = nil
end

---@param state kaizodo.State
---@return kaizodo.Branch
local function fresh(state)
  return { state = state, thinking = 0, chars = 0, comments = {} }
end

--- A branch begins, for the first time or again. A retry makes the run alive again. Until it brings text,
--- the earlier answer is still there, with the comments on it.
---@param run kaizodo.Run
---@param branch string
---@param state kaizodo.State
local function begin(run, branch, state)
  local old = run.branches[branch]
  run.branches[branch], run.outcome = fresh(state), nil
  run.branches[branch].comments = old and old.comments or {}
end

--- A branch has ended: where it is a view that the focus was begun without, the focus is older.
---@param run kaizodo.Run
---@param branch string
local function outdate(run, branch)
  local view = section_of(run, branch)
  if
    run.begun
    and view
    and M.is_view(run, branch)
    and run.branches[branch].chars > 0
    and not vim.list_contains(run.newer, view.title)
  then
    table.insert(run.newer, view.title)
  end
end

---@type table<string, fun(run: kaizodo.Run, branch: kaizodo.Branch, event: kaizodo.Event)>
local fold = {
  run_started = function(run, _, event)
    run.source, run.lang, run.sections = event.source, event.lang, event.sections or {}
    run.origin = type(event.origin) == "table" and event.origin or nil
    local focus = M.focus(run)
    if focus then
      run.branches[focus] = fresh("gathering")
    end
  end,
  section_added = function(run, _, event)
    local section = event.section
    if type(section) == "table" and type(section.branch) == "string" then
      add(run, vim.tbl_extend("force", section, { after = event.after }))
    end
  end,
  branch_queued = function(run, _, event)
    begin(run, event.branch, "queued")
  end,
  branch_started = function(run, _, event)
    begin(run, event.branch, "waiting")
    if event.branch == M.focus(run) then
      run.begun, run.newer = true, {}
    end
  end,
  thinking = function(_, branch, event)
    branch.state, branch.thinking = "thinking", branch.thinking + (event.chars or 0)
  end,
  delta = function(_, branch, event)
    branch.state = "streaming"
    if branch.chars == 0 then
      branch.comments = {}
    end
    branch.chars = branch.chars + vim.str_utfindex(event.text or "", "utf-32")
  end,
  retracted = function(_, branch, event)
    -- What was written was reasoning, as only its end showed.
    branch.state, branch.chars, branch.comments = "thinking", 0, {}
    branch.thinking = branch.thinking + (event.chars or 0)
  end,
  branch_retrying = function(_, branch, event)
    -- One that was queued meanwhile leaves now.
    branch.state = event.after_ms == 0 and "waiting" or "retrying"
    branch.attempt, branch.after_ms = event.attempt, event.after_ms
  end,
  branch_ended = function(run, branch, event)
    branch.state = event.outcome
    branch.why = type(event.failure) == "table" and event.failure.message or nil
    outdate(run, event.branch)
  end,
  marked = function(_, branch, event)
    if type(event.item) == "table" and type(event.item.line) == "number" then
      branch.comments[event.item.line] = event.mark == "comment" and event.comment or nil
    end
  end,
  run_ended = function(run, _, event)
    run.outcome, run.ended = event.outcome, true
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

---@param run kaizodo.Run
---@param sections kaizodo.SectionTitle[]
---@return integer ended
---@return integer all
local function count(run, sections)
  local ended = 0
  for _, section in ipairs(sections) do
    local branch = run.branches[section.branch]
    if branch and not alive[branch.state] then
      ended = ended + 1
    end
  end
  return ended, #sections
end

--- How many sections have ended, and how many there are.
---@param run kaizodo.Run
---@return integer ended
---@return integer all
function M.count(run)
  return count(run, run.sections)
end

--- Whether a branch has ended and its answer is not whole.
---@param branch? kaizodo.Branch
---@return boolean
function M.is_incomplete(branch)
  return branch ~= nil and not alive[branch.state] and branch.state ~= "done"
end

--- The views that a section is older than.
---@param run kaizodo.Run
---@param branch string
---@return string[] titles None but for a focus that is over.
function M.newer(run, branch)
  local state = run.branches[branch]
  local is_over = state ~= nil and not alive[state.state]
  return is_over and branch == M.focus(run) and run.newer or {}
end

local marks = {
  gathering = { "…", "Waiting" },
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
  on_demand = { "○", "OnDemand" },
}

--- A section's state as a mark, a few words and a highlight group.
---@param run kaizodo.Run
---@param id string The section's branch.
---@param words kaizodo.Words
---@return string mark
---@return string text
---@return string group
function M.describe(run, id, words)
  local branch = run.branches[id] or fresh("queued")
  local mark = marks[branch.state] or marks.waiting
  local text = words[branch.state] or branch.state
  if branch.state == "done" and branch.chars > 0 then
    text = words.streaming:format(branch.chars)
  elseif branch.state == "gathering" then
    local views = vim.tbl_filter(function(section)
      return M.is_view(run, section.branch)
    end, run.sections)
    text = text:format(count(run, views))
  elseif branch.state == "thinking" then
    text = text:format(branch.thinking)
  elseif branch.state == "streaming" then
    text = text:format(branch.chars)
  elseif branch.state == "retrying" then
    text = text:format(branch.attempt or 2, math.ceil((branch.after_ms or 0) / 1000))
  end
  return mark[1], text, "KaizodoState" .. mark[2]
end

--- What a section is older than, in a few words.
---@param run kaizodo.Run
---@param id string The section's branch.
---@param words kaizodo.Words
---@return string?
function M.describe_age(run, id, words)
  local titles = M.newer(run, id)
  if #titles == 1 then
    return words.outdated:format(titles[1])
  elseif #titles > 1 then
    return words.outdated_many:format(#titles)
  end
end

return M
