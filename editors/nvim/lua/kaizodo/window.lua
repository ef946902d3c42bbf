--- Where panels are shown.

local config = require("kaizodo.config")
local uri_of = require("kaizodo.uri")

local M = {}

---@param win integer
---@return boolean
local function is_panel(win)
  return uri_of.is_panel(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(win)))
end

---@param win integer
---@return boolean
local function is_floating(win)
  return vim.api.nvim_win_get_config(win).relative ~= ""
end

--- The tab page's panel window; of several, the one whose panel was shown last.
---@return integer?
function M.find()
  local panels = vim.tbl_filter(is_panel, vim.api.nvim_tabpage_list_wins(0))
  return vim.iter(panels):find(function(win)
    return vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(win)) == M.last
  end) or panels[1]
end

--- Whether a window may be given a document: it is for documents, and not kept for another one.
---@param win integer
---@return boolean
function M.is_free(win)
  return not is_floating(win)
    and vim.bo[vim.api.nvim_win_get_buf(win)].buftype == ""
    and not vim.wo[win].winfixbuf
end

--- The panel windows that were opened, each with the window that gave it room.
---@type table<integer, { beside: integer, size: "width"|"height" }>
local splits = {}

--- Opens a window for `buf` beside the reader's or, on a narrow screen, below it. On a wide screen
--- that is split already, it goes to the far right, over the whole height.
---@param buf integer
---@return integer? win
local function split(buf)
  local beside = vim.api.nvim_get_current_win()
  if is_floating(beside) then
    beside = vim.iter(vim.api.nvim_tabpage_list_wins(0)):find(function(win)
      return not is_floating(win)
    end)
  end
  local panel = config.get().panel
  local width, height = vim.api.nvim_win_get_width(beside), vim.api.nvim_win_get_height(beside)
  local right = panel.position == "right"
    or panel.position == "auto" and vim.o.columns >= panel.columns
  local edge = right and panel.position == "auto" and width < panel.columns
  -- At the edge it takes room from several windows, none of which may be squeezed out.
  local room = edge and math.max(50, math.floor(vim.o.columns * panel.size * 2 / 3))
    or math.floor(width * panel.size)
  local ok, win = pcall(vim.api.nvim_open_win, buf, false, {
    split = right and "right" or "below",
    win = edge and -1 or beside,
    width = right and room or nil,
    height = not right and math.floor(height * panel.size) or nil,
  })
  if ok and not edge then
    splits[win] = { beside = beside, size = right and "width" or "height" }
  end
  return ok and win or nil
end

--- A window is closed.
---@param win? integer
function M.forget(win)
  if win then
    splits[win] = nil
    require("kaizodo.fold").forget(win)
  end
end

--- Shares the room between the panel and its neighbour anew where one of them has less than half
--- of what it should: a terminal that is made smaller takes all of it from the last window.
function M.rebalance()
  local win = M.find()
  local split = win and splits[win]
  if not split or not vim.list_contains(vim.api.nvim_tabpage_list_wins(0), split.beside) then
    return
  end
  local get = vim.api["nvim_win_get_" .. split.size]
  local panel, beside = get(win), get(split.beside)
  local share = config.get().panel.size
  local wanted = (panel + beside) * share
  if panel < wanted / 2 or beside < (panel + beside - wanted) / 2 then
    vim.api["nvim_win_set_" .. split.size](win, math.floor(wanted))
  end
end

--- Shows a panel. The window that shows one already is taken again, unless the user keeps it for
--- that panel.
---@param uri string
---@param focus boolean
---@return integer? win Nil where there is no room.
function M.show(uri, focus)
  local buf = vim.fn.bufadd(uri_of.name(uri))
  require("kaizodo.document").ask_again(buf)
  local wins = vim.api.nvim_tabpage_list_wins(0)
  local win = vim.iter(wins):find(function(win)
    return vim.api.nvim_win_get_buf(win) == buf
  end) or vim.iter(wins):find(function(win)
    return is_panel(win) and not vim.wo[win].winfixbuf
  end)
  if not win then
    win = split(buf)
  elseif vim.api.nvim_win_get_buf(win) ~= buf then
    vim.api.nvim_win_set_buf(win, buf)
  end
  M.last = uri_of.name(uri)
  if win then
    require("kaizodo.document").ensure(win)
  end
  if win and focus then
    vim.api.nvim_set_current_win(win)
  end
  return win
end

--- Wraps at words, or anywhere where the text is Japanese: it has few spaces, and lines that end
--- only at those are ragged.
---@param win integer
---@param lang? string
function M.wrap(win, lang)
  vim.wo[win][0].linebreak = lang ~= "ja"
end

