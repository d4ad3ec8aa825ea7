-- Widths that make a small format large.
return {
  tool = function(ev)
    local s = string.format("%99s %999999999s", "x", "x")
  end,
}
