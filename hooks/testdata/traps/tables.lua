-- A chain of tables without end.
return {
  tool = function(ev)
    local t
    while true do t = { t, next = t } end
  end,
}
