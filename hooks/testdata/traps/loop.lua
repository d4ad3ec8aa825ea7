-- Never ends.
return { tool = function(ev) while true do end end }
