package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

var hookNewCommand = declaration{
	name: "hook new",
	args: "NAME [-on KIND]",
	doc:  "begin a Lua hook in scripts/",
	do:   hookNew,
}

// hookNew writes a starter into scripts/, which is in force only once
// rules.toml lists it.
func hookNew(c *subcommand, args []string) int {
	c.withRules()
	on := c.flags.String("on", "tool", "the `kind` of event it judges: "+strings.Join(kindNames(), ", "))
	code, done := c.parse(args, 1)
	if done {
		return code
	}
	name := c.word(0)
	if name == "" {
		return c.bad(errors.New("want a name: ctpipe hook new deploy_window -on tool"))
	}
	text, err := hooks.Starter(strings.TrimSuffix(name, ".lua"), pipeline.Kind(*on))
	if err != nil {
		if near := diag.Suggest(*on, kindNames()); near != "" && !pipeline.Kind(*on).Valid() {
			err = fmt.Errorf("%w (did you mean %q?)", err, near)
		}
		return c.bad(err)
	}
	script := "scripts/" + strings.TrimSuffix(name, ".lua") + ".lua"
	path := filepath.Join(filepath.Dir(c.rules), filepath.FromSlash(script))
	if err := writeNew(path, text); err != nil {
		return c.bad(err)
	}
	fmt.Fprintf(c.stdout, "wrote %s. It is in force once %s says:\n\n[[hook]]\nscript = %q\n\nTry it before: ctpipe hook run %s -event event.json\n",
		path, c.rules, script, path)
	return exitOK
}

// writeNew writes a file that must not be there yet.
func writeNew(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%s is there already; nothing was written", path)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func kindNames() []string {
	var out []string
	for _, k := range pipeline.Kinds {
		out = append(out, string(k))
	}
	return out
}
