package rules

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ctpipe/pipeline"
)

var (
	inBrackets = regexp.MustCompile(`\([^)]*\)`)
	oneWord    = regexp.MustCompile(`^[a-z_]+$`)
)

// The values that a fact can have are those that its comment in the package
// pipeline lists: whoever adds one there is told to add it here.
func TestFactValues(t *testing.T) {
	docs := fieldDocs(t)
	for path, values := range factValues {
		comment := nameDoc(docs, path)
		if comment == "" {
			t.Errorf("%s has no comment", path)
		}
		listed, _, _ := strings.Cut(inBrackets.ReplaceAllString(comment, ""), ":")
		listed, _, _ = strings.Cut(listed, ";")
		words := strings.FieldsFunc(strings.NewReplacer("one…four", "one, two, three, four", " or ", ", ", " · ", ", ").Replace(listed),
			func(r rune) bool { return r == ',' })
		for i := range words {
			words[i] = strings.TrimSpace(words[i])
		}
		for _, w := range words {
			if oneWord.MatchString(w) && !slices.Contains(values, w) {
				t.Errorf("%s: the comment says %q", path, w)
			}
		}
		for _, v := range values {
			if v != "" && !slices.Contains(words, v) {
				t.Errorf("%s: %q is not in its comment: %s", path, v, comment)
			}
		}
	}
	if want := []string{string(pipeline.ModeDefault), string(pipeline.ModeAuto), string(pipeline.ModeBypass)}; !reflect.DeepEqual(modes, want) {
		t.Error(modes)
	}
}
