package rules

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctpipe/internal/diag"
	"ctpipe/pipeline"
)

var update = flag.Bool("update", false, "rewrite testdata/*.txt")

// testStages stand for the built-in stages in the goldens.
var testStages = []Stage{
	{"seen", pipeline.Enrich, nil, nil}, {"rota", pipeline.Enrich, []pipeline.Kind{pipeline.KindPost, pipeline.KindTool}, RotaOptions{}}, {"shell", pipeline.Enrich, []pipeline.Kind{pipeline.KindTool}, nil}, {"paths", pipeline.Enrich, []pipeline.Kind{pipeline.KindTool}, nil},
	{"rules", pipeline.Gate, nil, nil}, {"hooks", pipeline.Gate, nil, nil}, {"settle", pipeline.Gate, nil, nil}, {"prompt", pipeline.Act, nil, nil},
	{"redact", pipeline.Gate, []pipeline.Kind{pipeline.KindShow}, nil}, {"format", pipeline.Shape, []pipeline.Kind{pipeline.KindShow}, nil},
	{"deliver", pipeline.Act, []pipeline.Kind{pipeline.KindShow}, nil},
}

func noEnv(string) (string, bool) { return "", false }

// findings is everything that is said of a file, as `ctpipe check` collects it.
func findings(src []byte) []diag.Finding { return findingsWith(src, nil) }

func findingsWith(src, rota []byte) []diag.Finding {
	f, fs := Parse("rules.toml", src)
	if f.RotaFile() != "" && rota != nil {
		fs = append(fs, f.TakeRota(rota)...)
	}
	_, resolved := Resolve(f, nil, noEnv)
	fs = append(fs, resolved...)
	if !diag.HasErrors(fs) {
		_, more := Compile(f, Options{Stages: testStages})
		fs = append(fs, more...)
	}
	diag.Sort(fs)
	return fs
}

// TestGolden holds one file per fault (FUN-13, FUN-14, P3): what is wrong,
// where, and what was expected.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/error_*.toml")
	if err != nil || len(files) < 40 {
		t.Fatalf("want at least 40 golden files, have %d (%v)", len(files), err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".toml"), func(t *testing.T) {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var got bytes.Buffer
			fs := findings(src)
			if len(fs) == 0 {
				t.Fatal("nothing was found")
			}
			for _, f := range fs {
				if doc, ok := lintByID(f.ID); !ok || doc.Level != f.Level {
					t.Errorf("finding %q (%s) is not documented so", f.ID, f.Level)
				}
				got.WriteString(f.ID + ": ")
				got.WriteString(diag.Format(f, diag.Sources{"rules.toml": src}))
			}
			golden := strings.TrimSuffix(name, ".toml") + ".txt"
			if *update {
				if err := os.WriteFile(golden, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got.String() != string(want) {
				t.Errorf("got:\n%s\nwant:\n%s", got.String(), want)
			}
		})
	}
}
