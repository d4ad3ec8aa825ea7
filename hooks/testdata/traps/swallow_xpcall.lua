-- The same, with a handler that does not end either.
local function loop() while true do end end
return { tool = function(ev) return xpcall(loop, loop) end }
