package journal

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// DamageError says that lines of the journal could not be read. They were left
// out; everything else was delivered. The torn last line of a file, which a
// crash leaves, is no damage.
type DamageError struct {
	File  string // of the first such line
	Line  int    // counted from 1
	Lines int    // how many in all
	Err   error  // of the first
}

// Error names the first line.
func (e *DamageError) Error() string {
	return fmt.Sprintf("%s:%d: damaged journal line (%d in all): %v", e.File, e.Line, e.Lines, e.Err)
}

// Unwrap gives the first line's error.
func (e *DamageError) Unwrap() error { return e.Err }

// Read gives every record written at or after since to fn, oldest first, and
// stops at fn's first error, which it returns as it is. It may run beside a
// Writer. No journal at all is not an error.
func Read(dir string, since time.Time, fn func(Record) error) error {
	return scan(dir, since, func(line []byte) error {
		if at, ok := lineTime(line); ok && at.Before(since) {
			return nil
		}
		var r Record
		if err := json.Unmarshal(line, &r); err != nil {
			return &lineError{err}
		}
		if r.Time.Before(since) {
			return nil
		}
		return fn(r)
	})
}

// lineError is a fault of the line, not of who reads it.
type lineError struct{ error }

// scan gives fn every whole line of the files of since's day and later.
func scan(dir string, since time.Time, fn func([]byte) error) error {
	names, err := list(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var damage *DamageError
	day := since.UTC().Format(time.DateOnly)
	for _, n := range names {
		if n.day < day {
			continue
		}
		err := scanFile(filepath.Join(dir, n.String()), fn, &damage)
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // aged meanwhile
			return err
		}
	}
	if damage != nil {
		return damage
	}
	return nil
}

func scanFile(path string, fn func([]byte) error, damage **DamageError) error {
	f, err := openRead(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 256<<10)
	var long []byte
	for number := 1; ; number++ {
		line, err := lines.ReadSlice('\n')
		for long = long[:0]; errors.Is(err, bufio.ErrBufferFull); {
			long = append(long, line...)
			line, err = lines.ReadSlice('\n')
		}
		if len(long) > 0 {
			long = append(long, line...)
			line = long
		}
		if err == io.EOF {
			return nil // what is left is a torn line, or nothing
		}
		if err != nil {
			return fmt.Errorf("read journal %s: %w", path, err)
		}
		var bad *lineError
		if err := fn(line[:len(line)-1]); errors.As(err, &bad) {
			if *damage == nil {
				*damage = &DamageError{File: path, Line: number, Err: bad.error}
			}
			(*damage).Lines++
		} else if err != nil {
			return err
		}
	}
}

func openRead(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if err != nil {
		return nil, fmt.Errorf("open journal: %w", err)
	}
	return f, nil
}

// lineTime reads the time that a line begins with, without decoding the rest.
func lineTime(line []byte) (time.Time, bool) {
	rest, ok := bytes.CutPrefix(line, []byte(`{"time":"`))
	if !ok {
		return time.Time{}, false
	}
	stamp, _, ok := bytes.Cut(rest, []byte(`"`))
	if !ok {
		return time.Time{}, false
	}
	at, err := time.Parse(time.RFC3339Nano, string(stamp))
	return at, err == nil
}
