-- A short text that becomes millions of values.
return {
  tool = function(ev)
    local s = "[" .. ("0,"):rep(400000) .. "0]"
    local keep = {}
    for i = 1, 1000 do keep[i] = ct.json.decode(s) end
  end,
}
