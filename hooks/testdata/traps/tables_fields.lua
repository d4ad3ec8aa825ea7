-- Tables whose first field makes room for many.
return {
  tool = function(ev)
    local keep = {}
    while true do
      local t = {}
      t.x = 1
      keep[#keep + 1] = t
    end
  end,
}
