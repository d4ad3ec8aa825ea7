package session

import (
	"os"
	"path/filepath"
	"testing"
)

// TestFileFacts covers D10: a diff through a link says where it went; a new file
// that can be run says so; a file as usual says nothing.
func TestFileFacts(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		dir := w.set.Dir
		write := func(name string, mode os.FileMode) string {
			path := filepath.Join(dir, name)
			if err := os.WriteFile(path, []byte("two\n"), mode); err != nil {
				t.Fatal(err)
			}
			return path
		}
		if err := os.Symlink("/etc/profile", filepath.Join(dir, "link.txt")); err != nil {
			t.Fatal(err)
		}
		edit := func(id, path string) {
			a.uses(t, id, "", "Edit", `{"file_path":`+quoted(path)+`,"old_string":"one","new_string":"two"}`)
			a.gets(t, id, "ok", `{"filePath":`+quoted(path)+`,"oldString":"one","newString":"two","originalFile":"one\n","structuredPatch":[{"oldStart":1,"oldLines":1,"newStart":1,"newLines":1,"lines":["-one","+two"]}]}`)
			w.settle()
		}
		edit("e1", "link.txt")
		w.shows(root, "_(+1 −1, 🔗 a link to `/etc/profile`)_")
		write("run.sh", 0o755)
		edit("e2", "run.sh")
		w.shows(root, "✏️ **Edit** `run.sh` _(+1 −1)_")
		script := write("new.sh", 0o755)
		a.uses(t, "w1", "", "Write", `{"file_path":`+quoted(script)+`,"content":"two\n"}`)
		a.gets(t, "w1", "ok", `{"type":"create","filePath":`+quoted(script)+`,"content":"two\n","structuredPatch":[],"originalFile":null}`)
		w.settle()
		w.shows(root, "_(new, 1 line, 🔧 mode 0755)_")
	})
}

// TestTextBesideAQuestion covers STR-08: what Claude says in the same message as
// a question or a plan is in the thread.
func TestTextBesideAQuestion(t *testing.T) {
	for tool, input := range map[string]string{
		"AskUserQuestion": `{"questions":[{"question":"Which?","header":"A","multiSelect":false,"options":[{"label":"Red"},{"label":"Blue"}]}]}`,
		"ExitPlanMode":    `{"plan":"# The plan"}`,
	} {
		inWorld(t, "", func(w *world) {
			root, a := w.opened()
			a.says(t, `{"type":"assistant","message":{"id":"m1","model":"m","content":[{"type":"text","text":"before it"},{"type":"tool_use","id":"q1","name":%q,"input":%s},{"type":"text","text":"and after it"}]}}`, tool, input)
			a.call("q1", tool, input)
			w.settle()
			w.shows(root, "before it\n\nand after it")
			if n := len(w.chat.OfKind(root, "card")); n != 1 {
				t.Errorf("%s: %d cards", tool, n)
			}
		})
	}
}
