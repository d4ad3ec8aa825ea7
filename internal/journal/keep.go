package journal

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// ParseKeep reads how long the journal is kept, or how far a reader looks
// back: whole days ("30d"), or a Go duration ("36h"). It is never negative.
func ParseKeep(s string) (time.Duration, error) {
	const day = 24 * time.Hour
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 32)
		if err != nil || n > uint64(math.MaxInt64/day) {
			return 0, fmt.Errorf("%q: want a number of days such as \"30d\"", s)
		}
		return time.Duration(n) * day, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q: want days (\"30d\") or a duration (\"36h\")", s)
	}
	return d, nil
}
