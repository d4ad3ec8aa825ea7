package facts

import (
	"bytes"
	"encoding/binary"

	"ctpipe/internal/shell"
)

// indexFacts is what a repository's index says about its tracked files.
type indexFacts struct {
	secret bool // a tracked file has the name of a credential file, or that is not known
}

const maxIndex = 32 << 20

// readIndex looks through the names in a git index, versions 2 to 4. What it
// cannot read counts as holding a secret.
func readIndex(w World, name string) indexFacts {
	if _, err := w.Lstat(name); err != nil {
		return indexFacts{} // nothing is tracked yet
	}
	data, err := w.ReadFile(name, maxIndex)
	if err != nil || len(data) < 12 || string(data[:4]) != "DIRC" {
		return indexFacts{secret: true}
	}
	version, count := binary.BigEndian.Uint32(data[4:]), binary.BigEndian.Uint32(data[8:])
	pos, prev := 12, []byte(nil)
	for range count {
		path, next, ok := indexEntry(data, pos, version, prev)
		if !ok || shell.SecretName(string(path)) {
			return indexFacts{secret: true}
		}
		pos, prev = next, path
	}
	return indexFacts{secret: bytes.Contains(data[min(pos, len(data)):], []byte("link\x00"))} // a split index
}

// indexEntry reads the name of the entry at pos and where the next one begins.
func indexEntry(data []byte, pos int, version uint32, prev []byte) (path []byte, next int, ok bool) {
	if version < 2 || version > 4 || pos+62 > len(data) {
		return nil, 0, false
	}
	start := pos
	flags := binary.BigEndian.Uint16(data[pos+60:])
	pos += 62
	if version >= 3 && flags&0x4000 != 0 {
		pos += 2
	}
	var prefix []byte
	if version == 4 {
		strip, used := offsetVarint(data[min(pos, len(data)):])
		if used == 0 || strip > len(prev) {
			return nil, 0, false
		}
		prefix, pos = prev[:len(prev)-strip], pos+used
	}
	if pos > len(data) {
		return nil, 0, false
	}
	n := bytes.IndexByte(data[pos:], 0)
	if n < 0 {
		return nil, 0, false
	}
	path = append(append([]byte(nil), prefix...), data[pos:pos+n]...)
	if version == 4 {
		return path, pos + n + 1, true
	}
	size := pos + n - start
	return path, start + (size+8)&^7, true
}

// offsetVarint reads git's offset encoding: seven bits a byte, each carry adds one.
func offsetVarint(b []byte) (value, used int) {
	for i, c := range b {
		if i > 4 {
			return 0, 0
		}
		value = value<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return value, i + 1
		}
		value++
	}
	return 0, 0
}
