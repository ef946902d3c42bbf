--- A real Neovim that is driven over RPC, with the real server in it and a scripted model behind it.

local expect = require("expect")

local root = vim.fs.dirname(
  vim.fs.dirname(vim.fs.dirname(vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))))
)

---@param path string
---@param text string
local function write(path, text)
  vim.fn.mkdir(vim.fs.dirname(path), "p")
  vim.fn.writefile(vim.split(text, "\n", { plain = true }), path, "b")
end

---@class Nvim
---@field channel integer
---@field dir string A folder of the test's own.
---@field upstream vim.SystemObj
local Nvim = {}
Nvim.__index = Nvim

--- Makes one that is not started yet.
---@return Nvim
function Nvim.new()
  return setmetatable({ dir = vim.fn.tempname() }, Nvim)
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
  local ok, value = pcall(expect.eventually, what, function()
    local result = self:lua(code)
    return result ~= vim.NIL and result or nil
  end, timeout_ms)
  return ok and value or error(value .. "\n" .. self:describe(), 2)
end

--- Waits until all runs are over. A run of which nothing has come yet is not: the status line says
--- nothing about it. Neither is one that was just told to go on, although its earlier outcome is still
--- there: the server has done what it was told, and has no later event.
---@param count? integer How many runs there are at least.
function Nvim:ended(count)
  self:until_lua(
    "the end",
    ([[
    local runs = package.loaded["kaizodo.runs"]
    local ids = runs and runs.ids() or {}
    if #ids < %d then
      return false
    end
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    for _, request in pairs(client and client.requests or {}) do
      if request.type == "pending" and request.method == "workspace/executeCommand" then
        return false
      end
    end
    return vim.iter(ids):all(function(id)
      local run = runs.get(id)
      if not client or not run.outcome then
        return run.outcome ~= nil
      end
      local later = client:request_sync("kaizodo/run/events", { run = id, from = run.next }, 5000)
      -- A server that does not know the run says nothing more of it.
      local is_last = later and (later.err or #later.result.events == 0)
      return is_last and run.outcome ~= nil
    end)
  ]]):format(count or 1)
  )
end

--- Waits until all runs have ended and their panels show the final text. Text and events arrive
--- separately, and each edit waits until the client has confirmed the one before, so that an end does
--- not mean that the text is complete. It is when the run's total stands below it, where there is one,
--- and nothing changes any more.
---@param count? integer How many runs there are at least.
function Nvim:over(count)
  self:ended(count)
  local sums = self:lua([[
    local sums, client = vim.empty_dict(), vim.lsp.get_clients({ name = "kaizodo" })[1]
    for _, id in ipairs(client and require("kaizodo.runs").ids() or {}) do
      local reply = client:request_sync("kaizodo/run/events", { run = id, from = 1 }, 5000)
      local asked, total = {}, nil
      for _, event in ipairs(reply and reply.result and reply.result.events or {}) do
        if event.event == "branch_started" then
          asked[event.branch] = true
        elseif event.event == "run_ended" then
          total = event.total
        end
      end
      if type(total) == "table" and vim.tbl_count(asked) > 1 then
        sums[id] = total.requests
      end
    end
    return sums
  ]])
  local before, since
  local ok, problem = pcall(expect.eventually, "the last edit", function()
    local text = self:lua(
      [[
      local sums, ticks = ..., {}
      for _, buf in ipairs(vim.api.nvim_list_bufs()) do
        local name = vim.api.nvim_buf_get_name(buf)
        if name:match("^kaizodo:/") and vim.api.nvim_buf_is_loaded(buf) then
          local sum = sums[require("kaizodo.uri").run(name)]
          local text = table.concat(vim.api.nvim_buf_get_lines(buf, 0, -1, false), "\n")
          if sum and tonumber(text:match(".*\nΣ [^%d\n]*(%d+)")) ~= sum then
            return ""
          end
          ticks[#ticks + 1] = ("%d: %d"):format(buf, vim.api.nvim_buf_get_changedtick(buf))
        end
      end
      return table.concat(ticks, "\n")
    ]],
      sums
    )
    local now = vim.uv.hrtime() / 1e6
    if text ~= before then
      before, since = text, now
    end
    -- Nothing at all is there where no panel could be opened.
    return now - since >= 400 and (text ~= "" or next(sums) == nil)
  end)
  return ok or error(problem .. "\n" .. self:describe(), 2)
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

--- Lets the model send the last chunk of every script with `held`.
function Nvim:release()
  write(self.dir .. "/script.json.go", "")
end

--- What the model server has logged.
---@param event? string
---@return table[]
function Nvim:log(event)
  local path = self.dir .. "/upstream.log"
  local entries = {}
  for _, line in ipairs(vim.uv.fs_stat(path) and vim.fn.readfile(path) or {}) do
    -- The last line may be half written.
    local ok, entry = pcall(vim.json.decode, line)
    if ok and (not event or entry.event == event) then
      entries[#entries + 1] = entry
    end
  end
  return entries
end

--- The selection as the model server got it with its request number `index`.
---@param index? integer
---@param timeout_ms? integer
---@return string
function Nvim:selection(index, timeout_ms)
  local request = expect.eventually("a request", function()
    return self:log("request")[index or 1]
  end, timeout_ms)
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
---@param timeout_ms? integer
function Nvim:attached(timeout_ms)
  self:until_lua(
    "the server to attach",
    [[
    local client = vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })[1]
    return client and client.initialized
  ]],
    timeout_ms
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
  expect.becomes(expected, function()
    return self:lua([[return vim.fn.getreg('"')]])
  end)
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
  local ok, text = pcall(expect.eventually, "the panel", function()
    local text = self:panel() or ""
    missing = vim.iter(wanted):find(function(want)
      return not text:find(want, 1, true)
    end)
    return not missing and text or nil
  end)
  return ok and text or error(("the panel never had %q\n%s"):format(missing, self:describe()), 2)
end

--- Waits until the journal file of each run contains these words.
---@param words string
---@param last? boolean Whether its last line must have them.
function Nvim:journaled(words, last)
  expect.eventually(words .. " in the journal", function()
    local files = vim.fn.glob(self.dir .. "/state/kaizodo/journal/*.jsonl", true, true)
    return #files > 0
      and vim.iter(files):all(function(file)
        local lines = vim.fn.readfile(file)
        lines = last and { lines[#lines] } or lines
        return table.concat(lines, "\n"):find(words, 1, true) ~= nil
      end)
  end)
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
  expect.eventually("the model server", function()
    return port
  end)
  return upstream, port
end

--- Starts it with a folder, a home and a model server of its own.
---@param prepare? fun(dir: string)
function Nvim:start(prepare)
  local dir = self.dir
  vim.fn.mkdir(dir .. "/bin", "p")
  if prepare then
    prepare(dir)
  end
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
end

--- Stops what has been started.
function Nvim:stop()
  if self.channel then
    pcall(vim.rpcnotify, self.channel, "nvim_command", "qall!")
    if vim.fn.jobwait({ self.channel }, 3000)[1] == -1 then
      vim.fn.jobstop(self.channel)
    end
  end
  if self.upstream then
    self.upstream:kill("sigterm")
  end
  if vim.env.KAIZODO_CANARY then
    vim.fn.writefile({ "yes" }, self.dir .. "/key-given")
  else
    vim.fn.delete(self.dir, "rf")
  end
end

return { Nvim = Nvim, root = root, write = write }
