package rules

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"ctpipe/internal/paginate"
)

// describe names a TOML value for an error about its type.
func describe(v any) string {
	switch x := v.(type) {
	case string:
		return "the string " + strconv.Quote(clip(x))
	case int64:
		return "the number " + strconv.FormatInt(x, 10)
	case float64:
		return "the number " + strconv.FormatFloat(x, 'g', -1, 64)
	case bool:
		return "the boolean " + strconv.FormatBool(x)
	case []any:
		return "a list"
	case []map[string]any:
		return "a list of tables"
	case map[string]any:
		return "a table"
	}
	return "a date or time"
}

// clip is as much of what somebody wrote as a finding repeats.
func clip(s string) string { return paginate.Cut(s, 40) }

// parseDuration reads Go's durations and whole days ("30d"); it must be more
// than zero.
func parseDuration(s string) (time.Duration, error) {
	want := fmt.Errorf(`is %q; want a duration like "90s", "30m", "24h" or "30d"`, clip(s))
	var d time.Duration
	if days, ok := strings.CutSuffix(s, "d"); ok && days != "" && strings.TrimFunc(days, unicode.IsDigit) == "" {
		n, err := strconv.ParseInt(days, 10, 32)
		if err != nil || n > 36500 {
			return 0, want
		}
		d = time.Duration(n) * 24 * time.Hour
	} else {
		var err error
		if d, err = time.ParseDuration(s); err != nil {
			return 0, want
		}
	}
	if d <= 0 {
		return 0, fmt.Errorf("is %q; it must be more than zero", clip(s))
	}
	return d, nil
}
