-- fan_out.lua: more than five subagents of one session within ten minutes need a yes, and so does each on the largest model.
local limit, window = 5, "10m"

return {
  tool = function(ev)
    local tool = ev.tool
    if tool.name ~= "Agent" and tool.name ~= "Task" then return end
    if tool.input.model == "opus" then return ct.ask("a subagent on the largest model") end
    local n = ct.store.incr("agents:" .. ev.session.id, { ttl = window })
    if n > limit then return ct.ask(n .. " subagents within " .. window .. "; is that meant?") end
  end,
}
