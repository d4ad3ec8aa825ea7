package stages

import "strings"

// settled cuts a growing text where a secret could be in the making: it must
// not be shown before it is known to be none. What is cut comes with a later
// flush.
func (s *redact) settled(text string) string {
	if s.lines {
		text = text[:strings.LastIndexByte(text, '\n')+1]
	}
	hold := min(s.ownTail(text), shapeTail(text), pemTail(text), namedTail(text), givenAt(text))
	return text[:hold]
}

// ownTail is where text ends with the beginning of one of ctpipe's own
// secrets; whole ones are out of it already.
func (s *redact) ownTail(text string) int {
	hold := len(text)
	for _, v := range s.own {
		for n := min(len(v)-1, len(text)); n > 0; n-- {
			if strings.HasSuffix(text, v[:n]) {
				hold = min(hold, len(text)-n)
				break
			}
		}
	}
	return hold
}

// shapeTail is where the last word of text begins to look like a credential.
// It may be a whole one that still grows.
func shapeTail(text string) int {
	from := wordStart(text)
	hold := len(text)
	for _, s := range shapes {
		if at := strings.Index(text[from:], s.lead); at >= 0 {
			hold = min(hold, from+at)
		}
	}
	return hold
}

// wordStart is where the run of characters that credentials are made of
// begins at the end of text.
func wordStart(text string) int {
	return strings.LastIndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.+/=~", r)
	}) + 1
}

// pemTail is where the head of a private key begins that is not complete.
func pemTail(text string) int {
	line := strings.LastIndexByte(text, '\n') + 1
	if at := strings.LastIndex(text[line:], pemBegin); at >= 0 {
		if strings.Contains(text[line+at+len(pemBegin):], "-----") {
			return len(text) // whole: clean sees what it is
		}
		return line + at
	}
	for n := len(pemBegin) - 1; n > 0; n-- {
		if strings.HasSuffix(text, pemBegin[:n]) {
			return len(text) - n
		}
	}
	return len(text)
}

// namedTail is where an address may be getting a password, or a header its
// token.
func namedTail(text string) int {
	hold := len(text)
	word := strings.LastIndexAny(text, " \t\r\n") + 1
	if at := strings.Index(text[word:], "://"); at >= 0 && !strings.ContainsAny(text[word+at+3:], "/@") {
		hold = word + at + 3
	}
	before := strings.TrimRight(text[:word], " \t")
	for _, name := range []string{"bearer", "basic"} {
		if len(before) >= len(name) && strings.EqualFold(before[len(before)-len(name):], name) {
			hold = min(hold, word)
		}
	}
	return hold
}

// containsFold is strings.Contains for a lower-case ASCII word, in any case.
func containsFold(s, word string) bool {
	first := word[:1] + strings.ToUpper(word[:1])
	for {
		at := strings.IndexAny(s, first)
		if at < 0 || len(s)-at < len(word) {
			return false
		}
		if strings.EqualFold(s[at:at+len(word)], word) {
			return true
		}
		s = s[at+1:]
	}
}

// Redactor returns a function that cleans text which is no show event: cards,
// notices, tool results.
func Redactor(b *Build) func(string) string { return redactOf(b).clean }
