-- Looks itself up for ever.
return {
  tool = function(ev)
    local t = {}
    setmetatable(t, { __index = t, __concat = function(a, b) return a .. b end })
    return t.missing
  end,
}
