-- A huge string in small steps.
return {
  tool = function(ev)
    local s = "x"
    while true do s = s .. s end
  end,
}
