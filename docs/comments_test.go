package docs_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// TestCommentsSayTheReason holds codes out of comments in code that ships:
// whoever reads it has the reason in words, or not at all.
func TestCommentsSayTheReason(t *testing.T) {
	walk(t, func(file string) {
		if !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return
		}
		set := token.NewFileSet()
		f, err := parser.ParseFile(set, filepath.Join(root, file), nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, group := range f.Comments {
			if codes := inText(group.Text()); len(codes) > 0 {
				t.Errorf("%s:%d: %s in a comment: say the reason in words", file, set.Position(group.Pos()).Line, strings.Join(codes, ", "))
			}
		}
	})
}

// below reports a file in one of some directories.
func below(file string, dirs []string) bool {
	for _, dir := range dirs {
		if strings.HasPrefix(file, dir+"/") {
			return true
		}
	}
	return false
}
