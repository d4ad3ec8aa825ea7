package main

import "testing"

// long leaves a test out of `make quick`, for the reason given.
func long(t *testing.T, why string) {
	t.Helper()
	if testing.Short() {
		t.Skip(why)
	}
}
