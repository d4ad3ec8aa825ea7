package display

import "ctpipe/internal/claude"

// BackgroundEnded says that a command that ran beside the turn has ended. The
// turn that may follow was asked for by nobody; this says why it came.
func BackgroundEnded(n *claude.TaskNotification, o Options) string {
	state := map[string]string{"completed": "✅ *completed*", "failed": "❌ *failed*", "stopped": "⏹️ *stopped*"}[n.Status]
	v := view{head: "🔔 **Background task** " + orElse(code(n.TaskID.TaskID, nameRunes), "?") + " " + orElse(state, "*"+orElse(plain(n.Status, nameRunes), "ended")+"*")}
	if n.Summary != "" {
		v.head += ": " + code(n.Summary, inlineRune)
	}
	if n.OutputFile != "" {
		v.subs = []string{"📄 " + o.path(n.OutputFile)}
	}
	return v.text(o)
}
