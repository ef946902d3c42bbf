--- The settings: `vim.g.kaizodo` over the defaults.

---@class kaizodo.UserConfig What `vim.g.kaizodo` may hold.
---@field enable? boolean Enable the server when the plugin is loaded.
---@field lang? "auto"|"ja"|"en" Language of the plugin's own words.
---@field panel? kaizodo.UserConfig.Panel
---@field states? boolean Show each section's state behind its heading.
---@field fold_views? boolean Fold the views once the focus is complete.
---@field treesitter? boolean Highlight a finished panel with tree-sitter.
---@field keys? kaizodo.UserConfig.Keys|false Keys in the panel; `false` for none.

---@class kaizodo.UserConfig.Panel
---@field position? "auto"|"right"|"below" Where the panel opens.
---@field columns? integer With "auto": narrower windows are split below.
---@field size? number The panel's share of the window that is split.
---@field winbar? boolean Show title, count and main keys above the panel.

---@class kaizodo.UserConfig.Keys
---@field next_section? string|false
---@field previous_section? string|false
---@field close? string|false
---@field source? string|false
---@field parent? string|false
---@field zoom? string|false
---@field ask? string|false
---@field ask_all? string|false
---@field insert_below? string|false
---@field insert_above? string|false
---@field yank? string|false
---@field copy? string|false
---@field keep? string|false
---@field drop? string|false
---@field unmark? string|false
---@field comment? string|false
---@field revise? string|false
---@field retry? string|false
---@field earlier? string|false
---@field stop_section? string|false
---@field stop? string|false
---@field help? string|false

---@class kaizodo.Config
---@field enable boolean
---@field lang "auto"|"ja"|"en"
---@field panel kaizodo.Config.Panel
---@field states boolean
---@field fold_views boolean
---@field treesitter boolean
---@field keys table<string, string|false>|false

---@class kaizodo.Config.Panel
---@field position "auto"|"right"|"below"
---@field columns integer
---@field size number
---@field winbar boolean

---@class kaizodo.Problem A setting that is wrong: one of the plugin's words, the setting, what it may be.
---@field [1] string
---@field [2] string
---@field [3]? string

local M = {}

---@type kaizodo.Config
M.defaults = {
  enable = true,
  lang = "auto",
  panel = {
    position = "auto",
    columns = 100,
    size = 0.5,
    winbar = true,
  },
  states = true,
  fold_views = true,
  treesitter = true,
  keys = {
    next_section = "]]",
    previous_section = "[[",
    close = "q",
    source = "gd",
    parent = "-",
    zoom = "gz",
    ask = "a",
    ask_all = "A",
    insert_below = "gp",
    insert_above = "gP",
    yank = "gy",
    copy = "gY",
    -- What would change the text does nothing else in a panel, which cannot be changed.
    keep = "=",
    drop = "d",
    unmark = "U",
    comment = "c",
    revise = "R",
    retry = "r",
    earlier = "u",
    stop_section = "x",
    stop = "<C-c>",
    help = "g?",
  },
}

--- What a key accepts beyond the type of its default.
---@type table<string, string[]>
local choices = {
  lang = { "auto", "ja", "en" },
  ["panel.position"] = { "auto", "right", "below" },
}

--- Collects what is wrong in `user`, and copies what is right over `config`.
---@param config table
---@param user table
---@param path string
---@param problems kaizodo.Problem[]
local function merge(config, user, path, problems)
  for key, value in pairs(user) do
    local name = path .. tostring(key)
    local default = config[key]
    if default == nil then
      problems[#problems + 1] = { "config_unknown", name }
    elseif choices[name] and not vim.list_contains(choices[name], value) then
      problems[#problems + 1] = { "config_choice", name, table.concat(choices[name], ", ") }
    elseif value == false and (name == "keys" or path == "keys.") then
      config[key] = false
    elseif type(value) ~= type(default) then
      problems[#problems + 1] = { "config_type", name, type(default) }
    elseif type(value) == "table" then
      merge(default, value, name .. ".", problems)
    else
      config[key] = value
    end
  end
end

--- The settings in force, and what is wrong with those that were given. A wrong value counts as
--- not given.
---@return kaizodo.Config
---@return kaizodo.Problem[] problems
function M.get()
  local config, problems = vim.deepcopy(M.defaults), {}
  local user = vim.g.kaizodo
  if type(user) == "table" then
    merge(config, user, "", problems)
  elseif user ~= nil then
    problems[1] = { "config_type", "vim.g.kaizodo", "table" }
  end
  table.sort(problems, function(a, b)
    return a[2] < b[2]
  end)
  return config, problems
end

return M
