-- Goes down through Go and Lua in turn.
local function f() pcall(f) return ("x"):gsub("x", f) end
return { tool = function(ev) while true do f() end end }
