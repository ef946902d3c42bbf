--- Drives a real Neovim over RPC, with the real server in it and a scripted model behind it.

local M = {}

local root = vim.fs.dirname(
  vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))))
)
M.root = root

local tests = {} ---@type { name: string, fn: fun(nvim: Nvim), prepare?: fun(dir: string) }[]

--- Declares a test. It gets a Neovim of its own.
---@param name string
---@param fn fun(nvim: Nvim)
---@param prepare? fun(dir: string) Fills the folder in which that Neovim starts; a file init.lua
--- there is its configuration.
function M.it(name, fn, prepare)
  tests[#tests + 1] = { name = name, fn = fn, prepare = prepare }
end

---@param path string
---@param text string
local function write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), "p")
  vim.fn.writefile(vim.split(text, "\n", { plain = true }), path, "b")
end

M.write = write

---@class Nvim
---@field channel integer
---@field dir string A folder of the test's own.
---@field upstream vim.SystemObj
local Nvim = {}
Nvim.__index = Nvim

--- Waits until `fn` gives something, and returns it.
---@generic T
---@param what string
---@param fn fun(): T
---@param timeout_ms? integer
---@return T
function M.eventually(what, fn, timeout_ms)
  local value
  local ok = vim.wait(timeout_ms or 20000, function()
    value = fn()
    return value
  end, 10)
  return ok and value or error("in vain waited for: " .. what, 2)
end

---@param expected any
---@param got any
function M.eq(expected, got)
  if not vim.deep_equal(expected, got) then
    error(("expected %s\ngot %s"):format(vim.inspect(expected), vim.inspect(got)), 2)
  end
end

--- Runs Lua in the Neovim under test and returns what it returns.
---@param code string
---@param ... any The chunk's arguments.
---@return any
function Nvim:lua(code, ...)
  return vim.rpcrequest(self.channel, "nvim_exec_lua", code, { ... })
end

--- Waits until Lua in the Neovim under test returns something true.
---@param what string
---@param code string
---@param timeout_ms? integer
---@return any
function Nvim:until_lua(what, code, timeout_ms)
  local ok, value = pcall(M.eventually, what, function()
    local result = self:lua(code)
    return result ~= vim.NIL and result or nil
  end, timeout_ms)
  return ok and value or error(value .. "\n" .. self:describe(), 2)
end

--- Waits until all runs are over. A run of which nothing has come yet is not: the status line says
--- nothing about it.
---@param count? integer How many runs there are at least.
function Nvim:ended(count)
  self:until_lua(
    "the end",
    ([[
    local runs = package.loaded["kaizodo.runs"]
    local ids = runs and runs.ids() or {}
    return #ids >= %d and vim.iter(ids):all(function(id)
      return runs.get(id).outcome ~= nil
    end)
  ]]):format(count or 1)
  )
end

