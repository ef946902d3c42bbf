local h = require("harness")
local it, eq = h.it, h.eq

it("attaches to a file by vim.lsp.enable() alone", function(nvim)
  nvim:open("notes.md", "課題\n")
  eq(1, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo" })]]))
end)

it("attaches to a file whose type nobody knows", function(nvim)
  nvim:open("notes", "課題\n")
  eq("", nvim:lua("return vim.bo.filetype"))
end)

it("attaches to a buffer without a name when text in it is selected", function(nvim)
  nvim:type("i課題<Esc>")
  eq(0, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })]]))
  nvim:type("V")
  nvim:attached()
end)

it("attaches one server to all files", function(nvim)
  nvim:open("a.md", "a\n")
  nvim:open("b.lua", "b = 1\n")
  eq(1, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo" })]]))
end)

it("attaches one server to the files of several projects where all servers have roots", function(nvim)
  nvim:lua([[vim.lsp.config("*", { root_markers = { ".git" } })]])
  for _, project in ipairs({ "one", "two" }) do
    vim.fn.mkdir(("%s/%s/.git"):format(nvim.dir, project), "p")
    nvim:open(project .. "/notes.md", "課題\n")
  end
  nvim:open("two/notes", "課題\n")
  nvim:open("notes", "課題\n")
  eq(1, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo" })]]))
end)

it("stays away from terminals, quickfix, help and prompts", function(nvim)
  nvim:open("a.md", "a\n")
  local attached = nvim:lua([[
    local attached = {}
    for _, make in ipairs({ "terminal sleep 1", "copen", "help", "new | set buftype=prompt" }) do
      vim.cmd(make)
      vim.cmd("stopinsert")
      vim.api.nvim_exec_autocmds("ModeChanged", { pattern = "n:v" })
      vim.wait(30)
      attached[#attached + 1] = #vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })
    end
    return attached
  ]])
  eq({ 0, 0, 0, 0 }, attached)
end)

it("loads nothing of itself before it is needed", function(nvim)
  eq(
    {},
    nvim:lua([[
    return vim.tbl_filter(function(name)
      return vim.startswith(name, "kaizodo")
    end, vim.tbl_keys(package.loaded))
  ]])
  )
end)

it("says in one sentence where the server is missing", function(nvim)
  nvim:lua([[
    vim.lsp.config("kaizodo", { cmd = { "no-such-program", "lsp" } })
    vim.notify = function(message) _G.said = message end
    vim.cmd("Kaizodo run")
  ]])
  local said = nvim:until_lua("a message", "return _G.said")
  assert(said:find("`no-such-program` was not found", 1, true), said)
  assert(said:find(":checkhealth kaizodo", 1, true), said)
end)

it("leaves large files alone until it is asked about them", function(nvim)
  local line = ("行"):rep(1000) .. "\n"
  for name, size in pairs({ ["large.md"] = 11, large = 11, ["small.md"] = 9 }) do
    h.write(nvim.dir .. "/" .. name, line:rep(math.floor(size * 1024 * 1024 / #line)))
  end
  nvim:open("a.md", "課題\n")
  for _, name in ipairs({ "large.md", "large" }) do
    nvim:lua([[vim.cmd.edit((...))]], nvim.dir .. "/" .. name)
    vim.wait(400)
    nvim:type("V<Esc>")
    eq(0, nvim:lua([[return #vim.lsp.get_clients({ name = "kaizodo", bufnr = 0 })]]))
  end
  nvim:lua([[vim.cmd("1Kaizodo run depth")]])
  -- It takes its time to read so much.
  eq(vim.trim(line), nvim:selection(1, 60000))
  nvim:lua([[vim.cmd.edit((...))]], nvim.dir .. "/small.md")
  nvim:attached(60000)
end)
