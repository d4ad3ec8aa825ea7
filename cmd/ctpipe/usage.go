package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"ctpipe/internal/diag"
	"ctpipe/internal/rules"
)

// commands are the subcommands that people use, in the order of usage. A name
// of two words is a command of its own below the first.
var commands = []struct{ name, args, doc string }{
	{"check", "[-strict] [-json]", "check rules.toml, its scripts and its tests: exit 0 good, 1 warnings with -strict, 2 errors"},
	{"test", "[-run REGEXP] [-cover] [-v]", "run the [[test]] tables: exit 0 passed, 2 failed"},
	{"explain", "ID | -tool 'Bash: git push -f' [-user NAME] | < event.json", "say why a recorded event, or a call made up here, is judged as it is"},
	{"replay", "[-since 7d] [-rules NEW]", "judge what was recorded under other rules, and list what differs"},
	{"facts", "'COMMAND LINE'", "say what is known about a command line before it runs"},
	{"hook run", "scripts/NAME.lua -event FILE|ID|-", "judge one event by one Lua hook: exit 0 judged, 1 it failed, 2 it cannot be run"},
	{"hook new", "NAME [-on KIND]", "begin a Lua hook in scripts/"},
	{"rules accept", "REV", "put rules in force that were held because they let more through"},
	{"stages", "", "list the stages that events pass"},
	{"version", "", "print version, commit and Go version"},
	{"help", "[COMMAND]", "print this, or the flags of a command"},
}

// usage is the help of the program.
func usage(w io.Writer) {
	fmt.Fprint(w, `usage: ctpipe [-rules rules.toml] [flags]    run the daemon
       ctpipe COMMAND [flags] …

commands ("ctpipe COMMAND -h" lists the flags of each):
`)
	for _, c := range commands {
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

// helpFor is `ctpipe help COMMAND`: what COMMAND -h prints.
func helpFor(args []string, stdout, stderr io.Writer) int {
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		usage(stdout)
		return exitOK
	}
	if !known(args[0]) {
		return unknownCommand(args[0], stderr)
	}
	if args[0] == "help" {
		usage(stdout)
		return exitOK
	}
	return run(append(slices.Clone(args), "-h"), strings.NewReader(""), stdout, stderr)
}

// known tells whether a word begins a subcommand.
func known(word string) bool { return slices.Contains(commandWords(), word) }

// commandWords are the first words of all subcommands.
func commandWords() []string {
	var out []string
	for _, c := range commands {
		word, _, _ := strings.Cut(c.name, " ")
		out = append(out, word)
	}
	return slices.Compact(out)
}

// unknownCommand says what was probably meant.
func unknownCommand(name string, stderr io.Writer) int {
	hint := ""
	switch near := diag.Suggest(name, commandWords()); {
	case near != "":
		hint = fmt.Sprintf(" (did you mean %q?)", near)
	case strings.HasSuffix(name, ".toml"):
		hint = fmt.Sprintf(" (did you mean -rules %s?)", name)
	}
	fmt.Fprintf(stderr, "ctpipe: unknown command %q%s; ctpipe -h lists them\n", name, hint)
	return exitBad
}

// group is a command that only has commands below it, such as "hook": help for
// all of them, or what is wrong.
func group(word string, args []string, stdout, stderr io.Writer) int {
	w, code := stderr, exitBad
	switch {
	case len(args) == 0:
	case slices.Contains([]string{"help", "-h", "-help", "--help"}, args[0]):
		w, code = stdout, exitOK
	default:
		var below []string
		for _, c := range commands {
			if first, second, _ := strings.Cut(c.name, " "); first == word {
				below = append(below, second)
			}
		}
		hint := ""
		if near := diag.Suggest(args[0], below); near != "" {
			hint = fmt.Sprintf(" (did you mean %q?)", near)
		}
		fmt.Fprintf(stderr, "ctpipe %s: unknown command %q%s\n", word, args[0], hint)
	}
	for _, c := range commands {
		if first, _, _ := strings.Cut(c.name, " "); first == word {
			fmt.Fprintf(w, "usage: ctpipe %s %s\n       %s\n", c.name, c.args, c.doc)
		}
	}
	return code
}
