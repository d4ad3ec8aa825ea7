-- More values than there is room for.
return { tool = function(ev) return unpack({}, 1, 1e9) end }
