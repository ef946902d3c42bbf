--- The panel's URI: `kaizodo:/run/<id>/<title>.md`, or the same with `//` and an empty authority.

local M = {}

--- Whether a URI, or a buffer's name, is a panel's.
---@param uri string
---@return boolean
function M.is_panel(uri)
  return uri:match("^kaizodo:/") ~= nil
end

--- The run whose panel it is.
---@param uri string
---@return string?
function M.run(uri)
  local id = uri:match("^kaizodo:/+run/([^/]+)")
  return id and vim.uri_decode(id)
end

--- The URI of a run's panel.
---@param run string
---@return string
function M.panel(run)
  return ("kaizodo:/run/%s/%s.md"):format(vim.uri_encode(run), vim.uri_encode("解像度"))
end

--- The name of the buffer for a URI: the same, but readable, since status lines, tabs and `:ls` show
--- it as it is. Its run or number is what tells it from others, so that the server takes it for the
--- URI. What means something in a name or in a URI stays encoded.
---@param uri string
---@return string
function M.name(uri)
  return (uri:gsub("%%(%x%x)", function(hex)
    local byte = tonumber(hex, 16)
    return (byte >= 0x80 or byte == 0x20) and string.char(byte) or nil
  end))
end

--- The panel's title, for people.
---@param uri string
---@return string
function M.title(uri)
  return (vim.uri_decode(uri:match("([^/]*)$")):gsub("%.md$", ""))
end

return M
