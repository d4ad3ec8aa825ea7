package claude

import "bytes"

// peekTypes finds "type" and "subtype" of an object without decoding the rest:
// lines can hold tens of megabytes in one string, and each pass of
// encoding/json over them is felt. It trusts nothing: ok is false unless both
// are plainly written strings, and the caller compares with what the real
// decoder finds.
func peekTypes(obj []byte) (kind, subtype string, ok bool) {
	i := skipSpace(obj, 0)
	if i >= len(obj) || obj[i] != '{' {
		return "", "", false
	}
	for i++; ; i++ {
		i = skipSpace(obj, i)
		key, next := plainString(obj, i)
		if next < 0 {
			return kind, subtype, i < len(obj) && obj[i] == '}' && kind != ""
		}
		i = skipSpace(obj, next)
		if i >= len(obj) || obj[i] != ':' {
			return "", "", false
		}
		i = skipSpace(obj, i+1)
		if k := string(key); k == "type" || k == "subtype" {
			value, next := plainString(obj, i)
			if next < 0 {
				return "", "", false
			}
			if k == "type" {
				kind = string(value)
			} else {
				subtype = string(value)
			}
			i = next
		} else if i = skipValue(obj, i); i < 0 {
			return "", "", false
		}
		i = skipSpace(obj, i)
		if i >= len(obj) || obj[i] != ',' {
			return kind, subtype, i < len(obj) && obj[i] == '}' && kind != ""
		}
	}
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// plainString reads a string without escapes at i; next is -1 if there is none.
func plainString(b []byte, i int) (s []byte, next int) {
	if i >= len(b) || b[i] != '"' {
		return nil, -1
	}
	end := skipString(b, i)
	if end < 0 || bytes.IndexByte(b[i+1:end-1], '\\') >= 0 {
		return nil, -1
	}
	return b[i+1 : end-1], end
}

// skipString gives the index after the string that begins at i, or -1.
func skipString(b []byte, i int) int {
	for i++; i < len(b); i++ {
		n := bytes.IndexByte(b[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		slashes := 0
		for b[i-1-slashes] == '\\' { // ends at the opening quote at the latest
			slashes++
		}
		if slashes%2 == 0 {
			return i + 1
		}
	}
	return -1
}

// skipValue gives the index after the value at i, or -1.
func skipValue(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			if i = skipString(b, i); i < 0 {
				return -1
			}
			if depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth < 0 {
				return i // the end of what holds the value
			}
			if depth == 0 {
				return i + 1
			}
		case ',':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return -1
}
