--- The reader's place: it never moves while text comes in above.

local h = require("harness")
local it, eq = h.it, h.eq

--- Twelve perspectives of the user's own.
---@param dir string
local function twelve(dir)
  for number = 1, 12 do
    h.write(
      ("%s/config/kaizodo/perspectives/side-%02d.md"):format(dir, number),
      ("---\nname: side-%02d\ntitle: 側面%02d\ndescription: 側面%02dを見る。\n---\n何があるか。\n"):format(
        number,
        number,
        number
      )
    )
  end
end

--- Where the reader is: the line, its row on the screen, and its number; and the first line in sight.
---@param nvim Nvim
---@return { line: string, row: integer, lnum: integer, top: string }
local function place(nvim)
  return nvim:lua([[
    return vim.api.nvim_win_call(require("kaizodo.window").find(), function()
      vim.cmd("redraw")
      return {
        line = vim.api.nvim_get_current_line(),
        row = vim.fn.winline(),
        lnum = vim.fn.line("."),
        top = vim.fn.getline("w0"),
      }
    end)
  ]])
end

--- Puts the reader's cursor on a line in the panel, in the middle of the window.
---@param nvim Nvim
---@param words string
local function read(nvim, words)
  nvim:lua([[
    local words = ...
    vim.api.nvim_win_call(require("kaizodo.window").find(), function()
      assert(vim.fn.search("\\V" .. words, "cw") > 0)
      vim.cmd("normal! zz")
    end)
  ]], words)
end

local PARAGRAPH = ("会議が長いのは、決め方が決まっていないからで、議題の数のせいではない。"):rep(4)

it("keeps the reader on their line while eleven other sections of a run grow", function(nvim)
  local script = {}
  for number = 1, 12 do
    local chunks = {}
    for line = 1, 12 do
      -- Long lines grow piece by piece, and wrap as they do.
      vim.list_extend(chunks, { ("- %d の %d: "):format(number, line), PARAGRAPH, PARAGRAPH, "\n" })
    end
    script[("側面%02d"):format(number)] = { chunks = chunks, delay_ms = 150 }
  end
  script["側面07"] = { chunks = { "- 一つ目\n- 二つ目\n- ここを読む\n- 四つ目\n", ("- 続き\n"):rep(30) } }
  nvim:script(script)
  nvim:open("a.md", "課題\n\n会議が長い。\n")
  local names = vim.iter(vim.fn.range(1, 12)):map(function(number)
    return ("side-%02d"):format(number)
  end):join(" ")
  nvim:lua([[vim.cmd(...)]], "1,3Kaizodo run " .. names)
  nvim:panel_has("ここを読む", "- 続き")
  read(nvim, "ここを読む")
  local before = place(nvim)
  eq("- ここを読む", before.line)
  -- Text may come before events: until then nothing is said of the run, as after its end.
  nvim:until_lua("the run", [[return require("kaizodo").status() ~= ""]])
  local seen, moved = 0, {}
  h.eventually("the end", function()
    local now = place(nvim)
    seen = seen + 1
    if now.line ~= before.line or now.row ~= before.row then
      moved[#moved + 1] = ("%s in row %d"):format(now.line, now.row)
    end
    return nvim:lua([[return require("kaizodo").status() == ""]])
  end, 60000)
  nvim:over()
  local after = place(nvim)
  eq({}, moved)
  eq({ before.line, before.row }, { after.line, after.row })
  assert(after.lnum > before.lnum + 20, "the text above did not grow")
  assert(seen > 10, "nobody looked")
end, twelve)

it("keeps the reader on their line while an answer to a question grows above", function(nvim)
  nvim:script({
    depth = { chunks = { "- D1 原因\n" } },
    breadth = { chunks = { ("- B1 手前\n"):rep(20), "- ここを読む\n", ("- B3 続き\n"):rep(40) } },
    question = { chunks = vim.fn["repeat"]({ PARAGRAPH, PARAGRAPH .. "\n\n" }, 15), delay_ms = 25, held = true },
  })
  nvim:open("a.md", "会議が長い。\n")
  nvim:lua([[vim.cmd("1Kaizodo run depth breadth")]])
  nvim:panel_has("ここを読む", "- D1 原因")
  nvim:over()
  read(nvim, "ここを読む")
  local lnum = place(nvim).lnum
  read(nvim, "- D1 原因")
  nvim:lua([[vim.cmd("Kaizodo ask なぜ長い？")]])
  read(nvim, "ここを読む")
  local before = place(nvim)
  nvim:panel_has("会議が長いのは、")
  nvim:until_lua("the question", [[return require("kaizodo").status() ~= ""]])
  nvim:release()
  local moved = {}
  h.eventually("the end", function()
    local now = place(nvim)
    if now.line ~= before.line or now.row ~= before.row or now.top ~= before.top then
      moved[#moved + 1] = ("%s in row %d below %s"):format(now.line, now.row, now.top)
    end
    return nvim:lua([[return require("kaizodo").status() == ""]])
  end)
  nvim:over()
  eq({}, moved)
  local after = place(nvim)
  eq({ before.line, before.row, before.top }, { after.line, after.row, after.top })
  assert(after.lnum > lnum + 20, "the text above did not grow")
end)
