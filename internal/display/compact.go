package display

import (
	"fmt"

	"ctpipe/internal/claude"
)

// Compacting is shown while the CLI shortens the conversation. The same post
// becomes Compacted, CompactFailed or CompactStopped.
func Compacting() string { return "🗜️ **Compacting context...** _(freeing up memory)_" }

// Compacted says what a compaction did. With a nil boundary, or one without
// figures, only that it did.
func Compacted(b *claude.CompactBoundary) string {
	const done = "✅ **Context compacted**"
	if b == nil {
		return done
	}
	trigger := plain(orElse(b.Metadata.Trigger, "manual"), nameRunes)
	if b.Metadata.PreTokens <= 0 || b.Metadata.PostTokens <= 0 {
		return done + " _(" + trigger + ")_"
	}
	return fmt.Sprintf("%s _(%s, %s → %s tokens)_", done, trigger, tokens(b.Metadata.PreTokens), tokens(b.Metadata.PostTokens))
}

// CompactFailed says why a compaction did not work.
func CompactFailed(reason string) string {
	return "⚠️ **Compaction failed** _(" + orElse(plain(reason, plainRunes), "no reason given") + ")_"
}

// CompactStopped ends a compaction that the end of the turn or of the CLI cut
// off, so that no post says for ever that it is going on.
func CompactStopped() string { return "⚠️ **Compaction stopped** _(the context is as it was)_" }

// tokens is a number of tokens as people say it.
func tokens(n int) string {
	switch {
	case n < 1000:
		return fmt.Sprint(max(n, 0))
	case n < 999_500:
		return fmt.Sprintf("%dk", (n+500)/1000)
	}
	return fmt.Sprintf("%.1fM", float64(n)/1e6)
}
