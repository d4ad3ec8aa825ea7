-- test_budget.lua: let Claude run the tests by itself, up to thirty times an hour in one thread.
-- Its [[hook]] needs may = ["allow"].
local limit = 30

return {
  tool = function(ev)
    local cs = ev.tool.commands
    if ev.tool.opaque or #cs ~= 1 or cs[1].prog ~= "go" or cs[1].sub ~= "test" then return end
    if #cs[1].env > 0 or #cs[1].via > 0 then return end
    for _, arg in ipairs(cs[1].args) do -- these run another program
      if arg:match("^%-%-?exec") or arg:match("^%-%-?toolexec") or arg:match("^%-%-?vettool") then return end
    end
    local n = ct.store.incr("runs:" .. ev.thread.id, { ttl = "1h" })
    if n > limit then return ct.ask(limit .. " test runs this hour already") end
    return ct.allow("test run " .. n .. " of " .. limit)
  end,
}
