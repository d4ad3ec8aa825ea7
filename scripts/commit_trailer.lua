-- commit_trailer.lua: every commit names its ticket in a trailer, as in "Refs: PAY-412".
local trailer = [[(?m)^Refs: [A-Z]+-[0-9]+$]]
local advice = 'end the message with a line like "Refs: PAY-412"'

-- message joins what git commit gets by -m; nil if the message cannot be seen.
local function message(args)
  local parts, i = {}, 1
  while i <= #args do
    local arg = args[i]
    local inline = arg:match("^%-%-message=(.*)$") or arg:match("^%-m(.+)$")
    if inline then
      parts[#parts + 1] = inline
    elseif arg == "--message" or arg:match("^%-%a*m$") then
      i = i + 1
      parts[#parts + 1] = args[i]
    end
    i = i + 1
  end
  if #parts == 0 then return nil end
  return table.concat(parts, "\n\n")
end

return {
  tool = function(ev)
    for _, c in ipairs(ev.tool.commands) do
      if c.prog == "git" and c.sub == "commit" then
        local text = message(c.args)
        if not text then return ct.ask("cannot see the commit message; " .. advice) end
        if not ct.match(trailer, text) then return ct.deny("the commit message has no ticket: " .. advice) end
      end
    end
  end,
}
