package session

import (
	"bytes"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"ctpipe/internal/attachment"
	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
)

// sends posts a message with files; a file's content stands in Extension.
func (w *world) sends(name, root, text string, files ...mattermost.File) string {
	w.chat.Mu.Lock()
	p := w.chat.Add("u-"+name, root, text, nil)
	w.chat.Attach(p, files...)
	post := *p
	w.chat.Mu.Unlock()
	w.host.ears().receive(mattermost.Posted{Post: post})
	return post.ID
}

func (a *fakeAgent) pictures() [][]claude.Image {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.images)
}

func picture(w, h int) string {
	var b bytes.Buffer
	m := image.NewGray(image.Rect(0, 0, w, h))
	m.Set(0, 0, color.White)
	_ = png.Encode(&b, m)
	return b.String()
}

// paths are the files that a message tells of.
func paths(message string) (out []string) {
	_, list, _ := strings.Cut(message, attachment.Head+"\n")
	for _, line := range strings.Split(list, "\n") {
		path, _, _ := strings.Cut(strings.TrimPrefix(line, "- "), " (")
		out = append(out, path)
	}
	return out
}

// TestFiles covers FUN-07: every attachment is saved for the session alone and
// told by path, pictures are shown too, and names that collide stay apart.
func TestFiles(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		pic := picture(3, 3)
		root := w.sends("alice", "", "@claude-code look", mattermost.File{Name: "image.png", Extension: pic, MimeType: "image/png"},
			mattermost.File{Name: "image.png", Extension: "no picture at all", MimeType: "image/png"}, mattermost.File{Name: "a.tar.gz", Extension: "x", MimeType: "application/gzip"})
		w.settle()
		a := w.latest()
		dir := filepath.Join(w.host.attachments.Dir, string(w.host.session(w.host.threadID("p1")).id), "files")
		chattest.Want(t, a.sent(), "look\n\n"+attachment.Head+"\n- "+dir+"/image.png (image/png, 78 bytes)\n- "+dir+"/image-2.png (image/png, 17 bytes)\n- "+dir+"/a.tar.gz (application/gzip, 1 bytes)")
		if got := a.pictures(); len(got[0]) != 1 || got[0][0].MediaType != "image/png" || string(got[0][0].Data) != pic {
			t.Errorf("pictures %v", got)
		}
		for _, name := range []string{"image.png", "image-2.png", "a.tar.gz"} {
			info, err := os.Stat(filepath.Join(dir, name))
			if err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", name, info, err)
			}
		}
		if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("the folder: %v %v", info, err)
		}
		w.sends("alice", root, "", mattermost.File{Name: "only.txt", Extension: "text"})
		w.settle()
		chattest.Want(t, a.sent()[1:], attachment.Head+"\n- "+dir+"/only.txt (application/octet-stream, 4 bytes)")
		w.says("alice", root, "!stop")
		if _, err := os.Stat(filepath.Dir(dir)); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the folder outlives its session: %v", err)
		}
	})
}

// TestFileLink covers SEC-19 and SEC-21: what stands in the folder already, a
// link too, is neither followed nor written over.
func TestFileLink(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		root, a := w.opened()
		w.sends("alice", root, "one", mattermost.File{Name: "a.txt", Extension: "A"})
		w.settle()
		dir := filepath.Dir(paths(a.sent()[1])[0])
		victim := filepath.Join(t.TempDir(), "victim")
		if err := errors.Join(os.WriteFile(victim, []byte("mine"), 0o600), os.Symlink(victim, filepath.Join(dir, "b.txt"))); err != nil {
			t.Fatal(err)
		}
		w.sends("alice", root, "two", mattermost.File{Name: "b.txt", Extension: "B"})
		w.settle()
		if got, _ := os.ReadFile(victim); string(got) != "mine" {
			t.Errorf("a link was followed: %q", got)
		}
		if got := paths(a.sent()[2]); len(got) != 1 || filepath.Base(got[0]) != "b-2.txt" {
			t.Errorf("saved as %v", got)
		}
	})
}

