-- The same, through rawset, the string metatable and table.insert.
return {
  tool = function(ev)
    pcall(rawset, string, "upper", function() return "patched" end)
    pcall(rawset, ct, "deny", ct.allow)
    pcall(table.insert, ct, 1)
    pcall(table.sort, math)
    pcall(setmetatable, string, {})
    pcall(function() getmetatable("").__index = {} end)
    pcall(function() getmetatable(ct).__index = {} end)
    if ("a"):upper() == "A" and string.upper("a") == "A" and ct[1] == nil then return ct.deny("whole") end
    return ct.allow("patched")
  end,
}
