package state

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
)

const childDir = "CTPIPE_TEST_STATE_CHILD"

// childIfAsked turns the re-executed test binary into a process that saves one
// session for ever and says each number that is safe.
func childIfAsked() {
	dir := os.Getenv(childDir)
	if dir == "" {
		return
	}
	s, err := Open(dir, WithLog(quiet))
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	for n := 1; ; n++ {
		if err := s.SaveSession(context.Background(), numbered(n)); err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println(n)
	}
}

// numbered is a record of several pages, each part of which tells its number.
func numbered(n int) Session {
	extra, _ := json.Marshal(strings.Repeat(strconv.Itoa(n)+" ", 3000))
	return Session{ID: "s", Thread: "t", Turns: n, Model: strconv.Itoa(n), Extra: extra}
}

// DATA-02: kill -9 during a save leaves the previous or the new state, and
// never loses what a save said was safe; the lock dies with its holder.
func TestKillDuringSaveDATA02(t *testing.T) {
	dir := home(t)
	for round, acks := range []int{0, 1, 2, 3, 5, 8, 13, 21} {
		if round > 0 {
			os.RemoveAll(dir)
		}
		safe := killAfter(t, dir, acks)
		s, err := Open(dir, WithLog(quiet))
		if err != nil {
			t.Fatal(err)
		}
		if n := notes(t, s); len(n) != 0 {
			t.Errorf("after %d saves: notes %q", safe, n)
		}
		got, err := s.Session(deadline(t), "t")
		switch {
		case errors.Is(err, ErrNotFound) && safe == 0:
		case err != nil:
			t.Errorf("after %d saves: %v", safe, err)
		default:
			want := numbered(got.Turns)
			if got.Turns < safe || got.Turns > safe+1 || got.Model != want.Model || string(got.Extra) != string(want.Extra) {
				t.Errorf("save %d was safe; found a record of turn %d, model %q, %d bytes", safe, got.Turns, got.Model, len(got.Extra))
			}
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// killAfter runs a child until it reported acks saves, kills it and gives the
// last number it reported.
func killAfter(t *testing.T, dir string, acks int) (last int) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < acks && lines.Scan(); n++ {
		last = ack(t, lines.Text())
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for lines.Scan() {
		last = ack(t, lines.Text())
	}
	cmd.Wait()
	if last < acks {
		t.Fatalf("child stopped after %d saves", last)
	}
	return last
}

func ack(t *testing.T, line string) int {
	t.Helper()
	n, err := strconv.Atoi(line)
	if err != nil {
		t.Fatalf("child says %q", line)
	}
	return n
}