// TestFileTrouble covers FUN-07: each file that could not be had is named with
// the reason, and the rest of the message arrives.
func TestFileTrouble(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir, w.set.MaxFile = t.TempDir(), 100
		root, a := w.opened()
		w.sends("alice", root, "look", mattermost.File{Name: "big`.txt", Extension: strings.Repeat("x", 101)},
			mattermost.File{Name: "gone.txt"}, mattermost.File{Name: "fine.txt", Extension: "x"})
		w.settle()
		w.shows(root, "⚠️ **Some files could not be processed:**\n- `big_.txt`: it is larger than 100 bytes (`[limits] max_file_mb`)\n- `gone.txt`: the chat server does not give it")
		if got := a.sent()[1]; !strings.HasPrefix(got, "look\n(Some attached files could not be fetched.)\n\n"+attachment.Head+"\n- ") || len(paths(got)) != 1 || filepath.Base(paths(got)[0]) != "fine.txt" {
			t.Errorf("%q", got)
		}
		w.sends("alice", root, "", mattermost.File{Name: "big.txt", Extension: strings.Repeat("x", 101)})
		w.says("alice", root, "next")
		w.shows(root, "There was nothing else in the message, so Claude did not get it.")
		if got := a.sent(); len(got) != 3 || got[2] != "next" {
			t.Errorf("%q", got)
		}
		entries, _ := os.ReadDir(filepath.Dir(paths(a.sent()[1])[0]))
		if len(entries) != 1 {
			t.Errorf("what could not be had is left on disk: %v", entries)
		}
	})
}

// TestFilesKeepOrder covers RACE-10: a slow download holds up what was written
// after it, in its own session only; a stop does not wait for it.
func TestFilesKeepOrder(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		w.chat.Fate = func(op string) chattest.Fate {
			if strings.HasPrefix(op, "download") {
				return chattest.Fate{Delay: 20 * time.Second}
			}
			return chattest.Fate{}
		}
		root, a := w.opened()
		other, b := w.opened()
		w.sends("alice", root, "slow", mattermost.File{Name: "a.txt", Extension: "A"})
		w.says("alice", root, "after")
		w.says("alice", other, "elsewhere")
		chattest.Want(t, a.sent(), "hello")
		chattest.Want(t, b.sent(), "hello", "elsewhere")
		time.Sleep(20 * time.Second)
		w.settle()
		if got := a.sent(); len(got) != 3 || !strings.HasPrefix(got[1], "slow\n\n"+attachment.Head) || got[2] != "after" {
			t.Errorf("%q", got)
		}
		w.sends("alice", root, "never", mattermost.File{Name: "b.txt", Extension: "B"})
		w.says("alice", root, "!stop")
		if !a.stopped {
			t.Error("!stop waits for a download")
		}
		time.Sleep(time.Minute)
		w.settle()
		if left, _ := os.ReadDir(w.host.attachments.Dir); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
		if len(a.sent()) != 3 {
			t.Errorf("%q", a.sent())
		}
	})
}

// TestFileTooSlow: a download has a deadline.
func TestFileTooSlow(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		w.chat.Fate = func(op string) chattest.Fate {
			if strings.HasPrefix(op, "download") {
				return chattest.Fate{Delay: time.Hour}
			}
			return chattest.Fate{}
		}
		root, a := w.opened()
		w.sends("alice", root, "slow", mattermost.File{Name: "a.txt", Extension: "A"})
		time.Sleep(3 * time.Minute)
		w.settle()
		w.shows(root, "the chat server took too long")
		chattest.Want(t, a.sent(), "hello", "slow\n(Some attached files could not be fetched.)")
	})
}

// TestFilesOfStrangers covers FUN-08: a stranger's files wait with their message
// and are fetched once it is let in.
func TestFilesOfStrangers(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		root, a := w.opened()
		w.sends("mallory", root, "see", mattermost.File{Name: "m.txt", Extension: "M"})
		w.settle()
		if left, _ := os.ReadDir(w.host.attachments.Dir); len(left) != 0 {
			t.Errorf("fetched unasked: %v", left)
		}
		w.reacts("alice", w.card(root).ID, "+1")
		if got := a.sent(); len(got) != 2 || !strings.HasPrefix(got[1], "[Message from @mallory, approved by @alice]\nsee\n\n"+attachment.Head+"\n- ") {
			t.Errorf("%q", got)
		}
	})
}