--- What the user would see, for messages.
---@return string
function Nvim:describe()
  return self:lua([[
    local out = {}
    for _, win in ipairs(vim.api.nvim_list_wins()) do
      local buf = vim.api.nvim_win_get_buf(win)
      out[#out + 1] = ("--- %s (window %d)"):format(vim.api.nvim_buf_get_name(buf), win)
      vim.list_extend(out, vim.api.nvim_buf_get_lines(buf, 0, 60, false))
    end
    out[#out + 1] = "--- messages"
    out[#out + 1] = vim.fn.execute("messages")
    return table.concat(out, "\n")
  ]])
end

--- Types keys, as a user would.
---@param keys string
function Nvim:type(keys)
  vim.rpcrequest(self.channel, "nvim_input", keys)
end

--- Says what the model answers: perspective → what upstream.py's SCRIPT takes.
---@param script table
function Nvim:script(script)
  write(self.dir .. "/script.json", vim.json.encode(script))
end

--- What the model server has logged.
---@param event? string
---@return table[]
function Nvim:log(event)
  local path = self.dir .. "/upstream.log"
  local entries = {}
  for _, line in ipairs(vim.uv.fs_stat(path) and vim.fn.readfile(path) or {}) do
    local entry = vim.json.decode(line)
    if not event or entry.event == event then
      entries[#entries + 1] = entry
    end
  end
  return entries
end

--- The selection as the model server got it with its request number `index`.
---@param index? integer
---@return string
function Nvim:selection(index)
  local request = M.eventually("a request", function()
    return self:log("request")[index or 1]
  end)
  local sent = table.concat(request.messages, "\n")
  return sent:match("<<<TEXT %S+\n(.-)\nTEXT %S+>>>")
    or error("no selection in\n" .. sent)
end

--- Writes a file and opens it; waits until the server is attached.
---@param name string
---@param text string
function Nvim:open(name, text)
  write(self.dir .. "/" .. name, text)
  self:lua([[vim.cmd.edit((...))]], self.dir .. "/" .. name)
  self:attached()
end

--- Waits until the server is attached to the current buffer.
function Nvim:attached()
  self:until_lua(
    "the server to attach",
    [[
    local client = vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })[1]
    return client and client.initialized
  ]]
  )
end

--- Lets vim.ui.select choose the entry whose text matches, and remembers what was offered.
---@param pattern string
function Nvim:choose(pattern)
  self:lua(
    [[
    local pattern = ...
    vim.ui.select = function(items, opts, on_choice)
      _G.offered = vim.tbl_map(opts.format_item or tostring, items)
      for index, text in ipairs(_G.offered) do
        if text:find(pattern) then
          return on_choice(items[index], index)
        end
      end
      on_choice(nil)
    end
  ]],
    pattern
  )
end

--- Waits until the unnamed register holds this.
---@param expected string
function Nvim:register(expected)
  local got
  local ok = vim.wait(10000, function()
    got = self:lua([[return vim.fn.getreg('"')]])
    return got == expected
  end, 10)
  if not ok then
    M.eq(expected, got)
  end
end

--- The panel's text, or nil.
---@return string?
function Nvim:panel()
  local text = self:lua([[
    for _, buf in ipairs(vim.api.nvim_list_bufs()) do
      if vim.api.nvim_buf_get_name(buf):match("^kaizodo:/") and vim.api.nvim_buf_is_loaded(buf) then
        return table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n")
      end
    end
  ]])
  return text ~= vim.NIL and text or nil
end

--- Waits until the panel's text has all of these in it.
---@param ... string
---@return string
function Nvim:panel_has(...)
  local wanted = { ... }
  local missing
  local ok, text = pcall(M.eventually, "the panel", function()
    local text = self:panel() or ""
    missing = vim.iter(wanted):find(function(want)
      return not text:find(want, 1, true)
    end)
    return not missing and text or nil
  end, 10000)
  return ok and text or error(("the panel never had %q\n%s"):format(missing, self:describe()), 2)
end

--- Moves into the panel's window.
function Nvim:enter_panel()
  self:lua([[vim.api.nvim_set_current_win(require("kaizodo.window").find())]])
end

--- The states behind the headings.
---@return string[]
function Nvim:states()
  return self:lua([[
    local namespace = vim.api.nvim_create_namespace("kaizodo.states")
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    local marks = vim.tbl_filter(function(mark)
      return mark[4].virt_text ~= nil
    end, vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, { details = true }))
    return vim.tbl_map(function(mark)
      local line = vim.api.nvim_buf_get_lines(buf, mark[2], mark[2] + 1, false)[1]
      return line .. mark[4].virt_text[1][1]
    end, marks)
  ]])
end

--- The keys that are offered behind the headings.
---@return table<string, string>
function Nvim:hints()
  return self:lua([=[
    local namespace = vim.api.nvim_create_namespace("kaizodo.states")
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    local hints = vim.empty_dict()
    for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(buf, namespace, 0, -1, { details = true })) do
      for _, chunk in ipairs(mark[4].virt_text or {}) do
        if chunk[2] == "KaizodoKey" then
          hints[vim.api.nvim_buf_get_lines(buf, mark[2], mark[2] + 1, false)[1]] = chunk[1]
        end
      end
    end
    return hints
  ]=])
end

--- Records what goes over the wire from now on.
function Nvim:trace()
  self:lua([[
    _G.wire = {}
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    for _, kind in ipairs({ "request", "notify" }) do
      local send = client.rpc[kind]
      client.rpc[kind] = function(method, params, ...)
        table.insert(_G.wire, { method = method, params = params })
        return send(method, params, ...)
      end
    end
  ]])
end

--- What was sent since trace().
---@param method string
---@param uri_pattern? string
---@return integer
function Nvim:sent(method, uri_pattern)
  return self:lua(
    [[
    local method, pattern = ...
    return #vim.tbl_filter(function(message)
      local params = message.params or {}
      local uri = params.uri or (params.textDocument or {}).uri or ""
      return message.method == method and uri:find(pattern) ~= nil
    end, _G.wire)
  ]],
    method,
    uri_pattern or ""
  )
end

