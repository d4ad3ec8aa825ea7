//go:build race

package desk

// underRace: the race detector runs, which takes ten times as long.
const underRace = true
