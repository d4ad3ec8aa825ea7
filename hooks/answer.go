package hooks

import (
	"fmt"
	"slices"
	"time"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// answer is what a hook returns. Only ct makes one, as an opaque value.
type answer struct {
	made  string // the ct function, for messages
	vote  bool
	verd  pipeline.Verdict
	why   string
	terms pipeline.Terms
	text  *string
	input map[string]any
	set   map[string]string
	style *Style
}

// Style says how something is shown. Empty fields are left to the rules.
type Style struct {
	Style    string `json:"style,omitempty"`     // full, line, fold, file or hidden
	MaxLines int    `json:"max_lines,omitempty"` // 0: not set
	Template string `json:"template,omitempty"`
}

// styles are the values of Style.Style.
var styles = []string{"full", "line", "fold", "file", "hidden"}

// setKeys are what a start hook may choose.
var setKeys = []string{"dir", "model", "mode"}

const (
	maxWhy  = 4 << 10   // bytes
	maxText = 256 << 10 // bytes of one text, reply or prompt
)

func (s *state) answer(L *lua.LState, a *answer) int {
	L.Push(&lua.LUserData{Value: a, Env: L.Env, Metatable: lua.LNil})
	return 1
}

func why(L *lua.LState) string {
	text := L.OptString(1, "")
	if len(text) > maxWhy {
		L.RaiseError("a reason of %d bytes; at most %d", len(text), maxWhy)
	}
	return text
}

func ctAllow(s *state, L *lua.LState) int {
	return s.answer(L, &answer{made: "ct.allow", vote: true, verd: pipeline.Allow, why: why(L)})
}

func ctDeny(s *state, L *lua.LState) int {
	return s.answer(L, &answer{made: "ct.deny", vote: true, verd: pipeline.Deny, why: why(L)})
}

func ctAsk(s *state, L *lua.LState) int {
	a := &answer{made: "ct.ask", vote: true, verd: pipeline.Ask, why: why(L)}
	options(L, 2, "ct.ask", func(key string, v lua.LValue) error { return a.term(key, v) },
		"approvers", "quorum", "ttl", "requester")
	return s.answer(L, a)
}

func (a *answer) term(key string, v lua.LValue) (err error) {
	switch key {
	case "approvers":
		a.terms.Approvers, err = stringList(v)
	case "quorum":
		n, ok := v.(lua.LNumber)
		if !ok || n != lua.LNumber(int(n)) || n < 1 || n > 100 {
			return fmt.Errorf("want a whole number from 1 to 100")
		}
		a.terms.Quorum = int(n)
	case "ttl":
		a.terms.TTL, err = duration(v)
	case "requester":
		b, ok := v.(lua.LBool)
		if !ok {
			return fmt.Errorf("want true or false")
		}
		counts := bool(b)
		a.terms.Requester = &counts
	}
	return err
}

// options reads a table of options; an unknown name is an error.
func options(L *lua.LState, n int, what string, set func(string, lua.LValue) error, known ...string) {
	if L.Get(n) == lua.LNil {
		return
	}
	table := L.CheckTable(n)
	for k, v := table.Next(lua.LNil); k != lua.LNil; k, v = table.Next(k) {
		key := k.String()
		if _, isName := k.(lua.LString); !isName || !slices.Contains(known, key) {
			if hint := diag.Suggest(key, known); hint != "" {
				L.RaiseError("%s has no option %q (did you mean %q?)", what, key, hint)
			}
			L.RaiseError("%s has no option %q", what, key)
		}
		if err := set(key, v); err != nil {
			L.RaiseError("%s: %s: %s", what, key, err.Error())
		}
	}
}

// stringList reads "a" or { "a", "b" }.
func stringList(v lua.LValue) ([]string, error) {
	switch v := v.(type) {
	case lua.LString:
		return []string{string(v)}, nil
	case *lua.LTable:
		out := make([]string, 0, v.Len())
		for i := 1; i <= v.Len(); i++ {
			name, ok := v.RawGetInt(i).(lua.LString)
			if !ok {
				return nil, fmt.Errorf("item %d is not a string", i)
			}
			out = append(out, string(name))
		}
		if len(out) > 0 {
			return out, nil
		}
	}
	return nil, fmt.Errorf("want a name or a list of names")
}

// duration reads "15m" or a number of seconds.
func duration(v lua.LValue) (time.Duration, error) {
	switch v := v.(type) {
	case lua.LNumber:
		if v >= 1 && v <= 10*365*24*3600 {
			return time.Duration(float64(v) * float64(time.Second)), nil
		}
	case lua.LString:
		if d, err := time.ParseDuration(string(v)); err == nil && d >= time.Second {
			return d, nil
		}
	}
	return 0, fmt.Errorf(`want a duration of at least a second, as in "15m", or a number of seconds`)
}

func text(L *lua.LState, what string) string {
	t := L.CheckString(1)
	if len(t) > maxText {
		L.RaiseError("%s: %d bytes; at most %d", what, len(t), maxText)
	}
	return t
}

func ctText(s *state, L *lua.LState) int {
	t := L.CheckString(1)
	return s.answer(L, &answer{made: "ct.text", text: &t})
}

func ctInput(s *state, L *lua.LState) int {
	v, err := s.lower(L, L.CheckAny(1), 0)
	if err != nil {
		L.RaiseError("ct.input: %s", err.Error())
	}
	input, ok := v.(map[string]any)
	if !ok {
		L.RaiseError("ct.input: want a table with names as keys")
	}
	return s.answer(L, &answer{made: "ct.input", input: input})
}

func ctSet(s *state, L *lua.LState) int {
	a := &answer{made: "ct.set", set: map[string]string{}}
	L.CheckTable(1)
	options(L, 1, "ct.set", func(key string, v lua.LValue) error {
		value, ok := v.(lua.LString)
		if !ok {
			return fmt.Errorf("want a string")
		}
		if key == "mode" && !slices.Contains([]string{"default", "auto", "bypass"}, string(value)) {
			return fmt.Errorf(`want "default", "auto" or "bypass"`)
		}
		a.set[key] = string(value)
		return nil
	}, setKeys...)
	return s.answer(L, a)
}

func ctStyle(s *state, L *lua.LState) int {
	a := &answer{made: "ct.style", style: &Style{}}
	if name := L.OptString(1, ""); name != "" {
		if !slices.Contains(styles, name) {
			L.RaiseError("ct.style: style %q: want full, line, fold, file or hidden", name)
		}
		a.style.Style = name
	}
	options(L, 2, "ct.style", func(key string, v lua.LValue) error {
		n, isNumber := v.(lua.LNumber)
		t, isString := v.(lua.LString)
		switch {
		case key == "max_lines" && isNumber && n >= 1 && n <= 100000 && n == lua.LNumber(int(n)):
			a.style.MaxLines = int(n)
		case key == "template" && isString:
			a.style.Template = string(t)
		case key == "text" && isString:
			text := string(t)
			a.text = &text
		case key == "max_lines":
			return fmt.Errorf("want a whole number from 1")
		default:
			return fmt.Errorf("want a string")
		}
		return nil
	}, "max_lines", "template", "text")
	return s.answer(L, a)
}

// fits says what is wrong with giving this answer to an event of this kind.
func (a *answer) fits(kind pipeline.Kind, may []pipeline.Verdict) error {
	wrong := func(kinds string) error {
		return fmt.Errorf("returned %s for a %s event; it is for %s", a.made, kind, kinds)
	}
	switch {
	case a.vote && !kind.Judged():
		return wrong("events that are judged")
	case a.vote && a.verd == pipeline.Allow && !slices.Contains(may, pipeline.Allow):
		return fmt.Errorf(`returned ct.allow, but its [[hook]] has no may = ["allow"]`)
	case a.style != nil && kind != pipeline.KindShow:
		return wrong("show")
	case a.text != nil && kind != pipeline.KindShow && kind != pipeline.KindPost:
		return wrong("show and post")
	case a.input != nil && kind != pipeline.KindTool:
		return wrong("tool")
	case a.set != nil && kind != pipeline.KindStart:
		return wrong("start")
	}
	return nil
}
