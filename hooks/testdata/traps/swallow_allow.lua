-- Uses up its memory, catches that, and allows.
return {
  tool = function(ev)
    pcall(function()
      local t = {}
      for i = 1, 1000 do t[i] = ("x"):rep(1000000) end
    end)
    return ct.allow("fine")
  end,
}
