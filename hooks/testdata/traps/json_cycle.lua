-- A value that contains itself.
return {
  tool = function(ev)
    local t = {}
    t.t = t
    return ct.reply(ct.json.encode(t))
  end,
}
