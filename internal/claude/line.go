package claude

import (
	"bufio"
	"errors"
	"fmt"
	"io"
)

// ErrLineTooLong is why a process was stopped that wrote a line over
// Limits.Line. (The image of one Read comes twice in one line: lines of tens of
// megabytes are normal.)
var ErrLineTooLong = errors.New("line of the CLI is too long")

// lineReader cuts a stream into lines of any length up to a limit. Reads may
// split it anywhere, also inside a character.
type lineReader struct {
	r     *bufio.Reader
	limit int
}

func newLineReader(r io.Reader, limit int) *lineReader {
	return &lineReader{r: bufio.NewReaderSize(r, 64<<10), limit: limit}
}

// next gives the next line without its line end, in memory of its own. A last
// line without a newline counts: the CLI died while writing it.
func (l *lineReader) next() ([]byte, error) {
	var line []byte
	for {
		piece, err := l.r.ReadSlice('\n')
		if len(line)+len(piece) > l.limit+1 {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrLineTooLong, l.limit)
		}
		line = append(line, piece...)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(line) == 0:
			return nil, err
		}
		return trimEOL(line), nil
	}
}

func trimEOL(line []byte) []byte {
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	return line
}
