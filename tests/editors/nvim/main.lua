-- nvim -l main.lua [pattern]: runs every *_spec.lua beside it, or the tests whose name matches.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
package.path = here .. "/?.lua;" .. package.path
local files = vim.fn.glob(here .. "/*_spec.lua", true, true)
os.exit(require("harness").run(files, _G.arg[1]) == 0 and 0 or 1)
