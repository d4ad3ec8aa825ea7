package state

import (
	"bytes"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// goodDB is the bytes of a closed database with one session in it.
func goodDB(t *testing.T) []byte {
	t.Helper()
	dir := home(t)
	s := open(t, dir)
	if err := s.SaveSession(deadline(t), Session{ID: "s", Thread: "t", Extra: []byte(`"` + strings.Repeat("x", 9000) + `"`)}); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(dir, dbName))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// DATA-01: a damaged database is kept aside, a warning says where, and the
// service goes on.
func TestDamagedKeptAsideDATA01(t *testing.T) {
	good := goodDB(t)
	cases := map[string][]byte{
		"empty":    {},
		"braces":   []byte("{}"),
		"text":     bytes.Repeat([]byte("not a database\n"), 1000),
		"header":   append([]byte("XQLite"), good[6:]...),
		"zeroed":   make([]byte, len(good)),
		"schema":   flip(good, 110, 3000),
		"foreign":  foreignDB(t),
		"no app":   flip(good, 68, 72),
		"page two": flip(good, 4096, 4200),
	}
	for cut := 1; cut < len(good); cut += 3001 {
		cases[fmt.Sprintf("cut at %d", cut)] = good[:cut]
	}
	for name, content := range cases {
		t.Run(name, func(t *testing.T) {
			dir := home(t)
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, dbName), content, 0o600); err != nil {
				t.Fatal(err)
			}
			s := open(t, dir)
			got := notes(t, s)
			kept, _ := filepath.Glob(filepath.Join(dir, dbName+".corrupt-20261122T180000Z"))
			if len(kept) != 1 || len(got) != 1 || !strings.Contains(got[0], kept[0]) {
				t.Fatalf("kept %q, notes %q", kept, got)
			}
			if b, _ := os.ReadFile(kept[0]); !bytes.Equal(b, content) {
				t.Error("the file kept aside is not what was there")
			}
			if err := s.SaveSession(deadline(t), Session{ID: "s", Thread: "t"}); err != nil {
				t.Error(err)
			}
		})
	}
}

// DATA-01: nothing kept aside is overwritten, and side files go along.
func TestKeptAsideTwiceDATA01(t *testing.T) {
	dir := home(t)
	for round := 1; round <= 3; round++ {
		s := open(t, dir)
		notes(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		for _, name := range files(filepath.Join(dir, dbName)) {
			if err := os.WriteFile(name, fmt.Appendf(nil, "damage %d", round), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	notes(t, open(t, dir))
	for round, name := range map[int]string{1: "", 2: "-2", 3: "-3"} {
		for _, path := range files(filepath.Join(dir, dbName+".corrupt-20261122T180000Z"+name)) {
			if b, err := os.ReadFile(path); string(b) != fmt.Sprintf("damage %d", round) {
				t.Errorf("%s: %q, %v", path, b, err)
			}
		}
	}
}

// DATA-01: a damaged database whose last writes are still in its log is kept
// with the log, both as they were.
func TestDamageWithLogKeptDATA01(t *testing.T) {
	live := home(t)
	s := open(t, live)
	for n := range 5 {
		if err := s.SaveSession(deadline(t), numbered(n+1)); err != nil {
			t.Fatal(err)
		}
	}
	dir := home(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	was := map[string][]byte{}
	for i, name := range files(filepath.Join(live, dbName))[:2] {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			b = flip(b, 3*4096, len(b))
		}
		was[filepath.Base(name)] = b
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(name)), b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got := notes(t, open(t, dir)); len(got) != 1 {
		t.Fatalf("notes %q", got)
	}
	for name, want := range was {
		name = strings.Replace(name, dbName, dbName+".corrupt-20261122T180000Z", 1)
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want the %d that were there; %v", name, len(got), len(want), err)
		}
	}
}

func TestOrphanLogKept(t *testing.T) {
	dir := home(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, dbName+"-wal"), []byte("unfinished"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := notes(t, open(t, dir)); len(got) != 1 || !strings.Contains(got[0], "write-ahead log") {
		t.Errorf("notes %q", got)
	}
	if b, _ := os.ReadFile(filepath.Join(dir, dbName+".corrupt-20261122T180000Z-wal")); string(b) != "unfinished" {
		t.Errorf("kept %q", b)
	}
}

// A newer ctpipe's state is refused at once, and not touched.
func TestNewerSchemaRefused(t *testing.T) {
	dir := home(t)
	s := open(t, dir)
	notes(t, s)
	if _, err := s.write.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, len(migrations)+1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, _ := os.ReadFile(filepath.Join(dir, dbName))
	_, err := Open(dir, WithLog(quiet))
	if !errors.Is(err, ErrNewerSchema) || !strings.Contains(err.Error(), fmt.Sprintf("version %d", len(migrations)+1)) {
		t.Fatalf("Open = %v; want ErrNewerSchema with the version", err)
	}
	if after, _ := os.ReadFile(filepath.Join(dir, dbName)); !bytes.Equal(before, after) {
		t.Error("the newer database was changed")
	}
	// The background part refuses it too, should it ever get that far.
	if err := openAndClose(t, filepath.Join(dir, dbName)); !errors.Is(err, ErrNewerSchema) {
		t.Errorf("openChecked = %v", err)
	}
}

func openAndClose(t *testing.T, path string) error {
	t.Helper()
	db, err := openChecked(path)
	if err == nil {
		db.Close()
	}
	return err
}

func flip(b []byte, from, to int) []byte {
	b = bytes.Clone(b)
	for i := from; i < to; i++ {
		b[i] ^= 0xa5
	}
	return b
}

func foreignDB(t *testing.T) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "other.db")
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(`CREATE TABLE sessions (a)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
