-- allow_for.lua: "!allow-for 1h go test" - for an hour, calls in this thread that start nothing but that run without a card.
-- "!allow-for 0 go test" ends it. Who may say so is decided by the rules on commands; what rules ask or deny stays so.
-- Whatever arguments follow are allowed too: name a program only if you would say yes to each of its calls.
local usage = "usage: !allow-for <30m, 8h or 0> <program> [subcommand]"
local function key(ev, prog, sub) return ev.thread.id .. " " .. prog .. " " .. (sub or "") end

local function allowed(ev, c)
  if #c.env > 0 or #c.via > 0 then return false end
  return ct.store.get(key(ev, c.prog, c.sub)) or ct.store.get(key(ev, c.prog))
end

return {
  command = {
    ["allow-for"] = {
      help = "!allow-for <time> <program> [subcommand] - let such calls run without a card",
      run = function(ev)
        local time, prog, sub, more = ev.command.args[1], ev.command.args[2], ev.command.args[3], ev.command.args[4]
        if not prog or more or not (time == "0" or time:match("^[1-9]%d?m$") or time:match("^[1-8]h$")) then return ct.reply(usage) end
        local what = sub and prog .. " " .. sub or prog
        if time == "0" then
          ct.store.set(key(ev, prog, sub), nil)
          return ct.reply(what .. " is asked for again")
        end
        ct.store.set(key(ev, prog, sub), true, { ttl = time })
        return ct.reply(what .. " runs without a card for " .. time)
      end,
    },
  },
  tool = function(ev)
    local tool = ev.tool
    if tool.name ~= "Bash" or tool.opaque or #tool.commands == 0 or #tool.requesters == 0 then return end
    for _, p in ipairs(tool.paths) do
      if p.secret or not p.inside then return end
    end
    for _, u in ipairs(tool.requesters) do
      if not u.allowed then return end
    end
    for _, c in ipairs(tool.commands) do
      if not allowed(ev, c) then return end
    end
    return ct.allow("allowed for a while by !allow-for")
  end,
}
