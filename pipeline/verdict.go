package pipeline

import "fmt"

// Verdict is what one vote or a whole run says. Verdicts form a lattice:
// Abstain < Allow < Ask < Deny, and votes combine by their maximum, so that
// order never changes the outcome.
type Verdict uint8

// The verdicts in rising order.
const (
	Abstain Verdict = iota // nothing to say
	Allow                  // no objection
	Ask                    // people decide
	Deny                   // refused
)

var verdictNames = [...]string{"abstain", "allow", "ask", "deny"}

// String gives the name used in rules.toml, hooks and the journal.
func (v Verdict) String() string {
	if int(v) < len(verdictNames) {
		return verdictNames[v]
	}
	return fmt.Sprintf("verdict(%d)", uint8(v))
}

// ParseVerdict reads the name of a verdict.
func ParseVerdict(s string) (Verdict, error) {
	for i, name := range verdictNames {
		if s == name {
			return Verdict(i), nil
		}
	}
	return Deny, fmt.Errorf("verdict %q: want allow, ask or deny", s)
}

// MarshalText writes the name.
func (v Verdict) MarshalText() ([]byte, error) { return []byte(v.String()), nil }

// UnmarshalText reads the name.
func (v *Verdict) UnmarshalText(b []byte) error {
	parsed, err := ParseVerdict(string(b))
	*v = parsed
	return err
}
