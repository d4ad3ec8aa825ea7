package journal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"ctpipe/pipeline"
)

// Last gives the last n records of the given kinds (of all, if none is given),
// oldest first. It reads files from their end, so its time depends on n and
// not on the size of the journal. Damaged lines are left out.
func Last(dir string, n int, kinds ...pipeline.Kind) ([]Record, error) {
	names, err := list(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var marks [][]byte
	for _, k := range kinds {
		marks = append(marks, fmt.Appendf(nil, `"kind":%q`, k))
	}
	var found []Record
	for i := len(names) - 1; i >= 0 && len(found) < n; i-- {
		f, err := openRead(filepath.Join(dir, names[i].String()))
		if errors.Is(err, fs.ErrNotExist) {
			continue // aged meanwhile
		}
		if err != nil {
			return nil, err
		}
		err = backward(f, func(line []byte) bool {
			var r Record
			if marked(line, marks) && json.Unmarshal(line, &r) == nil && (len(kinds) == 0 || slices.Contains(kinds, r.Event.Kind)) {
				found = append(found, r)
			}
			return len(found) < n
		})
		if err = errors.Join(err, f.Close()); err != nil {
			return nil, fmt.Errorf("read journal backwards: %w", err)
		}
	}
	slices.Reverse(found)
	return found, nil
}

// marked spares the decoding of lines of other kinds. A mark may also stand in
// a text, so that it proves nothing.
func marked(line []byte, marks [][]byte) bool {
	if len(marks) == 0 {
		return true
	}
	return slices.ContainsFunc(marks, func(m []byte) bool { return bytes.Contains(line, m) })
}

const block = 64 << 10

// backward gives fn the whole lines of a file from the last to the first, as
// long as it returns true. A line is valid until fn returns.
func backward(f *os.File, fn func(line []byte) bool) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	var rest []byte // read, but its beginning is not
	torn := true    // nothing is whole before the first line feed from the end
	step := int64(block)
	for at := info.Size(); at > 0; {
		n := min(step, at)
		at -= n
		buf := make([]byte, n, n+int64(len(rest)))
		if _, err := f.ReadAt(buf, at); err != nil && err != io.EOF {
			return err
		}
		buf = append(buf, rest...)
		end := bytes.LastIndexByte(buf, '\n')
		if end < 0 {
			step *= 2 // a line longer than a block
		}
		for ; end >= 0; end = bytes.LastIndexByte(buf, '\n') {
			if line := buf[end+1:]; !torn && len(line) > 0 && !fn(line) {
				return nil
			}
			torn = false
			buf = buf[:end]
		}
		rest = buf
	}
	if !torn && len(rest) > 0 {
		fn(rest)
	}
	return nil
}
