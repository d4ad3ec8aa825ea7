-- The same through every other door.
return {
  tool = function(ev)
    local keep = {}
    for i = 1, 1000 do
      local t = {}
      rawset(t, 900000, 1)
      table.insert(t, 1000000, 1)
      keep[i] = t
      local function made() return t end
      made()[1040000] = 1
    end
  end,
}
