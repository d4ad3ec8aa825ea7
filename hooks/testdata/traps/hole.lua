-- One assignment fills an array of millions, again and again.
return {
  tool = function(ev)
    local keep = {}
    for i = 1, 1000 do
      local t = {}
      t[1000000] = 1
      keep[i] = t
    end
  end,
}
