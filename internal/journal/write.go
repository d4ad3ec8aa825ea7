package journal

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"
)

// Config says where and how a Writer writes. Only Dir is needed.
type Config struct {
	Dir      string
	MaxBytes int64         // size at which a file is followed by the next; 0: 64 MiB
	Keep     time.Duration // files of days that ended longer ago are removed; 0: none is
	Queue    int           // records that may wait; 0: 4096
	Retry    time.Duration // pause after an error; 0: 1 s
	Now      func() time.Time
	Log      *slog.Logger

	open func(path string, fresh bool) (file, error) // replaced by tests
}

const (
	defaultMaxBytes = 64 << 20
	defaultQueue    = 4096
	defaultRetry    = time.Second
	maxQueuedBytes  = 64 << 20 // held by waiting records, about
	batchBytes      = 1 << 20
)

// ErrClosed says that the journal was closed.
var ErrClosed = errors.New("journal is closed")

// A Writer appends to the journal. It is safe for concurrent use.
type Writer struct {
	cfg    Config
	seg    segment
	queue  chan entry
	queued atomic.Int64 // bytes

	mu     sync.RWMutex // guards closed against Append
	closed bool
	stop   chan struct{}
	done   chan struct{}

	lost    atomic.Int64 // ever
	owed    atomic.Int64 // lost, but not yet told in a record
	written atomic.Int64
	errors  atomic.Int64
	fault   atomic.Pointer[error]
	stuck   chan chan<- error // received from only while a batch cannot be written
}

// entry is a record to write, or a caller of Flush to tell.
type entry struct {
	rec   *Record
	size  int64
	flush chan<- error
}

// Open makes the journal's directory and starts its writer. No file is opened
// before the first record.
func Open(cfg Config) (*Writer, error) {
	if cfg.MaxBytes <= 0 {
		cfg.MaxBytes = defaultMaxBytes
	}
	if cfg.Queue <= 0 {
		cfg.Queue = defaultQueue
	}
	if cfg.Retry <= 0 {
		cfg.Retry = defaultRetry
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	if cfg.open == nil {
		cfg.open = openFile
	}
	if err := makeDir(cfg.Dir); err != nil {
		return nil, err
	}
	w := &Writer{cfg: cfg, queue: make(chan entry, cfg.Queue), stuck: make(chan chan<- error), stop: make(chan struct{}), done: make(chan struct{})}
	w.seg = segment{dir: cfg.Dir, max: cfg.MaxBytes, keep: cfg.Keep, open: cfg.open}
	go w.run()
	return w, nil
}

// Append queues a record; it never blocks. What the record points to must not
// be changed afterwards. A record that finds the queue full is dropped and
// counted, and Healthy tells.
func (w *Writer) Append(r Record) {
	if r.Time.IsZero() {
		r.Time = w.cfg.Now()
	}
	size := weight(&r)
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		w.lose(ErrClosed)
		return
	}
	if w.queued.Add(size) > maxQueuedBytes {
		w.queued.Add(-size)
		w.lose(errors.New("journal cannot keep up: too many bytes wait"))
		return
	}
	select {
	case w.queue <- entry{rec: &r, size: size}:
	default:
		w.queued.Add(-size)
		w.lose(fmt.Errorf("journal cannot keep up: %d records wait", cap(w.queue)))
	}
}

func (w *Writer) lose(why error) {
	w.lost.Add(1)
	w.owed.Add(1)
	w.fault.Store(&why)
}

// Healthy is nil while records reach the disk. It tells an error from the
// first lost record or failed write until a later write succeeds.
func (w *Writer) Healthy() error {
	if p := w.fault.Load(); p != nil {
		return *p
	}
	return nil
}

// Flush waits until everything appended before it was written or failed once.
// It waits for room in the queue if need be, so it is not for a verdict's path.
func (w *Writer) Flush() error {
	told := make(chan error, 1)
	select {
	case <-w.stop:
		return ErrClosed
	case w.stuck <- told:
		return <-told
	case w.queue <- entry{flush: told}:
	}
	failed := make(chan error, 1)
	select {
	case err := <-told:
		return err
	case w.stuck <- failed: // behind a batch that cannot be written
		return <-failed
	case <-w.done: // it may have come behind the last batch
		select {
		case err := <-told:
			return err
		default:
			return ErrClosed
		}
	}
}

// Close writes what is queued and closes the file. If that fails it gives up
// after one more attempt and says how many records were lost.
func (w *Writer) Close() error {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return nil
	}
	w.closed = true
	close(w.stop)
	w.mu.Unlock()
	<-w.done
	err := w.seg.close()
	if fault := w.Healthy(); fault != nil {
		err = errors.Join(err, fmt.Errorf("%d journal records lost: %w", w.lost.Load(), fault))
	}
	return err
}
