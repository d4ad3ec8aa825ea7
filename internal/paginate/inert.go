package paginate

import (
	"unicode/utf8"

	"ctpipe/internal/markdown"
)

// Inert cuts an inert text into pages that are each inert by themselves: a cut
// may part a code span or a mail address, and what stood in code or within a
// word would then mention somebody.
func Inert(text string, limit int) []string {
	var pages []string
	for _, page := range Pages(text, limit) {
		pages = append(pages, inertPage(page, limit, inertTries)...)
	}
	return pages
}

// inertTries bounds how often a page is cut again that grew over the limit.
const inertTries = 4

func inertPage(page string, limit, tries int) []string {
	inert := markdown.Inert(page)
	if utf8.RuneCountInString(inert) <= limit {
		return []string{inert}
	}
	var pages []string
	if tries == 0 {
		for inert != "" { // no markdown is left in it that could act
			end := byteOf(inert, limit)
			pages = append(pages, inert[:end])
			inert = inert[end:]
		}
		return pages
	}
	for _, part := range Pages(inert, limit) {
		pages = append(pages, inertPage(part, limit, tries-1)...)
	}
	return pages
}
