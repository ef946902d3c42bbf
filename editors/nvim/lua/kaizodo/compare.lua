--- Two runs about the same text beside each other, in a tab page of their own.

local client_of = require("kaizodo.client")
local document = require("kaizodo.document")

local M = {}

--- Shows a text in a new window.
---@param where string The modifiers of the command that opens it.
---@param lines string[]
---@param name string
local function show(where, lines, name)
  local buf = vim.api.nvim_create_buf(false, true)
  vim.api.nvim_buf_set_lines(buf, 0, -1, false, lines)
  vim.bo[buf].filetype, vim.bo[buf].bufhidden, vim.bo[buf].modifiable = "markdown", "wipe", false
  vim.api.nvim_buf_set_name(buf, ("%s (%d)"):format(name, buf))
  vim.cmd(("%s sbuffer %d"):format(where, buf))
  vim.cmd.diffthis()
end

--- Puts a run beside another one or, without one, beside the earlier one about the same text.
---@param run string
---@param with? string
function M.show(run, with)
  client_of.with(nil, function(client)
    local argument = { run = run, with = with, show = false }
    client_of.execute(client, "kaizodo.compare", argument, function(compared)
      document.text(compared.earlier.uri, function(earlier)
        document.text(compared.later.uri, function(later)
          show("tab", earlier, compared.earlier.run)
          show("vertical rightbelow", later, compared.later.run)
        end)
      end)
    end)
  end)
end

return M