local function start_upstream(dir)
  local port
  local upstream = vim.system({
    "python3",
    root .. "/tests/editors/nvim/upstream.py",
    dir .. "/script.json",
    dir .. "/upstream.log",
  }, {
    stdin = true,
    stdout = function(_, data)
      port = port or (data and data:match("%d+"))
    end,
  })
  M.eventually("the model server", function()
    return port
  end)
  return upstream, port
end

--- Starts a Neovim with a folder, a home and a model server of its own.
---@param prepare? fun(dir: string)
---@return Nvim
local function start(prepare)
  local dir = vim.fn.tempname()
  vim.fn.mkdir(dir .. "/bin", "p")
  if prepare then
    prepare(dir)
  end
  local self = setmetatable({ dir = dir }, Nvim)
  self:script({})
  local port
  self.upstream, port = start_upstream(dir)
  -- The program's name alone is configured: it is found on the PATH.
  assert(vim.uv.fs_symlink(vim.env.KAIZODO_BIN, dir .. "/bin/kaizodo"))
  local env = {
    PATH = dir .. "/bin:" .. vim.env.PATH,
    KAIZODO_PLUGIN = root .. "/editors/nvim",
    OPENAI_BASE_URL = ("http://127.0.0.1:%s/v1"):format(port),
    OPENAI_API_KEY = vim.env.KAIZODO_CANARY or "test",
    KAIZODO_MODEL = "scripted",
    -- Most tests are about views alone; those of the focus ask for one.
    KAIZODO_FOCUS = "off",
    LANG = "C.UTF-8",
    LC_ALL = "C.UTF-8",
    NVIM_LOG_FILE = dir .. "/nvim.log",
  }
  for _, name in ipairs({ "CONFIG", "DATA", "STATE", "CACHE" }) do
    env["XDG_" .. name .. "_HOME"] = dir .. "/" .. name:lower()
  end
  local init = dir .. "/init.lua"
  init = vim.uv.fs_stat(init) and init or root .. "/tests/editors/nvim/init.lua"
  self.channel = vim.fn.jobstart(
    { vim.v.progpath, "--embed", "--headless", "-n", "-i", "NONE", "-u", init },
    { rpc = true, env = env, cwd = dir, clear_env = false }
  )
  assert(self.channel > 0, "Neovim did not start")
  -- A configuration that waits for something lets requests in.
  self:until_lua("the start", [[return vim.v.vim_did_enter == 1]])
  self:lua([[vim.o.columns, vim.o.lines = 160, 40]])
  return self
end

function Nvim:stop()
  pcall(vim.rpcnotify, self.channel, "nvim_command", "qall!")
  if vim.fn.jobwait({ self.channel }, 3000)[1] == -1 then
    vim.fn.jobstop(self.channel)
  end
  self.upstream:kill("sigterm")
  if vim.env.KAIZODO_CANARY then
    vim.fn.writefile({ "yes" }, self.dir .. "/key-given")
  else
    vim.fn.delete(self.dir, "rf")
  end
end

--- Runs a test in a Neovim of its own and prints what came of it.
---@param test { name: string, fn: fun(nvim: Nvim), prepare?: fun(dir: string) }
---@param failure string What is printed where it fails.
---@return boolean ok
local function attempt(test, failure)
  local started, nvim = vim.uv.now(), start(test.prepare)
  local ok, err = xpcall(test.fn, debug.traceback, nvim)
  nvim:stop()
  vim.uv.update_time()
  local line = ("%s %s (%d ms)"):format(ok and "ok  " or failure, test.name, vim.uv.now() - started)
  io.stdout:write(line, "\n", ok and "" or tostring(err) .. "\n")
  io.stdout:flush()
  return ok
end

--- Runs the tests of these files, one that fails once more: a busy machine can come between two key presses.
---@param files string[]
---@param only? string A pattern for names.
---@return integer failed
function M.run(files, only)
  for _, file in ipairs(files) do
    dofile(file)
  end
  local passed, again, failed = 0, 0, 0
  for _, test in ipairs(tests) do
    if not only or test.name:find(only) then
      if attempt(test, "AGAIN") then
        passed = passed + 1
      elseif attempt(test, "FAIL") then
        passed, again = passed + 1, again + 1
      else
        failed = failed + 1
      end
    end
  end
  local second = again > 0 and (" (%d of them the second time)"):format(again) or ""
  io.stdout:write(("%d passed%s, %d failed\n"):format(passed, second, failed))
  return failed
end

return M
