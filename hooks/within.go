package hooks

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // zones must not depend on the machine
)

// window is a set of times of the week: for each weekday, the minutes of the
// day from and to which it is open.
type window struct {
	days     [7]bool
	from, to int // minutes; to < from runs past midnight
}

var weekdays = map[string]int{"sun": 0, "mon": 1, "tue": 2, "wed": 3, "thu": 4, "fri": 5, "sat": 6}

// parseWindows reads "Mon-Fri 09:00-17:00", days also as a list ("Mon,Wed"),
// several windows joined by ";". Days may be left out for every day, and the
// hours for the whole day.
func parseWindows(spec string) ([]window, error) {
	var out []window
	for part := range strings.SplitSeq(spec, ";") {
		w := window{days: [7]bool{true, true, true, true, true, true, true}, to: 24 * 60}
		fields := strings.Fields(part)
		if len(fields) == 0 || len(fields) > 2 {
			return nil, windowError(spec)
		}
		if last := fields[len(fields)-1]; strings.Contains(last, ":") {
			var err error
			if w.from, w.to, err = parseHours(last); err != nil {
				return nil, err
			}
			fields = fields[:len(fields)-1]
		}
		switch len(fields) {
		case 1:
			var err error
			if w.days, err = parseDays(fields[0]); err != nil {
				return nil, err
			}
		case 2:
			return nil, windowError(spec)
		}
		out = append(out, w)
	}
	return out, nil
}

func windowError(spec string) error {
	return fmt.Errorf(`%q: want days and hours, as in "Mon-Fri 09:00-17:00"`, spec)
}

func parseDays(s string) (days [7]bool, err error) {
	for part := range strings.SplitSeq(s, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a, okA := weekdays[strings.ToLower(from)]
		b := a
		okB := true
		if isRange {
			b, okB = weekdays[strings.ToLower(to)]
		}
		if !okA || !okB {
			return days, fmt.Errorf("%q: want days as in Mon-Fri or Mon,Wed,Sat", s)
		}
		for d := a; ; d = (d + 1) % 7 {
			days[d] = true
			if d == b {
				break
			}
		}
	}
	return days, nil
}

func parseHours(s string) (from, to int, err error) {
	a, b, ok := strings.Cut(s, "-")
	from, errA := minutes(a)
	to, errB := minutes(b)
	if !ok || errA != nil || errB != nil || from == to || from == 24*60 {
		return 0, 0, fmt.Errorf("%q: want hours as in 09:00-17:00", s)
	}
	return from, to, nil
}

func minutes(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hour, errH := strconv.Atoi(h)
	minute, errM := strconv.Atoi(m)
	if !ok || errH != nil || errM != nil || len(m) != 2 || hour < 0 || minute < 0 || minute > 59 || hour*60+minute > 24*60 {
		return 0, fmt.Errorf("%q is no time of day", s)
	}
	return hour*60 + minute, nil
}

// has reports whether a local time falls into the window; its end is outside.
func (w window) has(t time.Time) bool {
	now, day := t.Hour()*60+t.Minute(), int(t.Weekday())
	if w.from < w.to {
		return w.days[day] && w.from <= now && now < w.to
	}
	return w.days[day] && now >= w.from || w.days[(day+6)%7] && now < w.to
}

// within tells whether an instant falls into one of the windows of spec, in a
// zone of the tz database.
func within(unix int64, spec, zone string) (bool, error) {
	windows, err := parseWindows(spec)
	if err != nil {
		return false, err
	}
	if zone == "" || zone == "Local" {
		return false, fmt.Errorf(`zone %q: want a name as in "Europe/Berlin"`, zone)
	}
	loc, err := location(zone)
	if err != nil {
		return false, fmt.Errorf(`zone %q is not known: want a name as in "Europe/Berlin"`, zone)
	}
	local := time.Unix(unix, 0).In(loc)
	for _, w := range windows {
		if w.has(local) {
			return true, nil
		}
	}
	return false, nil
}
