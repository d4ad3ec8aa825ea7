-- Many large strings, each small enough, all kept.
return {
  tool = function(ev)
    local keep, s = {}, ("x"):rep(500000)
    for i = 1, 100000 do keep[i] = s .. i end
  end,
}
