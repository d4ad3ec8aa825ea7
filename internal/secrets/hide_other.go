//go:build !linux

package secrets

// Hide has nothing to hide from where there is no /proc.
func Hide(rulesFile, token string) (*Env, error) { return &Env{}, nil }
