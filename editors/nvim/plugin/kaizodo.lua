if vim.g.loaded_kaizodo or vim.fn.has("nvim-0.11") == 0 then
  return
end
vim.g.loaded_kaizodo = true

local group = vim.api.nvim_create_augroup("kaizodo", {})

vim.api.nvim_create_autocmd("BufReadCmd", {
  group = group,
  pattern = "kaizodo:/*",
  desc = "kaizodo: fill a panel from the server",
  callback = function(ev)
    require("kaizodo.document").read(ev.buf)
  end,
})

vim.api.nvim_create_autocmd("BufWinEnter", {
  group = group,
  pattern = "kaizodo:/*",
  desc = "kaizodo: window options of a panel",
  callback = function()
    require("kaizodo.window").dress(vim.api.nvim_get_current_win())
  end,
})

vim.api.nvim_create_autocmd("SessionLoadPost", {
  group = group,
  desc = "kaizodo: fill the panels of a session",
  callback = function()
    for _, win in ipairs(vim.api.nvim_list_wins()) do
      local buf = vim.api.nvim_win_get_buf(win)
      if vim.startswith(vim.api.nvim_buf_get_name(buf), "kaizodo:/") then
        require("kaizodo.document").ensure(win)
      end
    end
  end,
})

vim.api.nvim_create_autocmd("VimResized", {
  group = group,
  desc = "kaizodo: room for the panel",
  callback = function()
    if package.loaded["kaizodo.window"] then
      require("kaizodo.window").rebalance()
    end
  end,
})

vim.api.nvim_create_autocmd("WinClosed", {
  group = group,
  desc = "kaizodo: forget a panel's window",
  callback = function(ev)
    if package.loaded["kaizodo.window"] then
      require("kaizodo.window").forget(tonumber(ev.match))
    end
  end,
})

-- vim.lsp.enable() listens to FileType, which never comes for a file of no known type, nor for a
-- buffer without a name. The first is attached when it is read, the second when text in it is
-- first selected.
vim.api.nvim_create_autocmd({ "BufReadPost", "BufNewFile" }, {
  group = group,
  desc = "kaizodo: attach to files of no known type",
  callback = function(ev)
    -- After filetype detection, which listens to the same events.
    vim.schedule(function()
      require("kaizodo.attach").untyped(ev.buf)
    end)
  end,
})

vim.api.nvim_create_autocmd("ModeChanged", {
  group = group,
  pattern = "*:[vV\22]*",
  desc = "kaizodo: attach to buffers of no known type",
  callback = function(ev)
    require("kaizodo.attach").untyped(ev.buf)
  end,
})

vim.api.nvim_create_user_command("Kaizodo", function(opts)
  require("kaizodo.command").call(opts)
end, {
  nargs = "*",
  range = true,
  bang = true,
  desc = "kaizodo: look at text from several perspectives",
  complete = function(lead, line)
    return require("kaizodo.command").complete(lead, line)
  end,
})

for name, link in pairs({
  Waiting = "Comment",
  Thinking = "DiagnosticHint",
  Streaming = "DiagnosticInfo",
  Retrying = "DiagnosticWarn",
  Done = "DiagnosticOk",
  Incomplete = "DiagnosticWarn",
  Failed = "DiagnosticError",
  Cancelled = "Comment",
  OnDemand = "Comment",
  Older = "DiagnosticWarn",
}) do
  vim.api.nvim_set_hl(0, "KaizodoState" .. name, { link = link, default = true })
end
for name, link in pairs({
  Closing = "Comment",
  Folded = "Comment",
  Key = "Comment",
  Source = "Visual",
  Title = "Title",
}) do
  vim.api.nvim_set_hl(0, "Kaizodo" .. name, { link = link, default = true })
end

-- One line less in every configuration: a plugin that is there is wanted. The server starts with
-- the first file, and sends nothing by itself.
local settings = vim.g.kaizodo
if type(settings) ~= "table" or settings.enable ~= false then
  vim.lsp.enable("kaizodo")
end