--- Sets the window's options, for as long as it shows this panel.
---@param win integer
function M.dress(win)
  local wo = vim.wo[win][0]
  wo.wrap = true
  wo.smoothscroll = true
  wo.breakindent = true
  wo.breakindentopt = "list:-1"
  wo.conceallevel = 2
  wo.concealcursor = "nc"
  wo.number = false
  wo.relativenumber = false
  wo.signcolumn = "no"
  wo.foldcolumn = "0"
  wo.list = false
  wo.spell = false
  wo.fillchars = vim.go.fillchars .. (vim.go.fillchars == "" and "" or ",") .. "eob: ,fold: "
  require("kaizodo.fold").dress(win)
  if vim.go.statusline == "" then
    -- The buffer's own name is percent-encoded.
    local title = uri_of.title(vim.api.nvim_buf_get_name(vim.api.nvim_win_get_buf(win)))
    wo.statusline = title:gsub("%%", "%%%%") .. "%=%-14.(%l,%c%V%) %P"
  end
  local buf = vim.api.nvim_win_get_buf(win)
  local run = require("kaizodo.sections").run(buf)
  M.wrap(win, run and run.lang)
  require("kaizodo.decoration").winbar(win)
  require("kaizodo.fold").update(buf, run)
end

--- The rows of a window from which on the head of a panel may take room from the answers.
local ROOMY = 20

--- Lets the readers of a panel that has just been filled begin at its first section where rows are
--- few: the title is in the winbar. A head that has more to say than the place stays in sight.
---@param buf integer
---@param first? integer The row of the first section's heading.
function M.begin(buf, first)
  if not first or first > 4 then
    return
  end
  for _, win in ipairs(vim.fn.win_findbuf(buf)) do
    if
      vim.api.nvim_win_get_height(win) < ROOMY
      and vim.wo[win].winbar ~= ""
      and vim.api.nvim_win_get_cursor(win)[1] == 1
    then
      vim.api.nvim_win_call(win, function()
        vim.fn.winrestview({ topline = first + 1, lnum = first + 1, col = 0 })
      end)
    end
  end
end

---@class kaizodo.Reader A window, and where its reader is.
---@field win integer
---@field row integer The cursor's row on the screen.
---@field follows boolean Whether the cursor is on the last line, to stay on the last line.

---@param win integer
---@return integer
local function row(win)
  return vim.api.nvim_win_call(win, vim.fn.winline)
end

--- Scrolls a window by screen rows, with the cursor left alone.
---@param win integer
---@param rows integer Downwards, or upwards where negative.
local function scroll(win, rows)
  vim.api.nvim_win_call(win, function()
    local info, view = vim.fn.getwininfo(win)[1], vim.fn.winsaveview()
    local width = math.max(info.width - info.textoff, 1)
    local top, hidden = view.topline, math.floor(view.skipcol / width) + rows
    local function height(first, last)
      return vim.api.nvim_win_text_height(win, { start_row = first - 1, end_row = last - 1 }).all
    end
    while hidden < 0 and top > 1 do
      -- A closed fold is one line.
      local first = vim.fn.foldclosed(top - 1)
      first = first > 0 and first or top - 1
      hidden, top = hidden + height(first, top - 1), first
    end
    while hidden > 0 do
      local last = math.max(vim.fn.foldclosedend(top), top)
      local rows_of_top = height(top, last)
      if hidden < rows_of_top or last == vim.fn.line("$") then
        break
      end
      hidden, top = hidden - rows_of_top, last + 1
    end
    -- What is left are rows of one long line, as 'smoothscroll' hides them.
    vim.fn.winrestview({ topline = top, skipcol = math.max(hidden, 0) * width })
  end)
end

--- Where the readers of `buf` are, before it changes.
---@param buf integer
---@return kaizodo.Reader[]
function M.readers(buf)
  local last = vim.api.nvim_buf_line_count(buf)
  return vim.tbl_map(function(win)
    local lnum = vim.api.nvim_win_get_cursor(win)[1]
    local follows = last > 1 and lnum == last
    return { win = win, row = row(win), follows = follows }
  end, vim.fn.win_findbuf(buf))
end

--- Brings the readers back to where they were, after `buf` has changed: to the last line, or to
--- the line that they read, in the same row of the screen.
---@param buf integer
---@param readers kaizodo.Reader[]
function M.bring_back(buf, readers)
  local last = vim.api.nvim_buf_line_count(buf)
  for _, reader in ipairs(readers) do
    local win = reader.win
    if reader.follows then
      local line = vim.api.nvim_buf_get_lines(buf, last - 1, last, false)[1]
      vim.api.nvim_win_set_cursor(win, { last, #line })
    else
      -- Not only by lines: one above that grows takes more rows.
      local rows = row(win) - reader.row
      if rows ~= 0 then
        scroll(win, rows)
      end
    end
  end
end

return M
