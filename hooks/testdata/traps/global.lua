-- Keeps a count where the next call would find it.
return { tool = function(ev) counter = (counter or 0) + 1 end }
