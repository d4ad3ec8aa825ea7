package rules

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// window is one part of a spec: on some days, from a minute of the day to
// another; to <= from runs into the next day.
type window struct {
	days     [7]bool
	from, to int // minutes since midnight; to up to 1440
}

// Within reports whether t lies in spec in the zone: parts separated by commas,
// each days ("Mon-Fri", "Sat"), hours ("09:00-17:00") or both. The end is not
// included; hours that end before they begin run into the next day and count
// as the day they began ("Fri 22:00-06:00" includes Saturday 05:00). The zone
// is a name like "Europe/Berlin" or "UTC", never empty.
func Within(t time.Time, spec, zone string) (bool, error) {
	loc, err := zones.get(zone)
	if err != nil {
		return false, err
	}
	ws, err := specs.get(spec)
	if err != nil {
		return false, err
	}
	local := t.In(loc)
	day, minute := int(local.Weekday()), local.Hour()*60+local.Minute()
	for _, w := range ws {
		if w.holds(day, minute) {
			return true, nil
		}
	}
	return false, nil
}

func (w window) holds(day, minute int) bool {
	if w.from < w.to {
		return w.days[day] && minute >= w.from && minute < w.to
	}
	return w.days[day] && minute >= w.from || w.days[(day+6)%7] && minute < w.to
}

var (
	zones = newCache(loadZone)
	specs = newCache(windows)
)

func loadZone(name string) (*time.Location, error) {
	if name == "" || strings.EqualFold(name, "local") {
		return nil, errors.New(`within wants a zone like "Europe/Berlin" or "UTC"`)
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("within: no time zone %q", clip(name))
	}
	return loc, nil
}

var dayNames = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func windows(spec string) ([]window, error) {
	var out []window
	for part := range strings.SplitSeq(spec, ",") {
		w, err := oneWindow(strings.Fields(part))
		if err != nil {
			return nil, fmt.Errorf(`within: %q: %w; want something like "Mon-Fri 09:00-17:00"`, clip(spec), err)
		}
		out = append(out, w)
	}
	return out, nil
}

func oneWindow(fields []string) (window, error) {
	w := window{days: [7]bool{true, true, true, true, true, true, true}, to: 1440}
	if len(fields) == 0 || len(fields) > 2 {
		return w, errors.New("want days, hours or both")
	}
	first := fields[0]
	if first[0] < '0' || first[0] > '9' {
		days, err := dayRange(first)
		if err != nil {
			return w, err
		}
		w.days = days
		fields = fields[1:]
	}
	if len(fields) == 0 {
		return w, nil
	}
	if len(fields) > 1 {
		return w, errors.New("days come before hours")
	}
	from, to, ok := strings.Cut(fields[0], "-")
	var err1, err2 error
	w.from, err1 = clock(from)
	w.to, err2 = clock(to)
	if !ok || err1 != nil || err2 != nil || w.from == 1440 || w.from == w.to {
		return w, fmt.Errorf("%q are no hours", fields[0])
	}
	return w, nil
}

func dayRange(s string) (days [7]bool, err error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, b := weekday(from), weekday(to)
	if a < 0 || b < 0 {
		return days, fmt.Errorf("%q are no days", s)
	}
	for d := a; ; d = (d + 1) % 7 {
		days[d] = true
		if d == b {
			return days, nil
		}
	}
}

func weekday(s string) int {
	for i, name := range dayNames {
		if strings.EqualFold(s, name) {
			return i
		}
	}
	return -1
}

func clock(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	hours, err1 := strconv.Atoi(h)
	minutes, err2 := strconv.Atoi(m)
	if !ok || err1 != nil || err2 != nil || len(m) != 2 || len(h) > 2 || hours < 0 || minutes < 0 || minutes > 59 || hours*60+minutes > 1440 {
		return 0, fmt.Errorf("%q is no time of day", s)
	}
	return hours*60 + minutes, nil
}
