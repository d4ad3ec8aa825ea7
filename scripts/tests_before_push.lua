-- tests_before_push.lua: a push runs only behind passing tests. A call that is one git push is
-- rewritten to run the tests first; the rewritten call is judged again like any other.
local tests = "make test"

return {
  tool = function(ev)
    local cs, push = ev.tool.commands, false
    for _, c in ipairs(cs) do
      if c.prog == "git" and c.sub == "push" then push = true end
    end
    if not push then return end
    if #cs == 2 and ev.tool.input.command == tests .. " && " .. cs[2].text then return end
    if #cs > 1 then return ct.deny("push in a call of its own, so that the tests can run before it") end
    local input = ct.copy(ev.tool.input)
    input.command = tests .. " && " .. cs[1].text
    return ct.input(input)
  end,
}
