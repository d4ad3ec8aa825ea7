-- The same with functions that look harmless.
return {
  tool = function(ev)
    local keep, s = {}, ("x"):rep(1000000)
    for i = 1, 100000 do keep[i] = s:upper() end
  end,
}
