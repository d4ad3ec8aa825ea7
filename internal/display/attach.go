package display

import "fmt"

// Attached is a file to go with a call's line.
type Attached struct {
	Name string // letters, digits, dots, dashes and underscores
	Data []byte
}

// attachedBytes bounds a file; what is beyond is counted at its end.
const attachedBytes = 1 << 20

// Attachments is what the File verbosity leaves out of a call that has ended:
// each body that does not fit, whole. The texts are as the tool gave them: they
// have not passed redaction.
func Attachments(name string, input map[string]any, out Outcome, o Options) []Attached {
	if o.verbosity() != File || own(name) {
		return nil
	}
	var files []Attached
	o.room = fullRunes
	v := viewEnded(name, input, out, o)
	for _, b := range append(v.before, v.after...) {
		whole := b.full || b.fits(o)
		if o.room -= runes(b.show(o)); whole {
			continue
		}
		data := []byte(b.text)
		if cut := len(data) - attachedBytes; cut > 0 {
			data = append(data[:attachedBytes:attachedBytes], fmt.Sprintf("\n… %s more\n", bytesOf(int64(cut)))...)
		}
		files = append(files, Attached{Name: b.file, Data: data})
	}
	return files
}
