package secrets

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"ctpipe/internal/rules"

	"golang.org/x/sys/unix"
)

// secretsFD names the pipe by which a re-executed ctpipe gets the tokens.
const secretsFD = "CTPIPE_SECRETS_FD"

// maxHandedOn is the size in bytes of what goes through the pipe at most: the
// kernel must hold it, since nobody reads it before the re-execution.
const maxHandedOn = 32 << 10

// Hide makes sure that no process of the same user finds a token in /proc: one
// that came by environment or by -token is passed through a pipe to a
// re-executed self that has neither, and the process cannot be read or dumped.
// It must come before anything that a second execution must not repeat, and
// does not return where it re-executes. The names of the variables that hold
// tokens stand in rulesFile; token is the value of -token.
func Hide(rulesFile, token string) (*Env, error) {
	taken, err := takeOver()
	if err != nil {
		return nil, err
	}
	if taken[flagToken] == "" {
		if found := exposed(rulesFile, token); len(found) > 0 {
			return nil, reexec(found)
		}
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return nil, fmt.Errorf("keeping the process's memory private: %w", err)
	}
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return nil, fmt.Errorf("switching core dumps off: %w", err)
	}
	return &Env{taken: taken}, nil
}

// exposed finds the tokens in this process's environment and argv.
func exposed(rulesFile, token string) map[string]string {
	found := map[string]string{}
	if token != "" {
		found[flagToken] = token
	}
	names := []string{"CTPIPE_TOKEN"}
	if src, err := os.ReadFile(rulesFile); err == nil {
		file, _ := rules.Parse(filepath.Base(rulesFile), src)
		for _, p := range file.Platforms {
			names = append(names, p.TokenEnv)
		}
	}
	for _, name := range names {
		if v := os.Getenv(name); name != "" && v != "" {
			found[name] = v
		}
	}
	return found
}

// reexec replaces this process by one that has the tokens in a pipe only.
func reexec(found map[string]string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("passing tokens on: %w", err)
	}
	raw, err := json.Marshal(found)
	if err == nil && len(raw) > maxHandedOn {
		err = fmt.Errorf("%d bytes of tokens are too many", len(raw))
	}
	if err == nil {
		_, err = w.Write(raw)
	}
	if err != nil {
		return fmt.Errorf("passing tokens on: %w", err)
	}
	w.Close()
	fd, err := unix.Dup(int(r.Fd())) // without close-on-exec
	if err != nil {
		return fmt.Errorf("passing tokens on: %w", err)
	}
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		_, secret := found[name]
		return secret
	})
	self, err := os.Executable()
	if err != nil {
		return fmt.Errorf("passing tokens on: %w", err)
	}
	err = unix.Exec(self, withoutToken(os.Args), append(env, secretsFD+"="+strconv.Itoa(fd)))
	return fmt.Errorf("starting again without the token in sight: %w", err)
}

// withoutToken drops -token and its value from an argv.
func withoutToken(argv []string) []string {
	var out []string
	for i := 0; i < len(argv); i++ {
		name, _, whole := strings.Cut(strings.TrimLeft(argv[i], "-"), "=")
		if strings.HasPrefix(argv[i], "-") && name == "token" {
			if !whole {
				i++
			}
			continue
		}
		out = append(out, argv[i])
	}
	return out
}

// takeOver reads what the process before handed on; nil for nothing.
func takeOver() (map[string]string, error) {
	text := os.Getenv(secretsFD)
	if text == "" {
		return nil, nil
	}
	os.Unsetenv(secretsFD)
	fd, err := strconv.Atoi(text)
	if err != nil || fd < 3 {
		return nil, fmt.Errorf("%s=%s names no pipe", secretsFD, text)
	}
	f := os.NewFile(uintptr(fd), "secrets")
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 2*maxHandedOn))
	if err != nil {
		return nil, fmt.Errorf("taking tokens over: %w", err)
	}
	var taken map[string]string
	if err := json.Unmarshal(raw, &taken); err != nil {
		return nil, fmt.Errorf("taking tokens over: %w", err)
	}
	return taken, nil
}
