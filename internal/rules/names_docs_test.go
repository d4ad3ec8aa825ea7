package rules

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

// fieldDocs are what the comments in the package pipeline say of its fields, by
// "Type.json name".
func fieldDocs(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, file := range []string{"event.go", "tool.go"} {
		f, err := parser.ParseFile(token.NewFileSet(), "../../pipeline/"+file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if s, isStruct := spec.Type.(*ast.StructType); isStruct {
				for _, field := range s.Fields.List {
					if field.Tag == nil {
						continue
					}
					tag, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("json"), ",")
					text := field.Comment.Text()
					if text == "" {
						text = field.Doc.Text()
					}
					out[spec.Name.Name+"."+tag] = strings.Join(strings.Fields(text), " ")
				}
			}
			return false
		})
	}
	return out
}

// nameDoc is what a fact is, by its path: "tool.commands[].prog".
func nameDoc(docs map[string]string, path string) string {
	rt, doc := reflect.TypeFor[pipeline.Event](), ""
	for part := range strings.SplitSeq(strings.ReplaceAll(path, "[]", ""), ".") {
		for rt.Kind() == reflect.Slice {
			rt = rt.Elem()
		}
		doc = docs[rt.Name()+"."+part]
		for i := range rt.NumField() {
			if tag, _, _ := strings.Cut(rt.Field(i).Tag.Get("json"), ","); tag == part {
				rt = rt.Field(i).Type
				break
			}
		}
	}
	return strings.ReplaceAll(doc, "|", `\|`)
}
