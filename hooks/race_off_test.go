//go:build !race

package hooks

const raceFactor = 1
