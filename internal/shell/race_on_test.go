//go:build race

package shell

const raceFactor = 10
