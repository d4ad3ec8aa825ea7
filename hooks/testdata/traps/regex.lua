-- An RE2 program as large as it gets, over a large text.
return {
  tool = function(ev)
    local text = ("a"):rep(1000000)
    for i = 1, 1000 do ct.match("(a{0,500}){0,2}b", text) end
  end,
}
