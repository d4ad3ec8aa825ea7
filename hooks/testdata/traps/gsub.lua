-- A replacement that makes a small text large.
return {
  tool = function(ev)
    local big = ("y"):rep(100000)
    local s = ("x"):rep(100000):gsub("x", big)
  end,
}
