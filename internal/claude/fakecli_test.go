package claude

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

// lifetime ends a fake that a failing test forgot.
const lifetime = 2 * time.Minute

// playFake is the whole life of a child of these tests; the result is its exit code.
func playFake(mode string) int {
	time.AfterFunc(lifetime, func() { os.Exit(99) })
	name, arg, _ := strings.Cut(mode, ":")
	in := bufio.NewReaderSize(os.Stdin, 64<<10)
	switch name {
	case "parrot":
		return fakeParrot(in)
	case "replay":
		return fakeReplay(in, arg)
	case "report":
		env := os.Environ()
		cwd, _ := os.Getwd()
		emit(map[string]any{"type": "report", "argv": os.Args, "env": env, "cwd": cwd})
		return fakeParrot(in)
	case "bytewise":
		for _, b := range []byte(arg + "\n") {
			os.Stdout.Write([]byte{b})
		}
		return fakeParrot(in)
	case "big":
		var n int
		fmt.Sscan(arg, &n)
		emit(map[string]any{"type": "report", "text": strings.Repeat("ä", n/2)})
		return fakeParrot(in)
	case "endless":
		for {
			if _, err := os.Stdout.WriteString(strings.Repeat("x", 1<<16)); err != nil {
				return 1
			}
		}
	case "exit":
		var code int
		fmt.Sscan(arg, &code)
		fmt.Fprintln(os.Stderr, "going with", code)
		fmt.Print(`{"type":"report","last":true}`) // no newline: cut in the middle
		return code
	case "nogate":
		return fakeNoGate(in, arg)
	case "deaf":
		signal.Ignore(syscall.SIGTERM)
		emit(map[string]any{"type": "report"})
		select {}
	case "mute":
		os.Stdin.Close()
		emit(map[string]any{"type": "report"})
		return awaitTerm(0)
	case "hangup":
		os.Stdout.Close()
		return awaitTerm(7)
	case "stubborn":
		return fakeStubborn()
	case "sleeper":
		signal.Ignore(syscall.SIGTERM, syscall.SIGHUP, syscall.SIGINT)
		os.WriteFile(arg, []byte(fmt.Sprint(os.Getpid())), 0o600)
		select {}
	case "forker":
		return fork("sleeper:"+arg, true, true)
	case "deathwatch":
		return fakeDeathwatch(in, arg)
	case "host":
		return fakeHost(arg)
	}
	fmt.Fprintln(os.Stderr, "unknown fake", mode)
	return 98
}

func emit(v any) {
	text, _ := json.Marshal(v)
	os.Stdout.Write(append(text, '\n'))
}

type stdinLine struct {
	Type    string `json:"type"`
	UUID    string `json:"uuid"`
	Message struct {
		Content json.RawMessage `json:"content"`
	} `json:"message"`
	RequestID string `json:"request_id"`
	Request   struct {
		Subtype string `json:"subtype"`
	} `json:"request"`
}

func succeed(id string, response any) {
	emit(map[string]any{"type": "control_response", "response": map[string]any{
		"subtype": "success", "request_id": id, "response": response}})
}

// fakeParrot confirms control requests, says every user text as a line of its
// own, and reports the control responses it gets. Exits 0 at the end of stdin.
func fakeParrot(in *bufio.Reader) int {
	for {
		text, err := in.ReadBytes('\n')
		if err != nil {
			return 0
		}
		var l stdinLine
		if err := json.Unmarshal(text, &l); err != nil {
			fmt.Fprintln(os.Stderr, "bad line:", err)
			return 1
		}
		switch l.Type {
		case "control_request":
			if l.Request.Subtype == "frobnicate" {
				emit(map[string]any{"type": "control_response", "response": map[string]any{"subtype": "error",
					"request_id": l.RequestID, "error": "Unsupported control request subtype: frobnicate", "error_code": "unsupported_request"}})
				continue
			}
			if l.Request.Subtype != "silence" {
				succeed(l.RequestID, map[string]any{"claude_code_version": "fake", "echo": l.Request.Subtype})
			}
		case "user":
			var words string
			if json.Unmarshal(l.Message.Content, &words) == nil && strings.HasPrefix(words, "{") {
				os.Stdout.WriteString(words + "\n")
				continue
			}
			emit(map[string]any{"type": "got", "got": json.RawMessage(text)})
		case "control_response":
			emit(map[string]any{"type": "got", "got": json.RawMessage(text)})
		}
	}
}

// fakeNoGate answers initialize in a way that does not prove a gate, and
// reports whatever comes after it.
func fakeNoGate(in *bufio.Reader, how string) int {
	text, _ := in.ReadBytes('\n')
	var l stdinLine
	json.Unmarshal(text, &l)
	switch how {
	case "error":
		emit(map[string]any{"type": "control_response", "response": map[string]any{
			"subtype": "error", "request_id": l.RequestID, "error": "no hooks here"}})
	case "unsupported":
		succeed(l.RequestID, map[string]any{"hook_on_failure_supported": false, "claude_code_version": "0.1"})
	case "garbage":
		succeed(l.RequestID, []int{1})
	}
	rest, _ := io.ReadAll(in)
	fmt.Fprintf(os.Stderr, "after initialize: %q", rest)
	return 0
}

func awaitTerm(code int) int {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	<-c
	return code
}

// fork starts another fake that holds on to stdout, with a session of its own
// if asked. Without the mark it looks like a child that cleared its environment.
func fork(mode string, setsid, marked bool) int {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{fakeVar + "=" + mode}
	if marked {
		cmd.Env = append(os.Environ(), cmd.Env...)
	}
	cmd.Stdout = os.Stdout
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: setsid}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// fakeStubborn neither reads nor obeys. Of its children one is only known by
// its group, one only by its parent, one (a stray, its parent is gone) only by
// its mark.
func fakeStubborn() int {
	signal.Ignore(syscall.SIGTERM, syscall.SIGINT)
	dir := os.Getenv("FAKE_DIR")
	fork("sleeper:"+dir+"/plain", false, false)
	fork("sleeper:"+dir+"/setsid", true, false)
	fork("forker:"+dir+"/stray", true, true)
	in := bufio.NewReader(os.Stdin)
	text, _ := in.ReadBytes('\n')
	var l stdinLine
	json.Unmarshal(text, &l)
	succeed(l.RequestID, map[string]any{})
	select {}
}

func fakeDeathwatch(in *bufio.Reader, file string) int {
	c := make(chan os.Signal, 1)
	signal.Notify(c, syscall.SIGTERM)
	text, _ := in.ReadBytes('\n')
	var l stdinLine
	json.Unmarshal(text, &l)
	succeed(l.RequestID, map[string]any{})
	<-c
	os.WriteFile(file, []byte("SIGTERM"), 0o600)
	return 0
}
