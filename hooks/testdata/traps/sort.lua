-- A comparison that never ends.
return {
  tool = function(ev)
    table.sort({ 3, 1, 2 }, function(a, b) while true do end end)
  end,
}
