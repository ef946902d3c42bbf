--- The server's configuration, found by `vim.lsp.enable("kaizodo")`.
---
--- No filetypes and no root: any text can be looked at, and one server serves all of it. Every
--- `require` waits until the server says something, so that enabling costs nothing.

---@param name string
---@return lsp.Handler
local function handler(name)
  return function(...)
    return require("kaizodo.handlers")[name](...)
  end
end

---@type vim.lsp.Config
return {
  cmd = { "kaizodo", "lsp" },
  root_dir = function(buf, attach)
    require("kaizodo.attach").decide(buf, attach)
  end,
  -- Even where vim.lsp.config("*") gives every server a root: a second server would know nothing of
  -- the runs of the first, and nobody could tell which of them to ask about a panel.
  reuse_client = function(client, config)
    return client.name == config.name and not client:is_stopped()
  end,
  capabilities = {
    workspace = { textDocumentContent = { dynamicRegistration = true } },
    -- "userSettings": no project has a say in what is sent as settings, see kaizodo.settings.
    experimental = { kaizodo = { events = true, userSettings = true } },
  },
  handlers = {
    ["$/progress"] = handler("progress"),
    ["client/registerCapability"] = handler("register"),
    ["window/showDocument"] = handler("show_document"),
    ["window/showMessage"] = handler("show_message"),
    ["workspace/applyEdit"] = handler("apply_edit"),
    ["workspace/configuration"] = function(...)
      return require("kaizodo.settings").configuration(...)
    end,
    ["workspace/executeCommand"] = handler("executed"),
    ["workspace/textDocumentContent/refresh"] = handler("refresh"),
  },
  commands = {
    ["kaizodo.run"] = function(command, ctx)
      require("kaizodo.client").run(command, ctx)
    end,
  },
  before_init = function(params)
    if not vim.g.loaded_kaizodo then
      -- Put on the runtimepath where nobody sources plugins any more, as after lazy.setup().
      local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")
      local plugin = vim.fs.dirname(vim.fs.dirname(here)) .. "/plugin/kaizodo.lua"
      vim.cmd.source({ plugin, magic = { file = false } })
    end
    require("kaizodo.settings").initialize(params)
  end,
  on_init = function(client)
    require("kaizodo.handlers").keep_panels(client)
    require("kaizodo.runs").reread(client)
  end,
  on_exit = function()
    vim.schedule(function()
      require("kaizodo.runs").disconnected()
    end)
  end,
}
