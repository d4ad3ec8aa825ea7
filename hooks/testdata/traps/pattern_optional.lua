-- The classic: a?^n a^n against a^n.
return {
  tool = function(ev)
    local n = 24
    local at = (("a"):rep(n)):find(("a?"):rep(n) .. ("a"):rep(n) .. "c")
    if at == nil then return ct.deny("answered") end
  end,
}
