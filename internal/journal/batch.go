package journal

import (
	"bytes"
	"fmt"
	"time"

	"ctpipe/pipeline"
)

func (w *Writer) run() {
	defer close(w.done)
	w.seg.age(w.cfg.Now(), w.cfg.Log)
	for {
		select {
		case e := <-w.queue:
			w.writeBatch(e)
		case <-w.stop:
			for {
				select {
				case e := <-w.queue:
					w.writeBatch(e)
				default:
					return
				}
			}
		}
	}
}

// writeBatch writes e and what waits behind it, up to a batch's size.
func (w *Writer) writeBatch(e entry) {
	var buf bytes.Buffer
	var batch pending
	for {
		w.queued.Add(-e.size)
		if e.flush != nil {
			batch.flush = append(batch.flush, e.flush)
		} else {
			w.encode(&buf, e.rec, &batch)
		}
		if buf.Len() >= batchBytes {
			break
		}
		select {
		case e = <-w.queue:
			continue
		default:
		}
		break
	}
	w.store(buf.Bytes(), &batch)
}

// pending is what is known of a batch beside its bytes.
type pending struct {
	records int64
	told    int64 // lost records that the batch mentions
	sync    bool
	flush   []chan<- error
}

func (w *Writer) encode(buf *bytes.Buffer, r *Record, batch *pending) {
	owed := w.owed.Swap(0)
	r.Lost = owed
	if err := encode(buf, r); err != nil {
		w.owed.Add(owed)
		w.lose(fmt.Errorf("encode journal record of event %s: %w", r.Event.ID, err))
		w.cfg.Log.Error("journal record lost", "event", r.Event.ID, "err", err)
		return
	}
	batch.records++
	batch.told += owed
	batch.sync = batch.sync || r.Event.Kind != pipeline.KindShow
}

// store writes the batch until it succeeds, or until a second attempt fails
// while the journal closes.
func (w *Writer) store(b []byte, batch *pending) {
	var err error
	for len(b) > 0 {
		if err = w.seg.write(b, batch.sync, w.cfg.Now(), w.cfg.Log); err == nil {
			w.written.Add(batch.records)
			w.recovered()
			break
		}
		w.errors.Add(1)
		fault := fmt.Errorf("write journal: %w", err)
		if old := w.fault.Swap(&fault); old == nil {
			w.cfg.Log.Error("journal not writable", "dir", w.cfg.Dir, "err", err)
		}
		batch.tell(fault)
		if !w.pause() {
			if err = w.seg.write(b, batch.sync, w.cfg.Now(), w.cfg.Log); err == nil {
				w.written.Add(batch.records)
				w.recovered()
			} else {
				w.lost.Add(batch.records)
			}
			break
		}
	}
	batch.tell(w.Healthy())
}

func (w *Writer) recovered() {
	if old := w.fault.Swap(nil); old != nil {
		w.cfg.Log.Info("journal written again", "lost", w.lost.Load())
	}
}

// pause waits before the next attempt; false: the journal closes.
func (w *Writer) pause() bool {
	timer := time.NewTimer(w.cfg.Retry)
	defer timer.Stop()
	for {
		select {
		case <-timer.C:
			return true
		case told := <-w.stuck:
			told <- w.Healthy()
		case <-w.stop:
			return false
		}
	}
}

func (p *pending) tell(err error) {
	for _, c := range p.flush {
		c <- err
	}
	p.flush = nil
}
