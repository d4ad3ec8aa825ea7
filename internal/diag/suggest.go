package diag

import (
	"slices"
	"strings"
)

// Suggest returns the candidate that word was probably meant to be, or "" when
// none is near enough. Nearness is the edit distance (insertion, deletion,
// substitution, swap of neighbours), one edit for every three characters of
// the word allowed, with at least one; letter case costs nothing. Of equally
// near candidates the alphabetically first wins.
func Suggest(word string, candidates []string) string {
	limit := max(1, len([]rune(word))/3)
	best, bestDist := "", limit+1
	for _, c := range slices.Sorted(slices.Values(candidates)) {
		if c == word {
			continue
		}
		if d := distance(strings.ToLower(word), strings.ToLower(c)); d < bestDist {
			best, bestDist = c, d
		}
	}
	return best
}

func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	if len(s)-len(t) > 8 || len(t)-len(s) > 8 || len(s) > 64 || len(t) > 64 {
		return 100
	}
	before, prev, cur := make([]int, len(t)+1), make([]int, len(t)+1), make([]int, len(t)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(s); i++ {
		cur[0] = i
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				cur[j] = min(cur[j], before[j-2]+1)
			}
		}
		before, prev, cur = prev, cur, before
	}
	return prev[len(t)]
}
