--- What a run is about when a mapping begins it: an operator's text, and where the user was then.

local h = require("harness")
local it, eq = h.it, h.eq

local TEXT = "One two (three four) five.\n会議が👨‍👩‍👧‍👦長い。\n\nSecond paragraph.\nIts end.\n\nLast.\n"

---@param nvim Nvim
---@param opts? table
local function map(nvim, opts)
  nvim:open("a.md", TEXT)
  nvim:lua([[
    local opts = ...
    vim.keymap.set({ "n", "x" }, "gK", function()
      return require("kaizodo").operator(opts)
    end, { expr = true })
    vim.keymap.set("n", "gKK", function()
      return require("kaizodo").operator(opts) .. "_"
    end, { expr = true })
  ]], opts or { perspectives = { "depth" } })
end

it("looks at the text of a motion or a text object", function(nvim)
  map(nvim)
  for index, case in ipairs({
    { "gg0gKe", "One" },
    { "gg0gK2w", "One two " },
    { "gg0gK2e", "One two" },
    { "gg0fhgKi(", "three four" },
    { "2G0gKf👨", "会議が👨‍👩‍👧‍👦" },
    { "4GgKip", "Second paragraph.\nIts end." },
    { "4GgKj", "Second paragraph.\nIts end." },
    { "4G3gKK", "Second paragraph.\nIts end.\n" },
    { "gg0gKG", vim.trim(TEXT) },
    { "gg0wvegK", "two" },
    { "4GVjgK", "Second paragraph.\nIts end." },
    { "G$gK0", "Last" },
  }) do
    local keys, expected = unpack(case)
    nvim:lua([[vim.o.selection = ...]], index % 2 == 0 and "exclusive" or "inclusive")
    if keys:find("v") or keys:find("V") then
      nvim:lua([[vim.o.selection = "inclusive"]])
    end
    nvim:type(keys)
    eq({ keys, expected }, { keys, nvim:selection(index) })
    nvim:ended(index)
  end
end)

it("asks what the operator was made for, and again with a dot", function(nvim)
  map(nvim, { set = "premortem" })
  nvim:type("GgK<Esc>")
  nvim:type("GgKK")
  nvim:ended(1)
  eq(4, #nvim:log("request"))
  eq("Last.", nvim:selection(1))
  nvim:type("4G.")
  nvim:ended(2)
  eq(8, #nvim:log("request"))
  eq("Second paragraph.", nvim:selection(5))
  -- A motion over nothing asks nothing.
  nvim:type("4G0gK0")
  vim.wait(300)
  eq(8, #nvim:log("request"))
end)

it("asks about where the user was, though the server has to start first", function(nvim)
  h.write(nvim.dir .. "/a.md", TEXT)
  nvim:lua([[
    vim.lsp.enable("kaizodo", false)
    vim.cmd.edit((...))
  ]], nvim.dir .. "/a.md")
  nvim:lua([[
    vim.cmd("new")
    vim.api.nvim_buf_set_lines(0, 0, -1, false, { "other", "lines", "altogether", "here" })
    vim.cmd("wincmd p | normal! 4G")
    vim.cmd("Kaizodo run depth")
    vim.cmd("wincmd p | normal! 2G")
  ]])
  eq("Second paragraph.\nIts end.", nvim:selection())
end)
