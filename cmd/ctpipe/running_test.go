package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ctpipe/internal/mattermost"
)

// patience bounds every wait for something that happens in another process.
const patience = 30 * time.Second

// binary builds ctpipe once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "ctpipe-test-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "ctpipe")
	cmd := exec.Command("go", "build", "-trimpath", "-o", path, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building ctpipe: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := binary(); err == nil {
		os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

// running is the real binary, running, with its playground.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	dir  string // rules.toml and scripts
	work string // where sessions work
	page string // the printed URL
	api  string
	key  string
	out  *lockedBuffer
	errs *lockedBuffer
	done chan struct{}
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// shippedRules is the rules.toml of the repository.
func shippedRules(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile("../../rules.toml")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// startCtpipe runs ctpipe with rules in a folder of its own, and waits until
// it listens. env is the whole environment beside PATH.
func startCtpipe(t *testing.T, rules string, env []string, args ...string) *running {
	t.Helper()
	d := launch(t, rules, env, args...)
	d.enter(d.page)
	return d
}

// launch is startCtpipe without using up the page's code.
func launch(t *testing.T, rules string, env []string, args ...string) *running {
	t.Helper()
	bin, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	d := &running{t: t, dir: t.TempDir(), work: t.TempDir(), out: &lockedBuffer{}, errs: &lockedBuffer{}, done: make(chan struct{})}
	d.save("rules.toml", rules)
	d.write(d.work, "README.md", "# a small repository\n")
	d.cmd = exec.Command(bin, append([]string{"-rules", filepath.Join(d.dir, "rules.toml"), "-listen", "127.0.0.1:0",
		"-state", filepath.Join(t.TempDir(), "state"), "-dir", d.work}, args...)...)
	d.cmd.Env = append(env, "PATH="+os.Getenv("PATH"))
	d.cmd.Stderr = d.errs
	stdout, err := d.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.stop)
	url := make(chan string, 1)
	go d.read(stdout, url)
	select {
	case d.page = <-url:
	case <-d.done:
		t.Fatalf("ctpipe ended:\n%s%s", d.out, d.errs)
	case <-time.After(patience):
		t.Fatalf("ctpipe does not listen:\n%s%s", d.out, d.errs)
	}
	return d
}

var pageURL = regexp.MustCompile(`(http://127\.0\.0\.1:\d+)/#(\S+)`)

func (d *running) read(stdout io.Reader, url chan<- string) {
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		fmt.Fprintln(d.out, lines.Text())
		if strings.HasPrefix(lines.Text(), "listening: ") {
			url <- pageURL.FindString(lines.Text()) // "" where the chat is not the playground
		}
	}
	d.cmd.Wait()
	close(d.done)
}

// stop ends ctpipe as systemd would, and shows what it said if the test failed.
func (d *running) stop() {
	d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.done:
	case <-time.After(patience):
		d.cmd.Process.Kill()
		d.t.Error("ctpipe did not stop on SIGTERM")
		<-d.done
	}
	if d.t.Failed() {
		d.t.Logf("stdout:\n%s\nstderr:\n%s", d.out, d.errs)
	}
}

// enter exchanges the one-use code of the printed URL for the page's key.
func (d *running) enter(url string) {
	m := pageURL.FindStringSubmatch(url)
	d.api = m[1]
	var out struct{ Key string }
	d.call("/playground/key", "", map[string]string{"code": m[2]}, &out)
	d.key = out.Key
}

func (d *running) call(path, bearer string, in, out any) {
	d.t.Helper()
	body, _ := json.Marshal(in)
	req, err := http.NewRequest("POST", d.api+path, bytes.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	if bearer != "" {
		req.Header.Set("Authorization", "Bearer "+bearer)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		d.t.Fatalf("%s: %s", path, resp.Status)
	}
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		d.t.Fatal(err)
	}
}

// save writes a file of the policy in one step, as editors do.
func (d *running) save(name, text string) {
	d.t.Helper()
	path := filepath.Join(d.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		d.t.Fatal(err)
	}
	if err := os.WriteFile(path+".tmp", []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
	if err := os.Rename(path+".tmp", path); err != nil {
		d.t.Fatal(err)
	}
}

func (d *running) write(dir, name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

// eventually waits until cond holds.
func (d *running) eventually(what string, cond func() bool) {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if cond() {
			return
		}
	}
	d.t.Fatalf("waited in vain for %s", what)
}

// person is somebody in the playground.
type person struct {
	d       *running
	name    string
	id      string
	client  *mattermost.Client
	channel string
}

// as gives one of the page's people.
func (d *running) as(name string) *person {
	d.t.Helper()
	var out struct{ Token, ID string }
	d.call("/playground/act", d.key, map[string]string{"user": name}, &out)
	client, err := mattermost.New(mattermost.Config{URL: d.api, Token: out.Token})
	if err != nil {
		d.t.Fatal(err)
	}
	c, err := client.ChannelByName(context.Background(), "main", "playground")
	if err != nil {
		d.t.Fatal(err)
	}
	return &person{d: d, name: name, id: out.ID, client: client, channel: c.ID}
}

// says posts a message; root is "" for a new thread. It returns the thread.
func (p *person) says(root, text string) string {
	p.d.t.Helper()
	post, err := p.client.CreatePost(context.Background(), mattermost.NewPost{Channel: p.channel, Root: root, Message: text})
	if err != nil {
		p.d.t.Fatal(err)
	}
	return post.RootOrSelf()
}

func (p *person) reacts(post, emoji string) {
	p.d.t.Helper()
	if err := p.client.AddReaction(context.Background(), p.id, post, emoji); err != nil {
		p.d.t.Fatal(err)
	}
}

// thread is every post of a thread.
func (p *person) thread(root string) []mattermost.Post {
	p.d.t.Helper()
	posts, err := p.client.Thread(context.Background(), root)
	if err != nil {
		p.d.t.Fatal(err)
	}
	return posts
}

// sees waits for a post of the bot's that holds every one of the words.
func (p *person) sees(root string, words ...string) mattermost.Post {
	p.d.t.Helper()
	var found mattermost.Post
	ok := func() bool {
		for _, post := range p.thread(root) {
			if post.FromBot() && holds(post.Message, words) {
				found = post
				return true
			}
		}
		return false
	}
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if ok() {
			return found
		}
	}
	p.d.t.Fatalf("%s never sees %q; the thread is:\n%s", p.name, words, p.transcript(root))
	return found
}

func holds(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (p *person) transcript(root string) string {
	var b strings.Builder
	for _, post := range p.thread(root) {
		fmt.Fprintf(&b, "--- %s\n%s\n", post.ID, post.Message)
	}
	return b.String()
}

// reactions are the emoji under a post, with whose they are.
func (p *person) seeded(post string, emoji ...string) {
	p.d.t.Helper()
	p.d.eventually(fmt.Sprintf("the reactions %v", emoji), func() bool {
		got, err := p.client.Reactions(context.Background(), post)
		if err != nil {
			p.d.t.Fatal(err)
		}
		have := map[string]bool{}
		for _, r := range got {
			have[r.Emoji] = true
		}
		for _, e := range emoji {
			if !have[e] {
				return false
			}
		}
		return true
	})
}
