-- A backtracking matcher needs 110 s and 17 GB for this.
return {
  tool = function(ev)
    local at = ("a"):rep(400):find("(.-)(.-)(.-)x")
    if at == nil then return ct.deny("answered") end
  end,
}
