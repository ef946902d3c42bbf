local h = require("harness")
local it, eq = h.it, h.eq

--- Asks the server about the panel, as Neovim's own functions do.
---@param nvim Nvim
---@param method string
---@return any
local function about(nvim, method)
  return nvim:lua(
    [[
    local buf = vim.api.nvim_win_get_buf(require("kaizodo.window").find())
    local params = { textDocument = { uri = vim.uri_from_bufnr(buf) } }
    local answers = vim.lsp.buf_request_sync(buf, "textDocument/" .. ..., params, 30000)
    local _, answer = next(answers or {})
    return answer and (answer.err and answer.err.message or answer.result)
  ]],
    method
  )
end

---@param nvim Nvim
local function over(nvim)
  local script = {}
  for _, name in ipairs({ "depth", "breadth", "structure", "time" }) do
    script[name] = { chunks = { "下には議題がある。\n\n```md\n## 時間\n```\n" } }
  end
  nvim:script(script)
  nvim:open("a.md", "会議が長い。\n決まらないまま終わる。\n")
  nvim:choose("解像度")
  nvim:type("ggVGgra")
  nvim:until_lua("a panel", [[return require("kaizodo.window").find()]])
  nvim:over()
end

it("a panel has symbols, folds, lenses and links by Neovim's own client", function(nvim)
  over(nvim)
  local lines = nvim:lua([[
    return vim.api.nvim_buf_get_lines(
      vim.api.nvim_win_get_buf(require("kaizodo.window").find()), 0, -1, false)
  ]])
  local symbols = about(nvim, "documentSymbol")
  eq("会議が長い", symbols[1].name)
  local names = vim.tbl_map(function(symbol)
    eq("## " .. symbol.name, lines[symbol.selectionRange.start.line + 1])
    return symbol.name .. ": " .. symbol.detail
  end, symbols[1].children)
  eq({ "深さ: 完了", "広さ: 完了", "構造: 完了", "時間: 完了" }, names)

  local folds = vim.tbl_map(function(fold)
    return lines[fold.startLine + 1] .. " > " .. fold.collapsedText
  end, about(nvim, "foldingRange"))
  eq("## 深さ > 深さ · 完了", folds[1])
  eq(4, #folds)

  local titles = vim.tbl_map(function(lens)
    return lens.command.title
  end, about(nvim, "codeLens"))
  eq({ "元の文章へ", "やり直す", "コメントとして上に挿入" }, vim.list_slice(titles, 1, 3))
  eq(1, #about(nvim, "documentLink"))
end)

it("a lens leads to the text, in the window that shows it", function(nvim)
  over(nvim)
  nvim:lua([[vim.api.nvim_set_current_win(require("kaizodo.window").find())]])
  nvim:lua([[
    local buf = vim.api.nvim_get_current_buf()
    vim.lsp.codelens.refresh({ bufnr = buf })
    vim.wait(30000, function() return #vim.lsp.codelens.get(buf) > 0 end, 20)
    vim.api.nvim_win_set_cursor(0, { 1, 0 })
    vim.lsp.codelens.run()
  ]])
  nvim:until_lua("the text", [[
    return vim.fn.fnamemodify(vim.api.nvim_buf_get_name(0), ":t") == "a.md"
      and vim.api.nvim_win_get_cursor(0)[1] == 1
  ]])
  eq(2, nvim:lua([[return #vim.api.nvim_tabpage_list_wins(0)]]))
end)
