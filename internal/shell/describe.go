package shell

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// Describe prints facts for people: one line a command, then its paths, then
// the rest.
func Describe(f Facts) string {
	var b strings.Builder
	if f.Unknown {
		fmt.Fprintf(&b, "unknown: %s\n", f.Why)
		return b.String()
	}
	if len(f.Commands) == 0 {
		b.WriteString("no command\n")
	}
	for i, c := range f.Commands {
		describeCommand(&b, c)
		describePaths(&b, f.Paths, i)
	}
	describePaths(&b, f.Paths, -1)
	if len(f.Hosts) > 0 {
		fmt.Fprintf(&b, "hosts: %s\n", strings.Join(f.Hosts, " "))
	}
	if f.Pipe.Interpreter {
		fmt.Fprintf(&b, "feeds an interpreter (decoded or fetched: %v)\n", f.Pipe.Decoded)
	}
	if f.Opaque {
		fmt.Fprintf(&b, "opaque: %s\n", f.Why)
	}
	if !f.PathsKnown {
		b.WriteString("paths: not all known\n")
	}
	return b.String()
}

func describeCommand(b *strings.Builder, c pipeline.Command) {
	fmt.Fprintf(b, "%-7s %s", c.Class, c.Prog)
	for _, arg := range c.Args {
		fmt.Fprintf(b, " %q", arg)
	}
	if len(c.Env) > 0 {
		fmt.Fprintf(b, "  env: %s", strings.Join(c.Env, " "))
	}
	if len(c.Via) > 0 {
		fmt.Fprintf(b, "  via: %s", strings.Join(c.Via, " "))
	}
	for _, part := range []any{c.Git, c.Kube, c.TF, c.SQL, c.Pkg} {
		if !zero(part) {
			describeFacts(b, strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", part), "pipeline.")), part)
		}
	}
	b.WriteByte('\n')
}

// describeFacts writes what a sub-struct says, by the names that rules use.
func describeFacts(b *strings.Builder, name string, part any) {
	raw, err := json.Marshal(part)
	if err != nil {
		return // values of these types always encode
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(raw, &fields) != nil {
		fmt.Fprintf(b, "  %s=%s", name, raw)
		return
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		describeFacts(b, name+"."+key, fields[key])
	}
}

// zero reports a sub-struct that says nothing.
func zero(part any) bool {
	switch p := part.(type) {
	case pipeline.Git:
		return p.Class == ""
	case pipeline.Kube:
		return p.Verb == ""
	case pipeline.TF:
		return p.Verb == ""
	case pipeline.SQL:
		return p.Class == ""
	case pipeline.Pkg:
		return !p.Install
	}
	return true
}

func describePaths(b *strings.Builder, paths []Path, cmd int) {
	for _, p := range paths {
		if p.Cmd != cmd {
			continue
		}
		word := "reads"
		switch {
		case p.Write:
			word = "writes"
		case p.Names:
			word = "names"
		case p.Recursive:
			word = "reads below"
		}
		fmt.Fprintf(b, "        %s %s", word, p.Named)
		if p.Dir != "" && p.Dir != "/" {
			fmt.Fprintf(b, " (in %s)", p.Dir)
		}
		b.WriteByte('\n')
	}
}

// JSON prints facts for programs.
func JSON(f Facts) ([]byte, error) {
	return json.MarshalIndent(f, "", "  ")
}
