package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"ctpipe/pipeline"
)

// maxFile is the size in bytes up to which readAll reads a file.
const maxFile = 4 << 20

// readAll reads every file once, links followed. It fails, with an error for
// each file concerned, where one is missing, no regular file or over maxFile;
// errors.Is tells a missing one by fs.ErrNotExist.
func readAll(paths []string) (map[string][]byte, error) {
	files := make(map[string][]byte, len(paths))
	var errs []error
	for _, path := range paths {
		b, err := readFile(path)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		files[path] = b
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return files, nil
}

func readFile(path string) ([]byte, error) {
	// Without O_NONBLOCK a named pipe would wait for its writer.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, unreadable(path, "it is no regular file (%s)", info.Mode().Type())
	}
	b, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, err
	}
	if len(b) > maxFile {
		return nil, unreadable(path, "it has more than %d MiB", maxFile>>20)
	}
	return b, nil
}

func unreadable(path, format string, args ...any) error {
	return &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf(format, args...)}
}

// reason is why a file could not be read, for messages that name the file already.
func reason(err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		return at.Err
	}
	return err
}

// revision is the policy's name: 12 hex digits of a SHA-256 over names and
// bytes of its files, in the order of their names. It depends on the names as
// they are given, so give them relative to rules.toml.
func revision(files map[string][]byte) pipeline.Rev { return pipeline.Rev(digest(files)[:12]) }

// digest is the whole of what revision is the beginning of.
func digest(files map[string][]byte) string {
	sum := sha256.New()
	part := func(b []byte) {
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(b)))
		sum.Write(size[:])
		sum.Write(b)
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		part([]byte(name))
		part(files[name])
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// signature stands for what is on disk now under paths: the bytes of files, or
// why they cannot be read, and of directories those of their Lua files.
func signature(paths []string) pipeline.Rev {
	files := map[string][]byte{}
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			scripts, _ := filepath.Glob(filepath.Join(path, "*.lua")) // it fails only on a bad pattern
			for _, script := range scripts {
				sign(files, script)
			}
			continue
		}
		sign(files, path)
	}
	return revision(files)
}

func sign(files map[string][]byte, path string) {
	b, err := readFile(path)
	if err != nil {
		files[path+"\x00unreadable"] = []byte(err.Error())
		return
	}
	files[path] = b
}

// readDir gives the names in a directory.
func readDir(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.Readdirnames(-1)
}
