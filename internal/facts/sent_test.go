package facts

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"ctpipe/pipeline"
)

// TestSentFiles covers FUN-07 and F3: what people sent into a session may be
// read like its own files, and nothing else of the folder around it: not what a
// link in there leads to, not written, and not what is a credential by name.
func TestSentFiles(t *testing.T) {
	tr := newTree(t)
	home, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	files := filepath.Join(home, "s1", "files")
	secret := filepath.Join(home, "secret.txt")
	if err := errors.Join(os.MkdirAll(files, 0o700), os.WriteFile(secret, nil, 0o600),
		os.WriteFile(filepath.Join(files, "a.txt"), nil, 0o600), os.Symlink(secret, filepath.Join(files, "link"))); err != nil {
		t.Fatal(err)
	}
	sent := func(ev *pipeline.Event) { ev.Session.Files = files }
	for _, c := range []struct {
		tool, path string
		inside     bool
	}{
		{"Read", files + "/a.txt", true}, {"Read", files + "/nothing-yet", true}, {"Read", files + "/../files/a.txt", true},
		{"Write", files + "/a.txt", false}, {"Edit", files + "/a.txt", false}, {"Read", files, false}, {"Read", files + "-2/a.txt", false},
		{"Read", files + "/link", false}, {"Read", files + "/../x", false}, {"Read", files + "/../../secret.txt", false},
	} {
		ev := tr.facts(c.tool, map[string]any{"file_path": c.path, "content": "", "old_string": "a", "new_string": "b"}, sent)
		if len(ev.Tool.Paths) == 0 {
			t.Fatalf("%s %s: no path", c.tool, c.path)
		}
		for _, p := range ev.Tool.Paths {
			if p.Inside != c.inside {
				t.Errorf("%s %s: %+v", c.tool, c.path, p)
			}
		}
	}
	if !reads(tr.bash("cat "+files+"/a.txt | head", sent)) || reads(tr.bash("cat "+files+"/link", sent)) || reads(tr.bash("cat "+files+"/a.txt > "+files+"/b.txt", sent)) {
		t.Error("commands are judged otherwise")
	}
	if reads(tr.bash("cat " + files + "/a.txt")) {
		t.Error("the folder is inside although the session has no files")
	}
	if ev := tr.facts("Read", map[string]any{"file_path": files + "/id_rsa"}, sent); !ev.Tool.Paths[0].Secret {
		t.Error("a key is no secret there")
	}
}
