package transcript

import (
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/display"
	"ctpipe/internal/markdown"
)

// advice says what people can do where the CLI reports an error of the API
// instead of an answer; the error's own words stand above it.
func advice(m *claude.Assistant) string {
	switch {
	case m.Error == "authentication_failed" && m.APIErrorStatus == 403:
		return "🔐 **The account that Claude uses has no access.** Whoever administers it can give it access; then write here again."
	case m.Error == "authentication_failed" && m.APIErrorStatus == 401:
		return "🔐 **The key or token that Claude uses is not valid.** Put a new one where ctpipe runs (`ANTHROPIC_API_KEY`, or `claude` and `/login`), restart ctpipe, and write here again."
	case m.Error == "authentication_failed":
		return "🔐 **Claude is not logged in.** On the machine that runs ctpipe, run `claude` once and log in (`/login`), or give it `ANTHROPIC_API_KEY`; then write here again."
	case m.Error == "billing_error":
		return "💳 The Anthropic account has a billing problem: whoever pays for it has to look. Then write here again."
	case m.Error == "rate_limit" && m.APIError == "usage_limit_reached":
		return "⏳ The account's limit is used up. Write here again when it is reset; the conversation is kept."
	case m.Error == "rate_limit":
		return "⏳ The account sends too many requests at the moment. Write here again in a few minutes; the conversation is kept."
	case m.Error == "model_not_found":
		return "🧠 Choose another model with `!model`, or in `[claude] model` of rules.toml."
	case m.Error == "server_error" && m.APIError == "connection_failed":
		return "🔌 The machine that runs ctpipe cannot reach the API: look at its network and proxy. Then write here again; the conversation is kept."
	case m.Error == "server_error", m.Error == "overloaded":
		return "🔁 Your message was not answered. Write here again in a moment; the conversation is kept."
	case strings.Contains(m.Message.Content.Text(), "Prompt is too long"):
		return "🗜️ The conversation is longer than the model takes. `!compact` shortens it; if that does not help, start a new session."
	}
	return "🔁 Your message was not answered. Write here again; if it stays like this, look at ctpipe's log."
}

// troubled puts what people can do below the CLI's own words.
func troubled(updates []Update, m *claude.Assistant) []Update {
	for i := range updates {
		if updates[i].What == "text" {
			updates[i].Text = "⚠️ " + updates[i].Text + "\n\n" + advice(m)
		}
	}
	return updates
}

// local makes what a command of the CLI's own wrote readable.
func local(updates []Update) []Update {
	for i := range updates {
		if updates[i].What == "text" {
			updates[i].Text = display.LocalOutput(updates[i].Text)
		}
	}
	return updates
}

// heardLocal shows the output of a command that came as a line of the user's. That a
// compaction is done has its own words.
func (t heard) heardLocal(m *claude.User) []Update {
	text := m.Message.Content.Text()
	if m.ParentToolUseID != "" || !strings.HasPrefix(text, "<local-command-std") || t.stream.repeated(m.UUID) {
		return nil
	}
	if text = display.LocalOutput(text); text == "" || text == "Compacted" {
		return nil
	}
	return []Update{{Block: t.stream.take("local"), What: "text", Text: text, Final: true}}
}

// limitNear says once that the account's limit will be reached.
func (t heard) limitNear(m *claude.RateLimit) string {
	text := display.LimitNear(m)
	again := text == t.warned
	t.warned = text
	if again {
		return ""
	}
	return text
}

// Trouble says in words why a turn ended other than it should, "" where it did not.
// An interrupt is no trouble, and API errors have been shown as text.
func Trouble(m *claude.Result) string {
	switch {
	case m.Subtype == "error_max_turns":
		return "⚠️ Claude reached the limit of turns for one message. Write again to let it go on."
	case m.Subtype == "error_max_budget_usd":
		return "⚠️ The session's budget is used up; start a new session to go on."
	case m.Subtype == "error_during_execution" && !strings.HasPrefix(m.TerminalReason, "aborted") && len(m.Errors) > 0:
		return "⚠️ " + markdown.Plain(m.Errors[0])
	}
	return ""
}
