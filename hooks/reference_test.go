package hooks

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

var update = flag.Bool("update", false, "write docs/hooks.md and scripts/ct.d.lua anew")

func TestReferenceIsComplete(t *testing.T) {
	documented := map[string]bool{}
	for _, f := range reference {
		if documented[f.Name] {
			t.Errorf("%s is documented twice", f.Name)
		}
		documented[f.Name] = true
		lib, name := f.Name[:strings.LastIndex(f.Name, ".")], f.Name[strings.LastIndex(f.Name, ".")+1:]
		if !libraries[lib][name] {
			t.Errorf("%s is documented and does not exist", f.Name)
		}
	}
	for _, lib := range []string{"ct", "ct.json", "ct.store"} {
		for name := range libraries[lib] {
			if full := lib + "." + name; !documented[full] && libraries[full] == nil {
				t.Errorf("%s is not documented", full)
			}
		}
	}
}

// Every example of the documentation runs, on an event that reaches its call.
func TestReferenceExamples(t *testing.T) {
	for _, f := range reference {
		body := fmt.Sprintf("%s = function(ev)\n%s\nend", f.On, f.Example)
		src := source("x", "return { "+body+" }")
		src.May = []pipeline.Verdict{pipeline.Allow}
		ev := toolEvent(pipelineGit)
		ev.Kind = f.On
		ev.Tool.Paths = []pipeline.Path{{Rel: ".github/workflows/ci.yml", Write: true}}
		ev.Thread.ChannelName, ev.Command = "web", pipeline.ChatCommand{Name: "x", Args: []string{"412"}}
		ev.Show = pipeline.Show{What: "text", Text: "colour 1234567890123456", Lines: 41}
		if !strings.Contains(f.Example, f.Name) {
			t.Errorf("%s: its example does not call it", f.Name)
		}
		if r := run1(t, build(t, src), ev); r.Err != nil {
			t.Errorf("%s: %v", f.Name, r.Err)
		}
	}
}

func TestStarters(t *testing.T) {
	for _, kind := range pipeline.Kinds {
		text, err := Starter("my_hook", kind)
		if err != nil {
			t.Fatal(err)
		}
		set := build(t, source("my_hook", text))
		ev := &pipeline.Event{Kind: kind, Command: pipeline.ChatCommand{Name: "my_hook"}}
		if r := run1(t, set, ev); r.Err != nil {
			t.Errorf("%s: %v", kind, r.Err)
		}
	}
	if _, err := Starter("../x", pipeline.KindTool); err == nil {
		t.Error("a path was accepted as a name")
	}
	if _, err := Starter("x", "tol"); err == nil {
		t.Error("an unknown kind was accepted")
	}
}

// docs/hooks.md and scripts/ct.d.lua say what the code says. -update rewrites
// them.
func TestGeneratedFiles(t *testing.T) {
	comments := fieldComments(t)
	for file, want := range map[string]string{
		"../docs/hooks.md":    document(t, comments),
		"../scripts/ct.d.lua": stub(comments),
	} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := os.ReadFile(file); err != nil || string(got) != want {
			t.Errorf("%s is out of date (%v): go test ./hooks -run Generated -update", file, err)
		}
	}
}

// fieldComments reads the comments of the event's fields from their source, by
// "Struct.Field".
func fieldComments(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	files, err := filepath.Glob("../pipeline/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, ok := spec.Type.(*ast.StructType); ok {
				for _, f := range s.Fields.List {
					for _, name := range f.Names {
						text := f.Comment.Text() + f.Doc.Text()
						out[spec.Name.Name+"."+name.Name] = strings.Join(strings.Fields(text), " ")
					}
				}
			}
			return true
		})
	}
	return out
}

// structs lists the event's structs, the event first, in the order met.
func structs() []reflect.Type {
	var out []reflect.Type
	var walk func(t reflect.Type)
	walk = func(t reflect.Type) {
		if t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || slices.Contains(out, t) {
			return
		}
		out = append(out, t)
		for i := range t.NumField() {
			walk(t.Field(i).Type)
		}
	}
	walk(reflect.TypeFor[pipeline.Event]())
	return out
}

// places are where each struct stands in an event: ev.tool.commands[i].
func places() map[reflect.Type][]string {
	out := map[reflect.Type][]string{}
	var walk func(reflect.Type, string)
	walk = func(t reflect.Type, path string) {
		if t.Kind() == reflect.Slice {
			t, path = t.Elem(), path+"[i]"
		}
		if t.Kind() != reflect.Struct {
			return
		}
		out[t] = append(out[t], "`"+path+"`")
		for i := range t.NumField() {
			walk(t.Field(i).Type, path+"."+tag(t.Field(i)))
		}
	}
	walk(reflect.TypeFor[pipeline.Event](), "ev")
	return out
}

