-- table.concat of one large string many times.
return {
  tool = function(ev)
    local t, s = {}, ("x"):rep(100000)
    for i = 1, 10000 do t[i] = s end
    return ct.text(table.concat(t))
  end,
}
