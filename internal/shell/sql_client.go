package shell

import (
	"regexp"
	"strings"

	"ctpipe/pipeline"
)

// classSQLClient finds the statement that a database client is given.
func classSQLClient(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassNet
	if strings.HasPrefix(p.Prog, "sqlite") || p.Prog == "duckdb" {
		p.Class = pipeline.ClassWrite
	}
	texts, rest, file := sqlArgs(p.Prog, k.args())
	for _, w := range rest {
		if strings.Contains(w.text, "://") {
			continue
		}
		a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
	}
	if file || len(texts) == 0 {
		p.SQL = pipeline.SQL{Class: "unknown"}
		if k.sc.stdin || file {
			a.opaque(p.Prog + " runs statements from a file or its standard input")
		}
		return
	}
	var all []string
	for _, w := range texts {
		if w.dynamic {
			p.SQL = pipeline.SQL{Class: "unknown", Text: w.text}
			return
		}
		all = append(all, w.text)
		if why := clientEscape(p.Prog, w.text); why != "" {
			a.opaque(why)
		}
	}
	p.SQL = ClassifySQL(strings.Join(all, ";\n"))
}

// escapes are what makes a client, or its server, run programs or touch files.
var escapes = regexp.MustCompile(`(?i)\bprogram\b|load_extension|writefile|readfile|pg_(read|write)|lo_(im|ex)port|outfile|dumpfile|load_file|\bload\s+data|\bfsdir\b|\bedit\s*\(`)

// clientEscape says how a statement reaches beyond the database, or "".
func clientEscape(prog, text string) string {
	t := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(prog, "sqlite") && strings.HasPrefix(t, "."), prog == "duckdb" && strings.HasPrefix(t, "."), prog == "psql" && strings.Contains(t, `\`):
		return "a command of " + prog + " itself may run programs"
	case (prog == "mysql" || prog == "mariadb") && (strings.Contains(t, `\`) || strings.HasPrefix(strings.ToLower(t), "system") || strings.HasPrefix(strings.ToLower(t), "source")):
		return "a command of " + prog + " itself may run programs"
	case escapes.MatchString(t):
		return "a statement may run programs or touch files"
	}
	return ""
}

// sqlArgs takes a client's words apart: statements, the rest, and whether a
// file of statements is named.
func sqlArgs(prog string, args []field) (texts, rest []field, file bool) {
	flags := map[string]string{"psql": "-c --command", "cockroach": "-e --execute", "sqlcmd": "-Q -q", "clickhouse-client": "-q --query", "duckdb": "-c -s"}[prog]
	if flags == "" {
		flags = "-e --execute"
	}
	lite := strings.HasPrefix(prog, "sqlite") || prog == "duckdb"
	seen := 0
	for n := 0; n < len(args); n++ {
		w := args[n]
		name, value, attached := strings.Cut(w.text, "=")
		short := len(w.text) > 2 && w.text[0] == '-' && w.text[1] != '-' && listed(flags, w.text[:2])
		switch {
		case (listed(flags, w.text) || lite && (w.text == "-cmd" || w.text == "--cmd")) && n+1 < len(args):
			n++
			texts = append(texts, args[n])
		case attached && listed(flags, name):
			texts = append(texts, field{text: value, dynamic: w.dynamic})
		case short:
			texts = append(texts, field{text: w.text[2:], dynamic: w.dynamic})
		case w.text == "-f" || w.text == "--file" || strings.HasPrefix(w.text, "--file=") || lite && (w.text == "-init" || w.text == ".read"):
			file = true
		case !strings.HasPrefix(w.text, "-"):
			if lite && seen > 0 {
				texts = append(texts, w)
			} else {
				rest = append(rest, w)
			}
			seen++
		case sqlCluster(prog, w.text) && n+1 < len(args): // psql -Atc '…'
			n++
			texts = append(texts, args[n])
		}
	}
	return texts, rest, file
}

func sqlCluster(prog, w string) bool {
	end := map[string]string{"psql": "c", "mysql": "e", "mariadb": "e"}[prog]
	return end != "" && len(w) > 2 && w[1] != '-' && strings.HasSuffix(w, end)
}

func listed(list, item string) bool {
	for _, x := range strings.Fields(list) {
		if x == item {
			return true
		}
	}
	return false
}
