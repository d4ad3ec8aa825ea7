-- Never ends, and catches the deadline each time.
return {
  tool = function(ev)
    while true do
      pcall(function() while true do end end)
    end
  end,
}
