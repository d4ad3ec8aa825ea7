-- A chain of closures without end.
return {
  tool = function(ev)
    local f
    while true do
      local g = f
      local function h() return g end
      f = h
    end
  end,
}
