-- A comparison that contradicts itself, over a large list, without end.
return {
  tool = function(ev)
    local t = {}
    for i = 1, 5000 do t[i] = i % 7 end
    while true do table.sort(t, function(a, b) return true end) end
  end,
}
