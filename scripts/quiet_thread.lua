-- quiet_thread.lua: what Claude says in full, what it does in one line each.
return {
  show = function(ev)
    local show = ev.show
    if show.what == "thinking" then return ct.style("hidden") end
    if show.what == "tool" then return ct.style("line") end
    if show.what == "result" or show.what == "diff" then
      if show.lines > 200 then return ct.style("file") end
      return ct.style("fold", { max_lines = 20 })
    end
  end,
}
