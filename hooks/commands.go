package hooks

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	lua "github.com/yuin/gopher-lua"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

var commandName = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,31}$`)

// readCommands reads command = { NAME = { help =, run = } }.
func (h *hook) readCommands(t *lua.LTable) error {
	var err error
	t.ForEach(func(k, v lua.LValue) {
		if err != nil {
			return
		}
		name, ok := k.(lua.LString)
		if !ok || !commandName.MatchString(string(name)) {
			err = &fieldError{k.String(), fmt.Errorf("command %q: want a name of small letters, digits, - and _", k.String())}
			return
		}
		c := Command{Name: string(name), Hook: h.name, Help: "!" + string(name)}
		switch v := v.(type) {
		case *lua.LFunction:
		case *lua.LTable:
			err = c.read(v)
		default:
			err = &fieldError{string(name), fmt.Errorf("command %s is a %s; want { help = …, run = function(ev) … end }", name, v.Type())}
		}
		h.commands = append(h.commands, c)
	})
	return err
}

func (c *Command) read(t *lua.LTable) error {
	known := []string{"help", "run"}
	var err error
	t.ForEach(func(k, v lua.LValue) {
		switch k.String() {
		case "help":
			help, ok := v.(lua.LString)
			if !ok || len(help) > 500 || strings.ContainsAny(string(help), "\n\r") {
				err = &fieldError{"help", fmt.Errorf("command %s: help must be one line of at most 500 bytes", c.Name)}
			}
			c.Help = string(help)
		case "run":
		default:
			hint := ""
			if s := diag.Suggest(k.String(), known); s != "" {
				hint = fmt.Sprintf(" (did you mean %q?)", s)
			}
			err = &fieldError{k.String(), fmt.Errorf("command %s has no field %q%s; want help and run", c.Name, k.String(), hint)}
		}
	})
	if _, ok := t.RawGetString("run").(*lua.LFunction); err == nil && !ok {
		err = &fieldError{c.Name, fmt.Errorf("command %s has no function run", c.Name)}
	}
	return err
}

func kindNames() []string {
	names := make([]string, 0, len(pipeline.Kinds))
	for _, k := range pipeline.Kinds {
		names = append(names, string(k))
	}
	return names
}

func kindList() string { return strings.Join(kindNames(), ", ") }

var place = regexp.MustCompile(`^([^\s:]+\.lua):(\d+): *(.*)$`)

// located makes a finding of an error whose message begins with file:line.
func located(file string, err error) diag.Finding {
	first, rest, _ := strings.Cut(err.Error(), "\n")
	m := place.FindStringSubmatch(first)
	if m == nil {
		return diag.Finding{File: file, Text: err.Error()}
	}
	line, _ := strconv.Atoi(m[2])
	text := m[3]
	if rest != "" {
		text += "\n" + rest
	}
	return diag.Finding{File: m[1], Line: line, Text: text}
}
