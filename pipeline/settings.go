package pipeline

// Settings are what matching rules and hooks set beside their verdict. Each
// key comes from the first rule in the file that gives it, then from hooks;
// the mode is the exception, where the most careful of all wins.
type Settings struct {
	Style    string   `json:"style,omitempty"` // show: full, line, fold, file, hidden
	MaxLines int      `json:"max_lines,omitempty"`
	Template string   `json:"template,omitempty"`
	Set      StartSet `json:"set,omitzero"`
	Raise    Mode     `json:"raise,omitempty"` // command: how far chat may raise the mode
}

// StartSet says what a session starts with. Empty keys keep what was asked for.
type StartSet struct {
	Dir   string `json:"dir,omitempty"`
	Model string `json:"model,omitempty"`
	Mode  Mode   `json:"mode,omitempty"`
}

// Merge adds the keys of next that s lacks. Of two modes the more careful
// stays, of two raises the smaller.
func (s *Settings) Merge(next Settings) {
	first(&s.Style, next.Style)
	first(&s.MaxLines, next.MaxLines)
	first(&s.Template, next.Template)
	first(&s.Set.Dir, next.Set.Dir)
	first(&s.Set.Model, next.Set.Model)
	careful(&s.Set.Mode, next.Set.Mode)
	careful(&s.Raise, next.Raise)
}

func first[T comparable](have *T, next T) {
	var zero T
	if *have == zero {
		*have = next
	}
}

func careful(have *Mode, next Mode) {
	if next != "" && (*have == "" || next.Rank() < have.Rank()) {
		*have = next
	}
}
