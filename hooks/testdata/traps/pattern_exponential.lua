-- A backtracking matcher needs more than 100 s for this.
return {
  tool = function(ev)
    local at = string.find(("a"):rep(18) .. "b", ("a-"):rep(14) .. "c")
    if at == nil then return ct.deny("answered") end
  end,
}