func luaType(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Slice:
		return luaType(t.Elem()) + "[]"
	case reflect.Struct:
		return "ev." + t.Name()
	case reflect.Map:
		return "table<string, any>"
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "string"
	case reflect.Float64:
		return "number"
	}
	return "integer"
}

func tag(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func stub(comments map[string]string) string {
	var b strings.Builder
	b.WriteString("---@meta\n-- Generated from the Go code by go test ./hooks -run Generated -update. For editors only; ctpipe does not read it.\n\n")
	b.WriteString("---@class ct.Answer what a hook returns; only ct makes one\n\n")
	for _, t := range structs() {
		fmt.Fprintf(&b, "---@class ev.%s\n", t.Name())
		for i := range t.NumField() {
			f := t.Field(i)
			line := fmt.Sprintf("---@field %s %s %s", tag(f), luaType(f.Type), comments[t.Name()+"."+f.Name])
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		b.WriteString("\n")
	}
	b.WriteString("ct = { json = {}, store = {} }\n")
	for _, f := range reference {
		fmt.Fprintf(&b, "\n---%s\n", f.Doc)
		var names []string
		for _, p := range f.Params {
			line := fmt.Sprintf("---@param %s %s %s", p.Name, p.Type, p.Doc)
			b.WriteString(strings.TrimRight(line, " ") + "\n")
			names = append(names, strings.TrimSuffix(p.Name, "?"))
		}
		if f.Returns != "" {
			fmt.Fprintf(&b, "---@return %s\n", f.Returns)
		}
		fmt.Fprintf(&b, "function %s(%s) end\n", f.Name, strings.Join(names, ", "))
	}
	return b.String()
}

func document(t *testing.T, comments map[string]string) string {
	head, err := os.ReadFile("testdata/hooks.md")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.Write(head)
	b.WriteString("\n## Functions\n")
	for _, f := range reference {
		fmt.Fprintf(&b, "\n### `%s`\n\n%s", f.signature(), f.Doc)
		if f.Returns != "" {
			fmt.Fprintf(&b, " Gives `%s`.", f.Returns)
		}
		b.WriteString("\n\n")
		for _, p := range f.Params {
			line := fmt.Sprintf("- `%s`: `%s`", strings.TrimSuffix(p.Name, "?"), p.Type)
			if strings.HasSuffix(p.Name, "?") {
				line += ", may be left out"
			}
			if p.Doc != "" {
				line += ": " + p.Doc
			}
			b.WriteString(line + "\n")
		}
		fmt.Fprintf(&b, "\n```lua\nreturn {\n  %s = function(ev)\n    %s\n  end,\n}\n```\n", f.On, strings.ReplaceAll(f.Example, "\n", "\n    "))
	}
	b.WriteString("\n## The event\n\nThe same names as in rules.toml, tests and the journal. Only the part of the event's own kind is filled.\n")
	at := places()
	for _, typ := range structs() {
		fmt.Fprintf(&b, "\n### %s\n\nOf type `%s`.\n\n| field | type | |\n|---|---|---|\n", strings.Join(at[typ], ", "), luaType(typ))
		for i := range typ.NumField() {
			f := typ.Field(i)
			fmt.Fprintf(&b, "| `%s` | `%s` | %s |\n", tag(f), luaType(f.Type), strings.ReplaceAll(comments[typ.Name()+"."+f.Name], "|", "\\|"))
		}
	}
	return b.String()
}

// Every finding of the package stands in the guide, and none that is no more.
func TestGuideListsFindings(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(file, "_test.go") {
			for _, id := range regexp.MustCompile(`"((?:lua|hook)-[a-z]+)"`).FindAllStringSubmatch(string(src), -1) {
				known[id[1]] = true
			}
		}
	}
	guide, err := os.ReadFile("testdata/hooks.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range regexp.MustCompile("(?m)^\\| `((?:lua|hook)-[a-z]+)` \\|").FindAllStringSubmatch(string(guide), -1) {
		if !known[row[1]] {
			t.Errorf("%s is in the guide only", row[1])
		}
		delete(known, row[1])
	}
	for id := range known {
		t.Errorf("%s is not in the guide", id)
	}
}

// signature is the function as one calls it.
func (f apiFunction) signature() string {
	names := make([]string, 0, len(f.Params))
	for _, p := range f.Params {
		names = append(names, p.Name)
	}
	return fmt.Sprintf("%s(%s)", f.Name, strings.Join(names, ", "))
}
