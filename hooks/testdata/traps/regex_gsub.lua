-- The same through ct.gsub.
return {
  tool = function(ev)
    local s = ct.gsub(("x"):rep(1000000), "x", ("y"):rep(10000))
  end,
}
