local h = require("harness")
local it = h.it

--- Applies Japanese chunks to an open panel as the server would, and draws after each: many without a
--- parse, and then, to the long text, some with one. All at once, so that little comes in between that
--- would slow one of both down.
local BENCH = [[
  local function draw(chunks, parsed)
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    local client = vim.lsp.get_clients({ name = "kaizodo" })[1]
    if parsed then
      vim.treesitter.start(buf, "markdown")
    end
    local uri, row = vim.api.nvim_buf_get_name(buf), 6
    local handlers = require("kaizodo.handlers")
    local started = vim.uv.hrtime()
    for i = 1, chunks do
      local line = vim.api.nvim_buf_get_lines(buf, row, row + 1, false)[1]
      local at = { line = row, character = #line }
      local newline = i % 10 == 0
      local text = newline and "会議は**長い**。\n- " or "会議は"
      local answer = handlers.apply_edit(nil, {
        edit = {
          documentChanges = {
            {
              textDocument = { uri = uri, version = vim.NIL },
              edits = {
                { range = { start = at, ["end"] = at }, newText = text },
              },
            },
          },
        },
      }, { client_id = client.id })
      assert(answer.applied, answer.failureReason)
      row = newline and row + 1 or row
      vim.cmd.redraw()
    end
    return (vim.uv.hrtime() - started) / 1e6
  end
  return { draw(2000, false), draw(50, true) / 50 }
]]

it("takes 2,000 chunks without parsing the text 2,000 times", function(nvim)
  nvim:script({ depth = { chunks = { "- D1 原因" }, hang = true } })
  nvim:open("a.md", "会議が長い。\n")
  nvim:choose("解像度")
  nvim:type("Vgra")
  nvim:panel_has("- D1 原因")
  -- Somebody's FileType autocommand may start tree-sitter; while the run is alive it is off.
  assert(not nvim:lua([[
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    return vim.treesitter.highlighter.active[buf] ~= nil
  ]]))
  local ours, parsed = unpack(nvim:lua(BENCH))
  io.stdout:write(("     2,000 chunks drawn: %d ms; "):format(ours))
  io.stdout:write(("the next ones, each with a tree-sitter parse: %d ms apiece\n"):format(parsed))
  assert(ours / 2000 < parsed / 3, "nothing is gained over parsing after each chunk")
end)

it("leaves tree-sitter off while a run is alive, and starts it at the end", function(nvim)
  nvim:lua([[
    vim.api.nvim_create_autocmd("FileType", {
      pattern = "markdown",
      callback = function(ev) vim.treesitter.start(ev.buf) end,
    })
  ]])
  nvim:script({ depth = { chunks = { "- D1 原因" }, hang = true } })
  nvim:open("a.md", "会議が長い。\n")
  nvim:choose("解像度")
  nvim:type("Vgra")
  nvim:panel_has("- D1 原因")
  local active = [[
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    return vim.treesitter.highlighter.active[buf] ~= nil
  ]]
  h.eq(false, nvim:lua(active))
  nvim:lua([[vim.cmd("Kaizodo stop")]])
  nvim:until_lua("tree-sitter", active)
end)
