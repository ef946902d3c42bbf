--- Small windows with lines to read.

local M = {}

---@type table<integer, string>
local groups = {
  [vim.log.levels.ERROR] = "DiagnosticError",
  [vim.log.levels.WARN] = "DiagnosticWarn",
}

--- A buffer with lines, and the width that they take.
---@param lines string[]
---@param least integer
---@return integer buf
---@return integer width
local function buffer(lines, least)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].modifiable = false
  vim.bo[buf].bufhidden = "wipe"
  local width = least
  for _, line in ipairs(lines) do
    width = math.max(width, vim.fn.strdisplaywidth(line))
  end
  return buf, math.max(math.min(width, vim.o.columns - 4), 1)
end

--- Gives a window the height that its lines take once they are wrapped.
---@param win integer
---@param most integer
---@return integer height
local function fit(win, most)
  local wo = vim.wo[win][0]
  wo.wrap, wo.linebreak = true, true
  local rows = vim.api.nvim_win_text_height(win, {}).all
  local height = math.max(math.min(rows, most), 1)
  vim.api.nvim_win_set_height(win, height)
  return height
end

--- Puts a message into the history without leaving it on the command line, where Enter would have to
--- dismiss it.
---@param message string
---@param group string
local function remember(message, group)
  local height, sizes, views = vim.o.cmdheight, vim.fn.winrestcmd(), {}
  for _, win in ipairs(vim.api.nvim_tabpage_list_wins(0)) do
    views[win] = vim.api.nvim_win_call(win, vim.fn.winsaveview)
  end
  -- Where there is room for all of it, Neovim asks for no Enter.
  vim.o.cmdheight = math.max(vim.o.lines - 4, 1)
  vim.api.nvim_echo({ { message, group } }, true, {})
  vim.o.cmdheight = height
  vim.cmd(sizes)
  for win, view in pairs(views) do
    vim.api.nvim_win_call(win, function()
      vim.fn.winrestview(view)
    end)
  end
  vim.cmd.redraw()
end

--- Shows a message above the command line until the user presses a key. It is in `:messages`, too.
---@param message string
---@param level integer
---@return integer win
function M.toast(message, level)
  remember(message, groups[level] or "None")
  local buf, width = buffer(vim.split(message, "\n", { plain = true }), 1)
  local win = vim.api.nvim_open_win(buf, false, {
    relative = "editor",
    anchor = "SW",
    row = vim.o.lines - vim.o.cmdheight - 1,
    col = 0,
    width = width,
    height = 1,
    style = "minimal",
    border = "rounded",
    focusable = false,
    noautocmd = true,
  })
  fit(win, math.max(vim.o.lines - 6, 1))
  vim.wo[win][0].winhighlight = "NormalFloat:" .. (groups[level] or "NormalFloat")
  local namespace ---@type integer
  namespace = vim.on_key(function(_, typed)
    -- What a mapping stands for is no key that was pressed.
    if typed ~= "" then
      vim.on_key(nil, namespace)
      -- The key may be in the middle of a command, where no window can be closed.
      vim.schedule(function()
        pcall(vim.api.nvim_win_close, win, true)
      end)
    end
  end)
  return win
end

--- Shows lines in a window that `q` or <Esc> closes.
---@param lines string[]
---@param title string
---@return integer win
function M.open(lines, title)
  local buf, width = buffer(lines, vim.fn.strdisplaywidth(title) + 4)
  local win = vim.api.nvim_open_win(buf, true, {
    relative = "editor",
    width = width,
    height = 1,
    row = 0,
    col = math.floor((vim.o.columns - width) / 2),
    style = "minimal",
    border = "rounded",
    title = " " .. title .. " ",
    title_pos = "center",
  })
  local height = fit(win, vim.o.lines - 4)
  vim.api.nvim_win_set_config(win, {
    relative = "editor",
    row = math.max(math.floor((vim.o.lines - height) / 2) - 1, 0),
    col = math.floor((vim.o.columns - width) / 2),
  })
  for _, lhs in ipairs({ "q", "<Esc>" }) do
    vim.keymap.set("n", lhs, "<Cmd>close<CR>", { buffer = buf, nowait = true })
  end
  return win
end

return M
