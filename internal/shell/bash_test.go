package shell

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctpipe/pipeline"
)

// stubs are the programs that the sandbox has: each writes its own name to the
// log, drains its input and ends. Wrappers go on with their command.
var stubs = []string{"ls", "cat", "rm", "git", "curl", "grep", "make", "sort", "cp", "wc", "head", "python3", "touch", "find"}

var wrapStubs = []string{"env", "nice", "nohup", "setsid", "timeout", "sudo", "xargs"}

// sandbox is an empty directory, a PATH of stubs, and a log of what started.
type sandbox struct{ dir, bin string }

func newSandbox(t *testing.T) sandbox {
	t.Helper()
	root := t.TempDir()
	s := sandbox{dir: filepath.Join(root, "d"), bin: filepath.Join(root, "bin")}
	for _, d := range []string{s.dir, s.bin} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("no bash to compare with")
	}
	write := func(name, body string) {
		text := "#!" + bash + "\nprintf -v l '%s\\x1f' " + name + " \"$@\"; l=${l//$'\\n'/$'\\x1d'}; printf '%s\\x1e' \"$l\" >> \"$STARTED\"\n" + body
		if err := os.WriteFile(filepath.Join(s.bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range stubs {
		write(name, "exit 0\n")
	}
	for _, name := range wrapStubs {
		skip := ""
		if name == "timeout" {
			skip = "shift\n"
		}
		write(name, skip+"while [[ $1 == -* || $1 == *=* ]]; do shift; done\n[[ $# -gt 0 ]] && exec \"$@\"\nexit 0\n")
	}
	for _, name := range []string{"sh", "bash"} {
		write(name, "exec "+bash+" \"$@\"\n")
	}
	return s
}

// run starts the script in bash and returns the command lines of the programs
// that were started.
func (s sandbox) run(t *testing.T, script string) [][]string {
	t.Helper()
	logName := filepath.Join(t.TempDir(), "log") // one each: a background job may write late
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	bash, _ := exec.LookPath("bash")
	cmd := exec.CommandContext(ctx, bash, "-c", script)
	cmd.Dir, cmd.Env = s.dir, []string{"PATH=" + s.bin, "HOME=" + s.dir, "STARTED=" + logName}
	cmd.WaitDelay = time.Second
	_ = cmd.Run() // scripts fail as they like; what they started counts
	log, err := os.ReadFile(logName)
	if err != nil {
		return nil
	}
	var out [][]string
	whole := log[:bytes.LastIndexByte(log, '\x1e')+1]       // a background job may be writing
	text := strings.ReplaceAll(string(whole), "\x1d", "\n") // bash writes line by line, so the stubs write one
	for line := range strings.SplitSeq(text, "\x1e") {
		if words := strings.Split(line, "\x1f"); len(words) > 1 {
			out = append(out, words[:len(words)-1])
		}
	}
	return out
}

// extracted are the programs that the facts name, wrappers included.
func extracted(f Facts) []string {
	var out []string
	for _, c := range f.Commands {
		out = append(append(out, c.Prog), c.Via...)
	}
	return out
}

// rounds is how many scripts bash runs, a tenth with -short: a start of bash in
// its sandbox takes a tenth of a second.
func rounds(full int) int {
	if testing.Short() {
		return full / 10
	}
	return full
}

// TestBashStartsNoMore (S1): for random scripts of harmless programs, where the
// facts are neither unknown nor opaque, bash starts nothing that they do not name.
func TestBashStartsNoMore(t *testing.T) {
	rounds, seed := rounds(250), uint64(7)
	if n, err := strconv.Atoi(os.Getenv("CTPIPE_SHELL_ROUNDS")); err == nil {
		rounds, seed = n, uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d, %d rounds", seed, rounds)
	s := newSandbox(t)
	g := &scripts{rand.New(rand.NewPCG(seed, 1))}
	clear, judged := 0, 0
	for judged < rounds {
		script := g.script(3)
		f := Analyze(script, Options{Cwd: s.dir, Home: s.dir})
		if f.Unknown || f.Opaque {
			if g.IntN(8) > 0 { // only the clear ones can fail; run few of the others
				continue
			}
		} else {
			clear++
		}
		judged++
		s.compare(t, script, f)
	}
	if clear < rounds/4 {
		t.Errorf("only %d of %d scripts were neither unknown nor opaque: the test proves little", clear, rounds)
	}
}

// TestBashReadsNoiseAlike (S1) puts what shells treat specially together at
// random: where the parser thinks that it understands, it reads as bash does.
func TestBashReadsNoiseAlike(t *testing.T) {
	rounds, seed := rounds(150), uint64(11)
	if n, err := strconv.Atoi(os.Getenv("CTPIPE_SHELL_ROUNDS")); err == nil {
		rounds, seed = n, uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d, %d rounds", seed, rounds)
	s := newSandbox(t)
	g := &scripts{rand.New(rand.NewPCG(seed, 2))}
	for judged := 0; judged < rounds; {
		script := g.noise()
		if f := Analyze(script, Options{Cwd: s.dir, Home: s.dir}); !f.Unknown && !f.Opaque {
			judged++
			for _, words := range s.compare(t, script, f) {
				if !slices.ContainsFunc(f.Commands, func(c pipeline.Command) bool { return starts(c, words) }) {
					t.Fatalf("bash started %q, which the facts do not name, in\n%s\nfacts:\n%s", words, script, Describe(f))
				}
			}
		}
	}
}

// starts reports whether a command is the one that was started. Words that the
// shell replaces are not compared.
func starts(c pipeline.Command, words []string) bool {
	return c.Prog == words[0] && (slices.Equal(c.Args, words[1:]) ||
		slices.ContainsFunc(c.Args, func(arg string) bool { return strings.ContainsAny(arg, "*?[$`") }))
}

// noise is no script that anybody would write. It declares no function, which
// could call itself.
func (g *scripts) noise() string {
	for {
		var b strings.Builder
		b.WriteString(g.pick("ls ", "cat ", "", "wc\n"))
		for range 2 + g.IntN(12) {
			b.WriteString(g.pick("rm", "ls", "wc", "x", " ", " ", "\n", "\\\n", "\\", "#", " #", "'", `"`, "$", "`", "(", ")", "{", "}", ";", "&", "|", "<", ">", "<<E", "<<-E\n", "E\n", "<<<", "!", "=", "~", "*", "[", "]",
				"\t", "$(", "${", "((", "$'", `$"`, "&&", "||", ";;", "|&", ">&", "&>", "-", ",", "if ", "then ", "fi", "do ", "done", "case x in ", "esac", "time ", "x=", "x+=(", "\\'", `\"`, "coproc ", "[[ ", " ]]", "@", "%", "^", "?", "+", ":", "in "))
		}
		if script := b.String(); !strings.Contains(strings.Join(strings.Fields(script), ""), "()") && !strings.Contains(script, "function") {
			return script
		}
	}
}

// compare runs the script, and fails if clear facts did not name what started.
func (s sandbox) compare(t *testing.T, script string, f Facts) (started [][]string) {
	t.Helper()
	started = s.run(t, script)
	if f.Unknown || f.Opaque {
		return nil
	}
	known := extracted(f)
	for _, words := range started {
		if !slices.Contains(known, words[0]) {
			t.Fatalf("bash started %s, which the facts do not name, in\n%s\nfacts:\n%s", words[0], script, Describe(f))
		}
	}
	return started
}

// FuzzBash (S1) is the same with scripts that the fuzzer steers: its bytes are
// the choices of the generator, so that only harmless programs are ever run.
func FuzzBash(f *testing.F) {
	for i := range byte(16) {
		f.Add(bytes.Repeat([]byte{i * 17, 255 - i, i}, 40))
	}
	f.Fuzz(func(t *testing.T, choices []byte) {
		s := newSandbox(t)
		script := (&scripts{rand.New(&chosen{bytes: choices})}).script(3)
		facts := Analyze(script, Options{Cwd: s.dir, Home: s.dir})
		if facts.Unknown || facts.Opaque {
			return
		}
		s.compare(t, script, facts)
	})
}

// chosen makes a number of each byte and its place, zeros when there are no
// more bytes: a generator that only repeated them could be drawn from for ever.
type chosen struct {
	bytes []byte
	drawn uint64
}

func (c *chosen) Uint64() uint64 {
	c.drawn++
	z := c.drawn * 0x9e3779b97f4a7c15
	if len(c.bytes) > 0 {
		z ^= uint64(c.bytes[0]) * 0xbf58476d1ce4e5b9
		c.bytes = c.bytes[1:]
	}
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// scripts makes random ones.
type scripts struct{ *rand.Rand }

func (g *scripts) pick(list ...string) string { return list[g.IntN(len(list))] }

func (g *scripts) script(depth int) string {
	var b bytes.Buffer
	for i := range 1 + g.IntN(3) {
		if i > 0 {
			b.WriteString(g.pick("; ", " && ", " || ", "\n", " | ", " & ", " |& ", ";\n"))
		}
		b.WriteString(g.command(depth))
	}
	return b.String()
}

func (g *scripts) command(depth int) string {
	if depth == 0 || g.IntN(3) > 0 {
		return g.simple(depth)
	}
	in := g.script(depth - 1)
	switch g.IntN(13) {
	case 0:
		return "( " + in + " )"
	case 1:
		return "{ " + in + "\n}"
	case 2:
		return "if " + in + "\nthen " + g.script(depth-1) + "\nelse " + g.simple(0) + "\nfi"
	case 3:
		return "for i in a b; do " + in + "\ndone"
	case 4:
		return "case a in b) " + g.simple(0) + ";; *) " + in + "\n;; esac"
	case 5:
		return "while false; do " + in + "\ndone"
	case 6:
		return "x=$(" + in + "\n)"
	case 7:
		return "[[ -n $(" + in + "\n) ]]"
	case 8:
		return "bash -c " + quote(g, in)
	case 9:
		return "cat <(" + in + "\n)"
	case 10:
		return "cat <<E\nx $(" + in + "\n)\nE\n"
	case 11:
		return "! " + g.simple(depth-1)
	}
	return "sh -c " + quote(g, in)
}

func quote(g *scripts, s string) string {
	if g.IntN(2) == 0 && !strings.ContainsAny(s, "$`\\\"!") {
		return `"` + s + `"`
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

func (g *scripts) simple(depth int) string {
	words := []string{g.name()}
	if g.IntN(4) == 0 {
		words = append([]string{g.pick("env", "env A=1", "nice", "nohup", "timeout 5", "sudo", "setsid", "nice -n5", "command", "exec", "A=1", "time", "builtin command", `\env`, "X=$(ls)")}, words...)
	}
	for range g.IntN(3) {
		words = append(words, g.word(depth))
	}
	if g.IntN(5) == 0 {
		words = append(words, g.pick("> /dev/null", "2>&1", "< /dev/null", "> out", ">> 'o p'", "2> /dev/null", "<<< x", ">&2", "&> o"))
	}
	return strings.Join(words, " ")
}

// name writes a program's name in one of the ways that bash understands.
func (g *scripts) name() string {
	n := stubs[g.IntN(len(stubs))]
	switch g.IntN(12) {
	case 0:
		return `\` + n
	case 1:
		return "'" + n + "'"
	case 2:
		return `"` + n[:1] + `"` + n[1:]
	case 3:
		return "$'" + fmt.Sprintf(`\x%02x`, n[0]) + n[1:] + "'"
	case 4:
		return n[:1] + `''` + n[1:]
	case 5:
		return n[:1] + "\\\n" + n[1:]
	}
	return n
}

func (g *scripts) word(depth int) string {
	if depth > 0 && g.IntN(10) == 0 {
		return g.pick(`"$(`, `$(`) + g.script(0) + g.pick(")", ")")
	}
	return g.pick("a", "-x", "'a b'", `"c d"`, "{a,b}", "*.go", "~", "a=b", "$?", "$$", `\;`, "';'", `"&&"`, "'|'", "#x", "x#y", "a\\ b", "--", "$'a\\tb'", "[a]", "x{1..3}", "()", `'$(rm)'`, "\"`", "=", "&", "!", "{", "}", "-c", "+")
}
