package hooks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

// inspect runs the file once and reads the table it returns.
func (b *builder) inspect(h *hook) bool {
	s, err := h.fresh()
	if err == nil {
		err = b.load(h, s)
	}
	if err != nil {
		f := located(h.source.Name, err)
		f.ID, f.Level = "lua-load", diag.Error
		var field *fieldError
		var returned *returnError
		switch l := newLint(h.source.Name, h.source.Bytes); {
		case errors.As(err, &field):
			f.Line, f.Col, f.Len = l.find(field.name)
		case errors.As(err, &returned):
			f.Line, f.Col, f.Len = l.place(h.unit.returns, "return")
		}
		b.findings = append(b.findings, f)
		return false
	}
	return true
}

func (b *builder) load(h *hook, s *state) error {
	ctx, cancel := context.WithTimeout(context.Background(), max(h.source.Timeout, time.Second))
	defer cancel()
	done := make(chan error, 1)
	go func() {
		done <- s.inspect(h, ctx)
	}()
	var err error
	select {
	case err = <-done:
	case <-time.After(max(h.source.Timeout, time.Second) + grace):
		return fmt.Errorf("loading the file does not end; it must only define functions")
	}
	if ctx.Err() != nil {
		return fmt.Errorf("loading the file does not end; it must only define functions")
	}
	if err == nil {
		h.give(s)
	}
	return err
}

// inspect runs the chunk on s and notes the kinds and commands it brings.
func (s *state) inspect(h *hook, ctx context.Context) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	c := &call{ctx: ctx, hook: h, event: &pipeline.Event{}, bytes: maxBytes, work: maxWork}
	s.call = c
	s.L.SetContext(ctx)
	table, err := s.load(c)
	if err == nil {
		err = c.fatal
	}
	if err == nil {
		err = h.shape(table)
	}
	s.L.SetTop(0)
	s.call = nil
	return err
}

// fieldError is a fault of a field of the returned table. The table knows no
// lines, so the name's first mention in the file stands for it.
type fieldError struct {
	name string
	error
}

// returnError is a fault of what the file returns as a whole.
type returnError struct{ error }

func (l *lint) find(name string) (line, col, length int) {
	for i, text := range l.lines {
		if at := indexWord(text, name); at >= 0 {
			return i + 1, utf8.RuneCountInString(text[:at]) + 1, utf8.RuneCountInString(name)
		}
	}
	return 0, 0, 0
}

func (h *hook) shape(table *lua.LTable) error {
	fields := map[string]lua.LValue{}
	var err error
	table.ForEach(func(k, v lua.LValue) {
		name, ok := k.(lua.LString)
		if !ok {
			err = &returnError{fmt.Errorf("the returned table has key %s; want event kinds", k.String())}
		}
		fields[string(name)] = v
	})
	if err != nil {
		return err
	}
	if len(fields) == 0 {
		return &returnError{fmt.Errorf("the returned table is empty; want functions by event kind (%s)", kindList())}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		kind := pipeline.Kind(name)
		if !kind.Valid() {
			hint := ""
			if s := diag.Suggest(name, kindNames()); s != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", s)
			}
			return &fieldError{name, fmt.Errorf("%q is no event kind%s; want one of %s", name, hint, kindList())}
		}
		switch v := fields[name].(type) {
		case *lua.LFunction:
			h.kinds[kind] = true
		case *lua.LTable:
			if kind != pipeline.KindCommand {
				return &fieldError{name, fmt.Errorf("%s is a table; want a function", name)}
			}
			if err := h.readCommands(v); err != nil {
				return err
			}
		default:
			return &fieldError{name, fmt.Errorf("%s is a %s; want a function", name, v.Type())}
		}
	}
	return nil
}
