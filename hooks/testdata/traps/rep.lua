-- 200 MB at once.
return { tool = function(ev) local s = string.rep("x", 2e8) end }
