//go:build race

package hooks

const raceFactor = 4 // the race detector makes everything slower
