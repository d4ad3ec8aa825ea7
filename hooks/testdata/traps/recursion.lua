-- Never returns.
local function f(n) return 1 + f(n + 1) end
return { tool = function(ev) return f(0) end }
