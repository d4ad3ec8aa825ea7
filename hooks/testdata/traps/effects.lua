-- Posts without end.
return { tool = function(ev) while true do ct.reply("x") end end }
