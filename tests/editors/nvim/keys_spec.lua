-- The keys of a panel: what is shown of them, and whose they are.

local h, steps = require("harness"), require("steps")
local it, eq = h.it, h.eq
local panel = steps.panel_done

it("shows its keys", function(nvim)
  panel(nvim)
  nvim:type("g?")
  nvim:until_lua("a float", [[return vim.api.nvim_win_get_config(0).relative ~= ""]])
  local text = nvim:lua([[return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")]])
  for _, key in ipairs({
    "]] [[", "a A", "gz", "-", "gd", "gp gP", "gy", "gY", "= d U", "c", "R", "r", "u", "x", "<C-c>", "q", "g?",
  }) do
    assert(text:find(key, 1, true), key .. " is not in\n" .. text)
  end
  -- A screen of 24 rows shows all of it: two are the border's, two of the screen's own.
  assert(nvim:lua([[return vim.api.nvim_buf_line_count(0)]]) <= 20, text)
  nvim:type("q")
  eq(2, nvim:lua("return #vim.api.nvim_list_wins()"))
  -- With one of two switched off, the other one says what it does.
  nvim:lua([[vim.g.kaizodo = { keys = { ask_all = false } }]])
  nvim:type("g?")
  nvim:until_lua("a line of its own", [[
    local text = table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), "\n")
    return text:find("カーソルのある節について質問する", 1, true) and not text:find("答え全体", 1, true)
  ]])
end)

it("maps the keys that the user chose, and none that were switched off", function(nvim)
  nvim:lua([[vim.g.kaizodo = { keys = { close = "<Esc>", retry = false } }]])
  panel(nvim)
  local mapped = nvim:lua([[
    local function maps(lhs)
      return vim.fn.maparg(lhs, "n", false, true).buffer == 1
    end
    return { maps("<Esc>"), maps("q"), maps("r"), maps("x") }
  ]])
  eq({ true, false, false, true }, mapped)
end)

it("leaves a key to what the user has chosen it for", function(nvim)
  nvim:lua([[vim.g.kaizodo = { keys = { retry = "R", close = "<c-C>" } }]])
  panel(nvim)
  -- Its language may be known only after the keys were mapped.
  nvim:until_lua("descriptions in the run's language", [[
    local words = require("kaizodo.lang").words("ja")
    local function does(lhs, word)
      return vim.fn.maparg(lhs, "n", false, true).desc == words["key_" .. word]
    end
    return does("R", "retry") and does("<C-c>", "close") and does("d", "drop")
  ]])
end)

it("describes its keys anew, and leaves one that was mapped over", function(nvim)
  panel(nvim)
  -- The run is known, and no event describes the keys once more.
  nvim:ended()
  local descriptions = nvim:lua([[
    local function desc(lhs, mode)
      return vim.fn.maparg(lhs, mode or "n", false, true).desc
    end
    vim.keymap.set("n", "r", "<Nop>", { buffer = 0, desc = "user" })
    vim.keymap.set("x", "gz", "<Nop>", { buffer = 0, desc = "user" })
    local run = require("kaizodo.sections").run(0)
    run.lang = "en"
    require("kaizodo.document").place(vim.lsp.get_clients()[1], run)
    return { desc("r"), desc("x"), desc("gz", "x"), desc("gz") }
  ]])
  local zoom = "Look closer at the passage or the lines"
  eq({ "user", "Stop the section under the cursor", "user", zoom }, descriptions)
end)

it("keeps its keys where the user's LspAttach maps others", function(nvim)
  nvim:lua([[
    vim.api.nvim_create_autocmd("LspAttach", {
      callback = function(ev)
        vim.keymap.set("n", "gd", vim.lsp.buf.definition, { buffer = ev.buf, desc = "user" })
      end,
    })
  ]])
  panel(nvim)
  assert(nvim:lua([[return vim.fn.maparg("gd", "n", false, true).desc]]) ~= "user")
end)
