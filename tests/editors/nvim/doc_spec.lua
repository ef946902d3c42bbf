local h = require("harness")
local it, eq = h.it, h.eq

local DOCS =
  { h.root .. "/editors/nvim/doc/kaizodo.txt", h.root .. "/editors/nvim/doc/kaizodo.jax" }

---@param path string
---@return string
local function read(path)
  return table.concat(vim.fn.readfile(path), "\n")
end

---@param text string
---@return string[]
local function tags(text)
  local found = {}
  for tag in text:gmatch("%*([^%s*|]+)%*") do
    found[#found + 1] = tag
  end
  table.sort(found)
  return found
end

--- The names of all settings, as `panel.size`.
---@param config table
---@param path string
---@param names string[]
local function leaves(config, path, names)
  for key, value in pairs(config) do
    if type(value) == "table" then
      leaves(value, path .. key .. ".", names)
    else
      names[#names + 1] = path .. key
    end
  end
  return names
end

it("tells the defaults that are in force", function(nvim)
  local defaults = nvim:lua([[return require("kaizodo.config").defaults]])
  for _, path in ipairs(DOCS) do
    local block = read(path):match("\n    (vim%.g%.kaizodo = {.-\n    })")
    local scope = { vim = { g = {} } }
    setfenv(assert(loadstring(block)), scope)()
    eq(defaults, scope.vim.g.kaizodo)
  end
end)

it("explains every setting, command and highlight group in both languages", function(nvim)
  local wanted = vim.tbl_map(function(name)
    return "kaizodo-" .. name
  end, leaves(nvim:lua([[return require("kaizodo.config").defaults]]), "", {}))
  for _, name in ipairs(nvim:lua([[return vim.fn.getcompletion("Kaizodo ", "cmdline")]])) do
    wanted[#wanted + 1] = ":Kaizodo-" .. name
  end
  for _, group in ipairs(nvim:lua([[return vim.fn.getcompletion("Kaizodo", "highlight")]])) do
    if group:match("^Kaizodo") then
      wanted[#wanted + 1] = "hl-" .. group
    end
  end
  for _, path in ipairs(DOCS) do
    local found = tags(read(path))
    for _, tag in ipairs(wanted) do
      assert(vim.list_contains(found, tag), ("*%s* is not in %s"):format(tag, path))
    end
  end
  eq(tags(read(DOCS[1])), tags(read(DOCS[2])))
end)

it("brings the tags of its help along, since :help must work without :helptags", function(nvim)
  local doc = nvim.dir .. "/doc"
  vim.fn.mkdir(doc, "p")
  for _, path in ipairs(DOCS) do
    assert(vim.uv.fs_copyfile(path, doc .. "/" .. vim.fs.basename(path)))
  end
  vim.cmd.helptags(doc)
  for _, name in ipairs({ "tags", "tags-ja" }) do
    local path = h.root .. "/editors/nvim/doc/" .. name
    -- Neovim 0.12 no longer writes the encoding, and reads it.
    local new = read(doc .. "/" .. name):gsub("^!_TAG_FILE_ENCODING[^\n]*\n", "")
    local ours = read(path):gsub("^!_TAG_FILE_ENCODING[^\n]*\n", "")
    assert(ours == new, path .. " is old: run :helptags editors/nvim/doc")
  end
end)

it("names only links that lead somewhere", function(nvim)
  nvim:lua(
    [[
    local doc = vim.fn.tempname()
    vim.fn.mkdir(doc .. "/doc", "p")
    for _, path in ipairs(...) do
      assert(vim.uv.fs_copyfile(path, doc .. "/doc/" .. vim.fs.basename(path)))
    end
    vim.cmd.helptags(doc .. "/doc")
    -- What listens to buffers that are read would look for the plugin's modules.
    vim.api.nvim_clear_autocmds({ group = "kaizodo", event = { "BufReadPost", "BufNewFile" } })
    vim.opt.runtimepath:remove(vim.env.KAIZODO_PLUGIN)
    vim.opt.runtimepath:append(doc)
  ]],
    DOCS
  )
  for _, path in ipairs(DOCS) do
    for link in read(path):gmatch("|([^%s|]+)|") do
      local ok, err = pcall(nvim.lua, nvim, [[vim.cmd.help((...))]], link)
      assert(ok, ("|%s| in %s leads nowhere: %s"):format(link, path, err))
    end
  end
  for _, tag in ipairs({ "kaizodo", "kaizodo@ja" }) do
    nvim:lua([[vim.cmd.help((...))]], tag)
  end
end)

it("says the same in both languages of the plugin's words", function(nvim)
  local words = nvim:lua([[
    local lang = require("kaizodo.lang")
    return { en = lang.words("en"), ja = lang.words("ja") }
  ]])
  for key, text in pairs(words.en) do
    assert(words.ja[key], "no Japanese for " .. key)
    local function places(words_of_one)
      return vim.iter(words_of_one:gmatch("%%[ds]")):totable()
    end
    eq(places(text), places(words.ja[key]))
  end
  eq(vim.tbl_count(words.en), vim.tbl_count(words.ja))
end)

it("lists its keys in a window of 60 columns, each in one line", function(nvim)
  local widest = nvim:lua([[
    local widest = ""
    for _, language in ipairs({ "en", "ja" }) do
      for name, text in pairs(require("kaizodo.lang").words(language)) do
        if name:match("^key_") and vim.fn.strdisplaywidth(text) > vim.fn.strdisplaywidth(widest) then
          widest = text
        end
      end
    end
    return widest
  ]])
  -- A key such as <C-c>, the space around both, and the border.
  local width = vim.fn.strdisplaywidth(widest) + 5 + 4 + 2
  assert(width <= 60 - 4, ("%q takes %d columns"):format(widest, width))
end)
