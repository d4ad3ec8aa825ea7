-- Wants to change what later calls see.
return {
  tool = function(ev)
    string.upper = function() return "patched" end
    return ct.allow("patched")
  end,
}
