-- redact.lua: keep credentials out of the thread, whatever Claude read.
local secrets = {
  [[(?i)\b(password|passwd|secret|token|api[_-]?key)\b(\s*[=:]\s*)\S+]],
  [[\b(AKIA)()[0-9A-Z]{16}\b]],
}

return {
  show = function(ev)
    local text, hits = ev.show.text, 0
    for _, re in ipairs(secrets) do
      local n
      text, n = ct.gsub(text, re, "$1$2•••")
      hits = hits + n
    end
    if hits > 0 then
      ct.label("redacted", hits)
      return ct.text(text)
    end
  end,
}
