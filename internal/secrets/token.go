package secrets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"ctpipe/internal/home"
	"ctpipe/internal/rules"
)

// tokenWait bounds a token_cmd; tokenLinger is how long a process that it left
// behind may keep its output open.
const (
	tokenWait   = 20 * time.Second
	tokenLinger = time.Second
)

// Token gets the token of a platform from its one source: the file itself, a
// variable, a file that only its owner can read, or what a command prints. It
// takes as long as the command does, 20 s at most.
func (e *Env) Token(ctx context.Context, p rules.Platform) (string, error) {
	switch {
	case p.Token != "":
		return p.Token, nil
	case p.TokenEnv != "":
		if v, ok := e.Lookup(p.TokenEnv); ok && strings.TrimSpace(v) != "" {
			return strings.TrimSpace(v), nil
		}
		return "", fmt.Errorf("platform %s: token_env names %s, which is not set", p.ID, p.TokenEnv)
	case p.TokenFile != "":
		return tokenFile(p)
	}
	return tokenOf(ctx, p)
}

// tokenOf runs the command that prints a platform's token.
func tokenOf(ctx context.Context, p rules.Platform) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, tokenWait)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", p.TokenCmd)
	cmd.WaitDelay = tokenLinger
	out, err := cmd.Output()
	if err != nil && !errors.Is(err, exec.ErrWaitDelay) {
		return "", fmt.Errorf("platform %s: token_cmd: %w", p.ID, err)
	}
	if s := strings.TrimSpace(string(out)); s != "" {
		return s, nil
	}
	return "", errors.New("platform " + p.ID + ": token_cmd printed nothing")
}

// tokenFile reads a token file that only its owner can read. A name without a
// folder is first looked for among systemd's credentials.
func tokenFile(p rules.Platform) (string, error) {
	path := home.Expand(p.TokenFile)
	if dir := os.Getenv("CREDENTIALS_DIRECTORY"); dir != "" && filepath.Base(path) == path {
		path = filepath.Join(dir, path)
	}
	info, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("platform %s: token_file: %w", p.ID, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("platform %s: token_file %s can be read by others (%v): chmod 600 it", p.ID, path, info.Mode().Perm())
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("platform %s: token_file: %w", p.ID, err)
	}
	if s := strings.TrimSpace(string(raw)); s != "" {
		return s, nil
	}
	return "", errors.New("platform " + p.ID + ": token_file is empty")
}
