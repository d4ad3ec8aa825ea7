package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ctpipe/pipeline"
)

// Record is one run, as a line of the journal. Time comes first and the event's
// id first in the event: readers look for both before they decode a line.
type Record struct {
	Time     time.Time         `json:"time"`           // when it was appended; set by Append if zero
	Prev     string            `json:"prev,omitempty"` // kept free for the hash chain
	Event    pipeline.Event    `json:"event"`
	Votes    []pipeline.Vote   `json:"votes,omitempty"`
	Verdict  pipeline.Verdict  `json:"verdict"`
	Settings pipeline.Settings `json:"settings,omitzero"`
	Rev      pipeline.Rev      `json:"rev"`
	TookUS   int64             `json:"took_us"`         // microseconds the chain took
	Steps    []pipeline.Step   `json:"steps,omitempty"` // not kept for show runs
	// Reads are what hooks took from their memory, by hook: judged again with
	// them, they answer as they did. Not kept for show runs.
	Reads    map[string][]pipeline.Read `json:"reads,omitempty"`
	Labels   map[string]string          `json:"labels,omitempty"` // that hooks put on the run
	ShowHash string                     `json:"show,omitempty"`   // of a show run: SHA-256 of its text, hex; Event.Show.Bytes has the size
	Cut      []Cut                      `json:"cut,omitempty"`    // strings that were too long to keep
	Lost     int64                      `json:"lost,omitempty"`   // records before this one that were not written
}

// Replayable reports whether the event is as it was when it was judged. Where
// it is not, Cut and ShowHash say what is missing.
func (r *Record) Replayable() bool { return len(r.Cut) == 0 && r.ShowHash == "" }

// Cut is a string of which only the head was kept, in its place.
type Cut struct {
	Path   string `json:"path"`   // as rules write it, lists by index: "tool.input.content"
	SHA256 string `json:"sha256"` // of the whole string, hex
	Bytes  int    `json:"bytes"`  // of the whole string
}

const (
	longString = 64 << 10 // bytes; a longer string is kept as hash, size and head
	keptHead   = 1 << 10  // bytes
)

// encode appends the record's line to dst.
func encode(dst *bytes.Buffer, r *Record) error {
	line := *r
	line.Time = line.Time.UTC()
	if line.Event.Kind == pipeline.KindShow {
		sum := sha256.Sum256([]byte(line.Event.Show.Text))
		line.ShowHash = hex.EncodeToString(sum[:])
		line.Event.Show.Bytes = len(line.Event.Show.Text)
		line.Event.Show.Text, line.Event.Show.Before = "", ""
		line.Steps, line.Reads = nil, nil
	}
	start := dst.Len()
	if err := marshal(dst, &line); err != nil {
		dst.Truncate(start)
		return err
	}
	if dst.Len()-start <= longString { // so no string in it is longer
		return nil
	}
	short, err := cut(dst.Bytes()[start:])
	dst.Truncate(start)
	if err != nil {
		return err
	}
	return marshal(dst, short)
}

// marshal writes v and a line feed.
func marshal(dst *bytes.Buffer, v any) error {
	enc := json.NewEncoder(dst)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// cut decodes a line, shortens its long strings and lists them. The caller's
// event is shared with others and stays as it is.
func cut(line []byte) (*Record, error) {
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.UseNumber()
	var tree any
	if err := dec.Decode(&tree); err != nil {
		return nil, err
	}
	var cuts []Cut
	short, err := json.Marshal(shorten(tree, nil, &cuts))
	if err != nil {
		return nil, err
	}
	var r Record
	if err := json.Unmarshal(short, &r); err != nil {
		return nil, err
	}
	slices.SortFunc(cuts, func(a, b Cut) int { return strings.Compare(a.Path, b.Path) })
	r.Cut = append(r.Cut, cuts...)
	return &r, nil
}

func shorten(v any, path []string, cuts *[]Cut) any {
	switch v := v.(type) {
	case string:
		if len(v) <= longString {
			return v
		}
		sum := sha256.Sum256([]byte(v))
		*cuts = append(*cuts, Cut{Path: factPath(path), SHA256: hex.EncodeToString(sum[:]), Bytes: len(v)})
		return head(v)
	case map[string]any:
		for key, item := range v {
			v[key] = shorten(item, append(path, key), cuts)
		}
	case []any:
		for i, item := range v {
			v[i] = shorten(item, append(path, strconv.Itoa(i)), cuts)
		}
	}
	return v
}

// factPath names what was cut as rules name it: they know no "event.".
func factPath(path []string) string {
	if len(path) > 1 && path[0] == "event" {
		path = path[1:]
	}
	return strings.Join(path, ".")
}

// head is the beginning of s, cut between runes.
func head(s string) string {
	end := keptHead
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// weight is about how much memory a record holds while it waits.
func weight(r *Record) int64 {
	e := &r.Event
	n := 4<<10 + len(e.Post.Text) + len(e.Show.Text) + len(e.Start.Prompt) + len(e.Command.Text) + len(e.Notice.Text)
	for _, v := range e.Tool.Input {
		if s, ok := v.(string); ok {
			n += len(s)
		}
	}
	return int64(n)
}
