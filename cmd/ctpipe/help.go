package main

import (
	"fmt"
	"slices"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
)

var helpCommand = declaration{
	name: "help",
	args: "[COMMAND]",
	doc:  "print this, or the flags of a command",
	do:   help,
}

// help is `ctpipe help COMMAND`: what COMMAND -h prints.
func help(c *subcommand, args []string) int {
	switch {
	case len(args) == 0 || strings.HasPrefix(args[0], "-") || args[0] == c.name:
		c.program.usage()
		return exitOK
	case len(c.below(args[0])) == 0:
		return c.unknown(args[0])
	}
	return c.run(append(slices.Clone(args), "-h"))
}

// usage prints the help of the program.
func (p *program) usage() {
	w := p.stdout
	fmt.Fprint(w, `usage: ctpipe [-rules rules.toml] [flags]    run the daemon
       ctpipe COMMAND [flags] …

commands ("ctpipe COMMAND -h" lists the flags of each):
`)
	for _, c := range p.commands {
		fmt.Fprintf(w, "  %-13s %s\n", c.name, c.doc)
	}
	fmt.Fprint(w, "\nflags of the daemon; a flag goes before its environment variable, which goes before rules.toml:\n")
	fmt.Fprintf(w, "  %-26s %s\n", "-rules FILE", "the policy (default rules.toml)")
	for _, f := range keyFlags {
		name := "-" + f.name
		if f.value != "" {
			name += " " + f.value
		}
		fmt.Fprintf(w, "  %-26s %s%s\n", name, f.doc, variable(f.name))
	}
	fmt.Fprintf(w, "  %-26s %s\n", "-version", "print the version and exit")
	fmt.Fprint(w, "\nexit: 0 done, 1 an error while it ran, 2 something that must be mended first (flags, rules, the machine)\n")
}

// variable names the environment variable that a flag goes before.
func variable(flag string) string {
	for _, row := range rules.PrecedenceTable() {
		if len(row.Env) > 0 && slices.Contains(row.Flags, flag) {
			return " [" + strings.Join(row.Env, ", ") + "]"
		}
	}
	return ""
}

// below are the commands whose first word is this one.
func (p *program) below(word string) []declaration {
	var out []declaration
	for _, c := range p.commands {
		if first, _, _ := strings.Cut(c.name, " "); first == word {
			out = append(out, c)
		}
	}
	return out
}

// unknown says which command was probably meant.
func (p *program) unknown(name string) int {
	var words []string
	for _, c := range p.commands {
		first, _, _ := strings.Cut(c.name, " ")
		words = append(words, first)
	}
	hint := ""
	switch near := diag.Suggest(name, words); {
	case near != "":
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	case strings.HasSuffix(name, ".toml"):
		hint = fmt.Sprintf(" (did you mean -rules %s?)", name)
	}
	fmt.Fprintf(p.stderr, "ctpipe: unknown command %q%s; ctpipe -h lists them\n", name, hint)
	return exitBad
}

// group is a word that only has commands below it, such as "hook": help for all
// of them, or what is wrong.
func (p *program) group(word string, below []declaration, args []string) int {
	w, code := p.stderr, exitBad
	switch {
	case len(args) == 0:
	case slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]):
		w, code = p.stdout, exitOK
	default:
		var second []string
		for _, c := range below {
			_, name, _ := strings.Cut(c.name, " ")
			second = append(second, name)
		}
		hint := ""
		if near := diag.Suggest(args[0], second); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		fmt.Fprintf(p.stderr, "ctpipe %s: unknown command %q%s\n", word, args[0], hint)
	}
	for _, c := range below {
		fmt.Fprintf(w, "usage: ctpipe %s %s\n       %s\n", c.name, c.args, c.doc)
	}
	return code
}
