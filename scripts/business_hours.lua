-- business_hours.lua: outside working hours, posts need the owner's consent and no session starts,
-- except for people on call.
local hours, zone = "Mon-Fri 08:00-18:00", "Europe/Berlin"

local function oncall(user)
  for _, group in ipairs(user.groups) do
    if group == "oncall" then return true end
  end
  return false
end

local function judge(ev)
  if ct.within(ev.time, hours, zone) or oncall(ev.user) then return end
  return ct.ask("outside working hours (" .. hours .. ", Berlin)")
end

return { post = judge, start = judge }
