package rules

import (
	"strconv"
	"strings"
)

// The TOML library keeps one position per dotted path, so that for [[rule]] it
// reports the last table's lines for all of them, and it exports none at all.
// This file finds the place of every key and value itself: one scan over text
// that the library has already accepted.

// span is a stretch of the source, in bytes.
type span struct{ from, to int }

// quote is how a string is written; it decides whether offsets in its value
// are offsets in the file.
type quote uint8

const (
	notString quote = iota
	literal         // '…' or '''…'''
	basic           // "…" or """…""" without escapes
	escaped         // with escapes: offsets do not map
)

// node is the place of a table, array or value.
type node struct {
	key   span // the key's last part, or the header's
	val   span // the value; of a table its header
	body  int  // of a string: where its first character stands
	quote quote
	kids  map[string]*node
	order []string // keys of kids in file order
	elems []*node  // of an array
	list  bool     // an array of tables ([[x]])
}

func (n *node) kid(key string) *node {
	if n == nil {
		return nil
	}
	return n.kids[key]
}

func (n *node) elem(i int) *node {
	if n == nil || i >= len(n.elems) {
		return nil
	}
	return n.elems[i]
}

func (n *node) add(key string, at span) *node {
	if k, ok := n.kids[key]; ok {
		return k
	}
	k := &node{key: at, val: at}
	if n.kids == nil {
		n.kids = map[string]*node{}
	}
	n.kids[key] = k
	n.order = append(n.order, key)
	return k
}

// keyIndex is the result of the scan.
type keyIndex struct {
	root *node
	keys [][]string // every key as the decoder lists it, in document order
}

// scanner walks a document that is known to be valid.
type scanner struct {
	src string
	i   int
	idx keyIndex
}

// indexKeys scans src, which the decoder must have accepted. ok is false if
// the scan did not reach the end, which the caller treats as "no positions".
func indexKeys(src string) (idx keyIndex, ok bool) {
	s := &scanner{src: src, idx: keyIndex{root: &node{}}}
	defer func() {
		if recover() != nil {
			idx, ok = keyIndex{root: &node{}}, false
		}
	}()
	s.document()
	return s.idx, true
}

func (s *scanner) document() {
	table, prefix := s.idx.root, []string(nil)
	for s.blank(); s.i < len(s.src); s.blank() {
		start := s.i
		switch {
		case strings.HasPrefix(s.src[s.i:], "[["):
			s.i += 2
			path, spans := s.keyPath()
			s.i += 2
			table, prefix = s.header(path, spans, span{start, s.i}, true), path
		case s.src[s.i] == '[':
			s.i++
			path, spans := s.keyPath()
			s.i++
			table, prefix = s.header(path, spans, span{start, s.i}, false), path
		default:
			s.pair(table, prefix)
		}
	}
}

// header enters [path] or [[path]].
func (s *scanner) header(path []string, spans []span, whole span, list bool) *node {
	n := s.idx.root
	for i, part := range path {
		last := i == len(path)-1
		n = n.add(part, spans[i])
		switch {
		case last && list:
			n.list = true
			n.elems = append(n.elems, &node{key: spans[i], val: whole})
			n = n.elems[len(n.elems)-1]
		case n.list:
			n = n.elems[len(n.elems)-1]
		}
		if last {
			n.key, n.val = spans[i], whole
		}
	}
	s.idx.keys = append(s.idx.keys, path)
	return n
}

// pair reads key = value into table.
func (s *scanner) pair(table *node, prefix []string) {
	path, spans := s.keyPath()
	full := append(append([]string{}, prefix...), path...)
	for i, part := range path {
		table = table.add(part, spans[i])
	}
	table.key = spans[len(spans)-1]
	s.idx.keys = append(s.idx.keys, full)
	s.i++ // =
	s.space()
	s.value(table, full)
}

