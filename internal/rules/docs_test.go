package rules

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

const docFile = "../../docs/rules.md"

// tables are the generated parts of docs/rules.md by the name of their marker.
func tables(t testing.TB) map[string]string {
	var keys, kinds, names, lints, precedence strings.Builder
	keys.WriteString("| table | key | value |\n|---|---|---|\n")
	for _, k := range schema() {
		table := k.Table
		if table != "" && !strings.HasPrefix(table, "[") {
			table = "[" + table + "]"
		}
		fmt.Fprintf(&keys, "| %s | `%s` | %s |\n", code(table), k.Key, strings.ReplaceAll(k.Type, "|", `\|`))
	}
	kinds.WriteString("| `on` | keys | with `then = \"ask\"` also |\n|---|---|---|\n")
	docs := fieldDocs(t)
	names.WriteString("| name | type | kinds | what |\n|---|---|---|---|\n")
	where := map[Name][]string{}
	var order []Name
	for _, k := range pipeline.Kinds {
		own, ask := keysOf(k)
		fmt.Fprintf(&kinds, "| `%s` | %s | %s |\n", k, codes(own), codes(ask))
		for _, n := range Names(k) {
			if where[n] == nil {
				order = append(order, n)
			}
			where[n] = append(where[n], string(k))
		}
	}
	for _, n := range order {
		in := strings.Join(where[n], ", ")
		if len(where[n]) == len(pipeline.Kinds) {
			in = "all"
		}
		fmt.Fprintf(&names, "| `%s` | %s | %s | %s |\n", n.Path, n.Type, in, nameDoc(docs, n.Path))
	}
	lints.WriteString("| id | level | what |\n|---|---|---|\n")
	for _, l := range allLints {
		fmt.Fprintf(&lints, "| `%s` | %s | %s |\n", l.ID, l.Level, l.Doc)
	}
	precedence.WriteString("| key | flag | environment | default |\n|---|---|---|---|\n")
	for _, p := range PrecedenceTable() {
		flags := make([]string, len(p.Flags))
		for i, f := range p.Flags {
			flags[i] = "-" + f
		}
		fmt.Fprintf(&precedence, "| `%s` | %s | %s | %s |\n", p.Key, codes(flags), codes(p.Env), code(p.Default))
	}
	return map[string]string{"keys": keys.String(), "kinds": kinds.String(), "names": names.String(), "lints": lints.String(),
		"precedence": precedence.String(), "lint-examples": lintExamples(t), "functions": codes(append(append([]string{}, builtins...), functions...)) + "\n"}
}

func code(s string) string {
	if s == "" {
		return ""
	}
	return "`" + s + "`"
}

func codes(list []string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = code(s)
	}
	return strings.Join(out, " ")
}

// TestDocs keeps the tables of docs/rules.md equal to the code; -update writes
// them.
func TestDocs(t *testing.T) {
	raw, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	text := string(raw)
	for name, table := range tables(t) {
		begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->"
		from := strings.Index(text, begin)
		to := strings.Index(text, end)
		if from < 0 || to < from {
			t.Fatalf("docs/rules.md has no place for the table %q", name)
		}
		from += len(begin)
		if *update {
			text = text[:from] + table + text[to:]
		} else if text[from:to] != table {
			t.Errorf("the table %q is out of date: go test ./internal/rules -run TestDocs -update", name)
		}
	}
	if *update {
		if err := os.WriteFile(docFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// docRota is the rota file that docs/rules.md shows.
func docRota(t *testing.T, doc string) []byte {
	t.Helper()
	_, rest, ok := strings.Cut(doc, "```toml rota\n")
	if !ok {
		t.Fatal("docs/rules.md has no rota")
	}
	src, _, _ := strings.Cut(rest, "```")
	return []byte(src)
}

// TestDocsExamples compiles every rule in docs/rules.md.
func TestDocsExamples(t *testing.T) {
	raw, err := os.ReadFile(docFile)
	if err != nil {
		t.Fatal(err)
	}
	examples := strings.Split(string(raw), "```toml\n")[1:]
	if len(examples) < 3 {
		t.Fatal("the examples are gone")
	}
	for _, e := range examples {
		src, _, _ := strings.Cut(e, "```")
		for _, f := range findingsWith([]byte(src), docRota(t, string(raw))) {
			if f.Level == diag.Error {
				t.Errorf("%s\n%s", f, src)
			}
		}
	}
}

// schema lists every key that rules.toml accepts, in the order in which the
// file is read, for documentation. [groups], [define] and [stage.NAME] have
// names of their own for keys and are not in it.
func schema() []schemaKey {
	var out []schemaKey
	parse("schema", []byte("[[platform]]\n[[rule]]\nset = {}\n[[hook]]\n[[mcp]]\nargs = {}\n[[test]]\ntool = { name = 'x', input = {} }\nuser = {}\n"), &out)
	seen := map[schemaKey]bool{}
	unique := out[:0]
	for _, k := range out {
		if !seen[k] && !strings.HasPrefix(k.Table, "[[test]].") {
			seen[k] = true
			unique = append(unique, k)
		}
	}
	return unique
}

// keysOf lists the keys that a rule on a kind may have; those of ask hold only
// where then = "ask".
func keysOf(kind pipeline.Kind) (keys, ask []string) {
	keys = append(append([]string{}, commonKeys...), kindKeys[kind]...)
	if slices.Contains(askKinds, kind) {
		ask = append(ask, askKeys...)
	}
	return keys, ask
}
