//go:build race

package session

// underRace: the race detector runs, which takes ten times as long.
const underRace = true
