-- For plugin managers, which look here for a plugin's module: it is in editors/nvim.
local here = vim.fn.fnamemodify(debug.getinfo(1, "S").source:sub(2), ":p")
return dofile(vim.fs.dirname(vim.fs.dirname(here)) .. "/editors/nvim/lua/kaizodo/init.lua")
