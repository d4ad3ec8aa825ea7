-- Large searches, again and again.
return {
  tool = function(ev)
    local text = ("ab"):rep(400000)
    for i = 1, 1000000 do
      text:find((".-"):rep(20) .. "c")
    end
  end,
}