// TestFilesWithoutMetadata covers NET-14: files that the event only names are
// looked up, and those of posts that were missed too.
func TestFilesWithoutMetadata(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		root, a := w.opened()
		w.chat.Mu.Lock()
		p := w.chat.Add("u-alice", root, "bare", nil)
		w.chat.Attach(p, mattermost.File{Name: "named.txt", Extension: "x"})
		p.Metadata = mattermost.PostMetadata{}
		w.chat.Mu.Unlock()
		w.host.CatchUp(1)
		w.settle()
		if got := a.sent(); len(got) != 2 || filepath.Base(paths(got[1])[0]) != "named.txt" {
			t.Errorf("%q", got)
		}
	})
}

// TestFilesFull covers F3: the attachments of one session together are bounded.
func TestFilesFull(t *testing.T) {
	inWorld(t, "", func(w *world) {
		w.host.attachments.Dir, w.set.MaxFile = t.TempDir(), 10
		root, a := w.opened()
		for range 40/4 + 1 {
			var files []mattermost.File
			for range 4 {
				files = append(files, mattermost.File{Name: "a.bin", Extension: strings.Repeat("x", 10)})
			}
			w.sends("alice", root, "more", files...)
			w.settle()
		}
		w.shows(root, "- `a.bin`: this session's attachments take up 400 bytes already")
		saved, _ := filepath.Glob(filepath.Join(w.host.attachments.Dir, "*", "files", "*"))
		if len(saved) != 40 || len(a.sent()) != 40/4+2 {
			t.Errorf("%d files, %d messages", len(saved), len(a.sent()))
		}
	})
}

// TestFilesAreRead: under the idiom of the shipped rules Claude reads what people
// sent without a card; what is put there afterwards and leads elsewhere, not.
func TestFilesAreRead(t *testing.T) {
	inWorld(t, "[[rule]]\nid = 'read'\non = 'tool'\nwhen = 'tool.name == \"Read\" and len(tool.paths) > 0 and all(tool.paths, .inside and not .secret)'\nthen = 'allow'\n", func(w *world) {
		w.host.attachments.Dir = realDir(t)
		root, a := w.opened()
		w.sends("alice", root, "see", mattermost.File{Name: "a.txt", Extension: "A"})
		w.settle()
		path := paths(a.sent()[1])[0]
		if err := os.Symlink("/etc/hostname", filepath.Dir(path)+"/link"); err != nil {
			t.Fatal(err)
		}
		for use, c := range map[string]struct {
			path string
			want claude.Decision
		}{"t1": {path, claude.Allow}, "t2": {filepath.Dir(path) + "/link", claude.Ask}, "t3": {path + "/../../../other", claude.Ask}} {
			a.call(use, "Read", `{"file_path":`+quoted(c.path)+`}`)
			if got := a.gates["g-"+use].Decision; got != c.want {
				t.Errorf("%s: %v, want %v", c.path, got, c.want)
			}
		}
	})
}

// TestFilesSwept: what a killed ctpipe left behind of ended sessions goes, what
// has a record or is young stays.
func TestFilesSwept(t *testing.T) {
	inKept(t, func(w *world) {
		w.host.attachments.Dir = t.TempDir()
		w.opened()
		w.settle()
		alive := string(w.host.session(w.host.threadID("p1")).id)
		for name, age := range map[string]time.Duration{alive: 2 * time.Hour, "young": 0, "left": 2 * time.Hour, "..sly": 2 * time.Hour} {
			at := w.host.Clock.Now().Add(-age)
			if err := errors.Join(os.MkdirAll(filepath.Join(w.host.attachments.Dir, name, "files"), 0o700), os.Chtimes(filepath.Join(w.host.attachments.Dir, name), at, at)); err != nil {
				t.Fatal(err)
			}
		}
		w.host.sweepFiles(w.Context())
		var got []string
		entries, _ := os.ReadDir(w.host.attachments.Dir)
		for _, e := range entries {
			got = append(got, e.Name())
		}
		want := []string{alive, "young"}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	})
}
