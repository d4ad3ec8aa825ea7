package app

import (
	"io"
	"log/slog"
	"os"
	"time"
)

// newLogger logs text where a person reads along and JSON elsewhere. What
// redact takes for a credential is not logged.
func newLogger(w io.Writer, level string, redact func(string) string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	o := &slog.HandlerOptions{Level: l, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(redact(v))
		case error:
			a.Value = slog.StringValue(redact(v.Error()))
		case time.Duration: // JSON would hold nanoseconds
			a.Value = slog.StringValue(v.String())
		}
		return a
	}}
	if f, ok := w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice == 0 {
			return slog.New(slog.NewJSONHandler(w, o))
		}
	}
	return slog.New(slog.NewTextHandler(w, o))
}
