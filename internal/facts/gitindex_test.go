package facts

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/internal/shell"
)

// varint is git's offset encoding, the other way round.
func varint(n int) []byte {
	out := []byte{byte(n & 0x7f)}
	for n >>= 7; n > 0; n >>= 7 {
		n--
		out = append(out, byte(n&0x7f)|0x80)
	}
	slices.Reverse(out)
	return out
}

// anIndex is an index of these names as git writes it, without its checksum; end
// says where each entry ends.
func anIndex(version uint32, names []string, extended bool) (data []byte, end []int) {
	data = append(data, "DIRC"...)
	data = binary.BigEndian.AppendUint32(data, version)
	data = binary.BigEndian.AppendUint32(data, uint32(len(names)))
	prev := ""
	for _, name := range names {
		start := len(data)
		data = append(data, make([]byte, 60)...)
		flags := uint16(min(len(name), 0xfff))
		if extended && version >= 3 {
			flags |= 0x4000
		}
		data = binary.BigEndian.AppendUint16(data, flags)
		if flags&0x4000 != 0 {
			data = append(data, 0, 0)
		}
		if version == 4 {
			same := 0
			for same < len(prev) && same < len(name) && prev[same] == name[same] {
				same++
			}
			data = append(append(data, varint(len(prev)-same)...), name[same:]...)
			data = append(data, 0)
		} else {
			data = append(data, name...)
			size := len(data) - start
			data = append(data, make([]byte, 8-size%8)...)
		}
		prev = name
		end = append(end, len(data))
	}
	return data, end
}

// Of every version of the index, each name is seen; one that is cut off or that
// is of no known form counts as holding a secret (G1, S1).
func TestIndexNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index")
	part := rapid.OneOf(rapid.SampledFrom([]string{".env", "id_rsa", "a.pem", "main.go", "src", "README"}), rapid.StringMatching(`[a-z]{1,200}`))
	rapid.Check(t, func(t *rapid.T) {
		version := rapid.Uint32Range(2, 4).Draw(t, "version")
		names := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) string {
			return filepath.Join(rapid.SliceOfN(part, 1, 4).Draw(t, "parts")...)
		}), 0, 12).Draw(t, "names")
		slices.Sort(names)
		data, ends := anIndex(version, names, rapid.Bool().Draw(t, "extended"))
		read := func(data []byte) bool {
			if err := os.WriteFile(path, data, 0o600); err != nil {
				t.Fatal(err)
			}
			return readIndex(Disk{}, path).secret
		}
		if got, want := read(data), slices.ContainsFunc(names, shell.SecretName); got != want {
			t.Fatalf("version %d of %q: secret %v, want %v", version, names, got, want)
		}
		if len(ends) > 0 {
			cut := rapid.IntRange(0, ends[len(ends)-1]-9).Draw(t, "cut")
			if !read(data[:cut]) {
				t.Fatalf("version %d of %q: the first %d of %d bytes hold no secret", version, names, cut, len(data))
			}
		}
		if !read(append(slices.Clone(data), "link\x00\x00\x00\x00"...)) {
			t.Fatal("a split index counts as the whole")
		}
		binary.BigEndian.PutUint32(data[4:], rapid.SampledFrom([]uint32{0, 1, 5, 1 << 31}).Draw(t, "other version"))
		if len(names) > 0 && !read(data) {
			t.Fatal("a version that nobody knows is read")
		}
	})
}

// Whatever bytes stand in an index, reading them ends.
func FuzzIndex(f *testing.F) {
	for version := range uint32(6) {
		data, _ := anIndex(version, []string{"a/.env", "a/b", "c"}, true)
		f.Add(data)
	}
	path := filepath.Join(f.TempDir(), "index")
	f.Fuzz(func(t *testing.T, data []byte) {
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		readIndex(Disk{}, path)
	})
}
