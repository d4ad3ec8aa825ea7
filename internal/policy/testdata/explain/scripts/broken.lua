return { tool = function(ev)
  if ev.tool.name ~= "Glob" then return end
  return ct.deny(ev.tool.input.nothing.at_all)
end }
