package shell

import (
	"strings"
	"testing"
)

func BenchmarkTwoCommands(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Analyze("git status && git log -3 | head", world)
	}
}

func BenchmarkTypicalEdit(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Analyze(`cd sub && grep -rn "func main" --include='*.go' . | sort -u > out.txt`, world)
	}
}

func BenchmarkWorst16KiB(b *testing.B) {
	for _, s := range hostile() {
		b.Run(strings.ReplaceAll(s[:min(8, len(s))], "\n", "/"), func(b *testing.B) {
			for b.Loop() {
				Analyze(s, world)
			}
		})
	}
}
