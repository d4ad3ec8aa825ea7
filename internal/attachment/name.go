package attachment

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"
	"unicode/utf8"

	"ctpipe/internal/markdown"
)

const (
	nameBytes = 120 // of a saved file's name, so that no file system refuses it
	sameMost  = 1000
)

// create makes a new file: image.png, else image-2.png and so on. What stands
// there already, a link too, is never opened.
func create(dir *os.Root, name string) (*os.File, string, error) {
	ext := path.Ext(name)
	stem := strings.TrimSuffix(name, ext)
	try := name
	for i := 2; ; i++ {
		f, err := dir.OpenFile(try, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if err == nil || !errors.Is(err, fs.ErrExist) || i > sameMost {
			return f, try, err
		}
		try = fmt.Sprintf("%s-%d%s", stem, i, ext)
	}
}

// fileName is what an attachment is called on disk: the last part of its name,
// without control or hidden characters, never a dot file.
func fileName(name string) string {
	name = markdown.Stripped(name)
	if i := strings.LastIndexAny(name, "/\\\n"); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if r == '\t' || strings.ContainsRune("`<>|:*?\"[]()", r) {
			return '_'
		}
		return r
	}, name)
	name = strings.TrimRight(strings.TrimLeft(name, " .-~"), " .")
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	stem := strings.TrimSuffix(name, ext)
	for len(stem)+len(ext) > nameBytes {
		_, n := utf8.DecodeLastRuneInString(stem)
		stem = stem[:len(stem)-n]
	}
	if name = stem + ext; name == "" || stem == "" {
		name = "file" + ext
	}
	return name
}
