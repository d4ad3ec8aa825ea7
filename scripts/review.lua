-- review.lua: !review 412 - Claude reviews a pull request, read-only.
return {
  command = {
    review = {
      help = "!review <pr> - review a pull request",
      run = function(ev)
        local pr = ev.command.args[1]
        if not (pr and pr:match("^%d+$")) then return ct.reply("usage: !review <pr number>") end
        ct.react("eyes")
        return ct.prompt("Review pull request #" .. pr .. ". Propose changes as text, push nothing.")
      end,
    },
  },
}
