-- deploy_window.lua: production only Mon-Thu 09-16 in Berlin, and then with on-call's consent.
local window, zone = "Mon-Thu 09:00-16:00", "Europe/Berlin"

local function touches_prod(c)
  if c.prog ~= "kubectl" and c.prog ~= "helm" then return false end
  if c.kube.context == "prod" then return true end
  for _, arg in ipairs(c.args) do
    if arg == "prod" or arg:match("^%-%-context=prod") or arg:match("^%-%-kube%-context=prod") then return true end
  end
  return false
end

return {
  tool = function(ev)
    for _, c in ipairs(ev.tool.commands) do
      if touches_prod(c) then
        if not ct.within(ev.time, window, zone) then
          return ct.deny("production is frozen outside " .. window .. " (Berlin)")
        end
        return ct.ask("touches production", { approvers = { "oncall" } })
      end
    end
  end,
}
