package claude

import (
	"encoding/json"
	"sync"
)

// Ledger remembers what door one decided until door two asks, and gives each
// record out once. A call at door two without a record, or with another
// content, is to be judged anew. Safe for concurrent use; one Ledger can serve
// any number of sessions.
type Ledger struct {
	mu      sync.Mutex
	records map[ledgerKey][]Record // of one tool use, in order of arrival
	order   []ledgerArrival        // all arrivals, oldest first, taken ones too
	arrival uint64
	size    int
	max     int
}

// Record is one decision of door one.
type Record struct {
	SessionID, ToolUseID, ToolName string
	Hash                           string // of the judged call, see Hash
	Arrival                        uint64 // counts the calls of this ledger, from 1
	Decision                       Decision
	Input                          json.RawMessage // as judged
	Cwd                            string
}

type ledgerKey struct{ session, toolUse string }

type ledgerArrival struct {
	key     ledgerKey
	arrival uint64
}

// ledgerSize bounds a ledger: far more calls than ever wait between the doors.
const ledgerSize = 4096

// NewLedger makes an empty ledger.
func NewLedger() *Ledger {
	return &Ledger{records: make(map[ledgerKey][]Record), max: ledgerSize}
}

// Put records a decision. The same tool use id may come twice in one reply:
// that makes two records. The oldest record goes when the ledger is full.
func (l *Ledger) Put(c GateCall, hash string, d Decision) Record {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrival++
	key := ledgerKey{c.SessionID, c.ToolUseID}
	r := Record{SessionID: c.SessionID, ToolUseID: c.ToolUseID, ToolName: c.ToolName, Hash: hash,
		Arrival: l.arrival, Decision: d, Input: c.Input, Cwd: c.Cwd}
	l.records[key] = append(l.records[key], r)
	l.order = append(l.order, ledgerArrival{key, r.Arrival})
	l.size++
	l.trim()
	return r
}

// Take uses up the oldest record of this session and tool use with this hash.
// false: there is none, so the call is to be judged anew and audited.
func (l *Ledger) Take(c AskCall, hash string) (Record, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := ledgerKey{c.SessionID, c.ToolUseID}
	for i, r := range l.records[key] {
		if r.Hash == hash && r.ToolName == c.ToolName {
			l.remove(key, i)
			return r, true
		}
	}
	return Record{}, false
}

// Forget drops the records of one tool use: its result came, so a later call
// under the same id is another one.
func (l *Ledger) Forget(session, toolUseID string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := ledgerKey{session, toolUseID}
	l.size -= len(l.records[key])
	delete(l.records, key)
}

// Len counts the records that were not used yet.
func (l *Ledger) Len() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.size
}

func (l *Ledger) remove(key ledgerKey, i int) {
	rest := append(l.records[key][:i:i], l.records[key][i+1:]...)
	l.size--
	if len(rest) == 0 {
		delete(l.records, key)
		return
	}
	l.records[key] = rest
}

// trim keeps the bounds, with mu held: first of the records, then of order,
// which also holds arrivals whose record is gone.
func (l *Ledger) trim() {
	for l.size > l.max {
		l.dropOldest()
	}
	if len(l.order) > 2*l.max {
		kept := l.order[:0:0]
		for _, a := range l.order {
			if l.find(a) >= 0 {
				kept = append(kept, a)
			}
		}
		l.order = kept
	}
}

func (l *Ledger) dropOldest() {
	a := l.order[0]
	l.order = l.order[1:]
	if i := l.find(a); i >= 0 {
		l.remove(a.key, i)
	}
}

func (l *Ledger) find(a ledgerArrival) int {
	for i, r := range l.records[a.key] {
		if r.Arrival == a.arrival {
			return i
		}
	}
	return -1
}
