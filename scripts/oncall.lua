-- oncall.lua: outside working hours only people on call may approve what Claude wants to do.
-- Who is on call is a fact, found before hooks run: the rota "oncall" of [stage.rota], or a group of that name. Where the
-- rota cannot say who it is, ev.user.groups is unknown: reading it fails, and the hook votes its on_error.
local hours, zone = "Mon-Fri 08:00-18:00", "Europe/Berlin"

return {
  reaction = function(ev)
    local r = ev.reaction
    if r.target ~= "tool" or (r.meaning ~= "approve" and r.meaning ~= "allow_all") then return end
    if ct.within(ev.time, hours, zone) then return end
    for _, group in ipairs(ev.user.groups) do
      if group == "oncall" then return end
    end
    return ct.deny("outside working hours only on-call approves")
  end,
}