// keyPath reads a dotted key up to the = or ] that ends it.
func (s *scanner) keyPath() (path []string, spans []span) {
	for {
		s.space()
		start := s.i
		var part string
		switch s.src[s.i] {
		case '"':
			end := s.shortString('"')
			part = s.src[start+1 : end-1]
			if strings.Contains(part, `\`) {
				if u, err := strconv.Unquote(s.src[start:end]); err == nil {
					part = u
				}
			}
		case '\'':
			end := s.shortString('\'')
			part = s.src[start+1 : end-1]
		default:
			for !strings.ContainsRune(" \t.=]", rune(s.src[s.i])) {
				s.i++
			}
			part = s.src[start:s.i]
		}
		path, spans = append(path, part), append(spans, span{start, s.i})
		s.space()
		if s.src[s.i] != '.' {
			return path, spans
		}
		s.i++
	}
}

func (s *scanner) value(n *node, path []string) {
	start := s.i
	switch c := s.src[s.i]; {
	case c == '"' || c == '\'':
		s.stringValue(n, c)
	case c == '[':
		s.array(n, path)
	case c == '{':
		s.inlineTable(n, path)
	default:
		for s.i < len(s.src) && !strings.ContainsRune(",]}#\r\n", rune(s.src[s.i])) {
			s.i++
		}
		s.i = start + len(strings.TrimRight(s.src[start:s.i], " \t"))
	}
	n.val = span{start, s.i}
}

func (s *scanner) array(n *node, path []string) {
	s.i++
	for s.blank(); s.src[s.i] != ']'; s.blank() {
		elem := &node{}
		s.value(elem, path)
		elem.key = elem.val
		n.elems = append(n.elems, elem)
		if s.blank(); s.src[s.i] == ',' {
			s.i++
		}
	}
	s.i++
}

func (s *scanner) inlineTable(n *node, path []string) {
	s.i++
	for s.blank(); s.src[s.i] != '}'; s.blank() {
		s.pair(n, path)
		if s.blank(); s.src[s.i] == ',' {
			s.i++
		}
	}
	s.i++
}

func (s *scanner) stringValue(n *node, q byte) {
	start := s.i
	triple := strings.Repeat(string(q), 3)
	if !strings.HasPrefix(s.src[s.i:], triple) {
		end := s.shortString(q)
		n.body, n.quote = start+1, quoteOf(q, s.src[start:end])
		return
	}
	s.i += 3
	n.body = s.i
	switch { // the decoder drops a line break right after the opener
	case strings.HasPrefix(s.src[s.i:], "\r\n"):
		n.body += 2
	case strings.HasPrefix(s.src[s.i:], "\n"):
		n.body++
	}
	for !strings.HasPrefix(s.src[s.i:], triple) {
		if q == '"' && s.src[s.i] == '\\' {
			s.i++
		}
		s.i++
	}
	s.i += 3
	for k := 0; k < 2 && s.i < len(s.src) && s.src[s.i] == q; k++ {
		s.i++ // up to two quotes may belong to the value
	}
	n.quote = quoteOf(q, s.src[start:s.i])
}

func quoteOf(q byte, text string) quote {
	switch {
	case q == '\'':
		return literal
	case strings.Contains(text, `\`):
		return escaped
	}
	return basic
}

// shortString skips a one-line string and returns the offset after it.
func (s *scanner) shortString(q byte) int {
	for s.i++; s.src[s.i] != q; s.i++ {
		if q == '"' && s.src[s.i] == '\\' {
			s.i++
		}
	}
	s.i++
	return s.i
}

func (s *scanner) space() {
	for s.i < len(s.src) && (s.src[s.i] == ' ' || s.src[s.i] == '\t') {
		s.i++
	}
}

// blank skips white space, line breaks and comments.
func (s *scanner) blank() {
	for s.i < len(s.src) {
		switch s.src[s.i] {
		case ' ', '\t', '\r', '\n':
			s.i++
		case '#':
			for s.i < len(s.src) && s.src[s.i] != '\n' {
				s.i++
			}
		default:
			return
		}
	}
}
