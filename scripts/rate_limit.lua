-- rate_limit.lua: at most ten posts to Claude a minute from one person, in all threads together.
local limit = 10

return {
  post = function(ev)
    local n = ct.store.incr("posts:" .. ev.user.id, { ttl = "1m" })
    if n > limit then return ct.deny("more than " .. limit .. " posts a minute; wait a little") end
  end,
}
