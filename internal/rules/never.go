package rules

import "time"

// never is how a File has a time limit of "0": none at all, unlike one that is
// not given. In a Config no limit is 0.
const never = time.Duration(-1)

// orNever is duration for a limit that "0" switches off.
func (t *table) orNever(key string) time.Duration {
	if s, ok := t.v[key].(string); ok && s == "0" && t.has(key, "duration") {
		return never
	}
	return t.duration(key)
}

func givenOrNever(d time.Duration) (string, bool) {
	if d == never {
		return "0", true
	}
	return givenDuration(d)
}

func setOrNever(into *time.Duration, s string) error {
	if s == "0" {
		*into = 0
		return nil
	}
	return setDuration(into, s)
}
