package session

import (
	"context"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/clock"
	"ctpipe/internal/thread"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
)

// flushing is the pass through the show lane that has been asked for.
type flushing struct {
	asked bool        // a flush waits for its time, or in the lane
	timer clock.Timer // until its time, nil where it is in the lane
}

// heardWords takes what Claude said, and reports whether it was heard before.
func (s speech) heardWords(m claude.Message) (again bool) {
	s.Lock()
	notice, again := s.words.Heard(m, s.headline().paths(), s.host.Clock.Now())
	s.showSoonLocked()
	s.Unlock()
	if notice != "" {
		s.Notice(notice)
	}
	return again
}

// heardResults takes the results of calls: those do not run any more.
func (s speech) heardResults(m *claude.User) {
	s.Lock()
	for _, b := range m.Message.Content {
		if r, ok := b.(claude.ToolResultBlock); ok {
			s.calls.Ended(pipeline.ToolID(r.ToolUseID))
		}
	}
	s.Unlock()
	s.heardWords(m)
}

// refused shows at a call's line that it was denied, by whom and why.
func (s speech) refused(id pipeline.ToolID, by, why string) {
	s.Lock()
	defer s.Unlock()
	s.words.Refused(id, by, why, s.host.Clock.Now())
	s.showSoonLocked()
}

// showSoonLocked has what is new of Claude's words judged in the show lane, when it
// is due.
func (s speech) showSoonLocked() {
	wait, ok := s.words.Due(s.host.Clock.Now())
	switch f := &s.hands.flush; {
	case !ok:
	case f.asked:
		if wait == 0 && f.timer != nil && f.timer.Stop() {
			s.queueFlushLocked()
		}
	case wait > 0:
		f.asked = true
		f.timer = s.host.Clock.AfterFunc(wait, func() {
			s.Lock()
			defer s.Unlock()
			s.queueFlushLocked()
		})
	default:
		f.asked = true
		s.queueFlushLocked()
	}
}

// queueFlushLocked puts a flush into the show lane. Where the lane takes none, what
// Claude says next tries again.
func (s speech) queueFlushLocked() {
	s.hands.flush.timer = nil
	if err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/show", s.flush); err != nil {
		s.hands.flush.asked = false
		s.log.Warn("what Claude says is not shown yet", "err", err)
	}
}

// flush judges what is new and lets the chain deliver it.
func (s speech) flush(ctx context.Context) {
	s.Lock()
	updates := s.words.Take(s.host.Clock.Now())
	s.hands.flush.asked = false
	s.Unlock()
	for _, u := range updates {
		s.showOne(ctx, u)
	}
	s.Lock()
	s.Out.Apply(s.words.Forget()...)
	s.Unlock()
}

// flushAll brings what is noted to the outbox now, or gives up with ctx.
func (s speech) flushAll(ctx context.Context) {
	done := make(chan struct{})
	err := s.host.Lanes.Enqueue(string(s.Thread.ID)+"/show", func(ctx context.Context) {
		defer close(done)
		s.flush(ctx)
	})
	if err != nil {
		return
	}
	select {
	case <-done:
	case <-ctx.Done():
	}
}

// settleWait bounds how long the end of a session waits for its last blocks.
const settleWait = 2 * time.Second

// showLast shows what is left and how things ended, before the session is given
// up: what is judged afterwards would bring a paused one back from its record.
func (s speech) showLast() {
	ctx, cancel := context.WithTimeout(s.host.ctx, settleWait)
	defer cancel()
	s.flushAll(ctx)
}

// showOne judges a block as it is now, and does what the chain says.
func (s speech) showOne(ctx context.Context, u transcript.Update) {
	defer s.Contain("showing a block", func() {
		s.withheld(u.Block, pipeline.Withhold{By: "ctpipe", Reason: "it could not be judged"}, false)
		s.Lock()
		defer s.Unlock()
		s.words.Empty(u)
	})
	s.Lock()
	in := s.words.Context()
	judge, changes := s.words.Next(u)
	s.Out.Apply(changes...)
	s.Unlock()
	defer s.keepHeld(u)
	if !judge {
		return
	}
	seen, judged := s.judgeBlock(ctx, s.looked(u), in)
	s.Lock()
	defer s.Unlock()
	if judged {
		s.words.Judged(u, seen)
	} else {
		s.words.Empty(u)
	}
}

// judgeBlock passes a block through the show chain once, and does what the run wants
// done; seen is what people see of it. Of an empty block there is nothing to judge.
// Where a rule hides what a call gave, it has not said so of the call: its line is
// another thing to show, and is judged as what it is.
func (s speech) judgeBlock(ctx context.Context, u transcript.Update, in transcript.Context) (seen string, judged bool) {
	show, forms := u.Form(in)
	if show.Text == "" {
		return "", false
	}
	run := s.judge(ctx, u.Block, show, forms)
	if transcript.HidesResult(show, forms, run.Settings.Style) && run.Allowed() {
		show, forms = u.CallForm(in)
		run = s.judge(ctx, u.Block, show, forms)
	}
	s.host.performer().performRun(ctx, run, nil)
	return transcript.Seen(show, forms, run.Shown.Style), true
}

func (s speech) judge(ctx context.Context, block string, show pipeline.Show, forms pipeline.Forms) *pipeline.Run {
	ev := s.host.event(pipeline.KindShow, s.Root)
	ev.Show = show
	ev.Show.Block = string(s.id) + "/" + block
	return s.host.Engine.JudgeShow(ctx, ev, forms, s.sharedBy(ctx, block))
}

// delivered puts a judged block into the thread.
func (s speech) delivered(block string, e pipeline.Deliver) {
	s.Lock()
	defer s.Unlock()
	s.Out.Apply(s.words.Delivered(block, e, s.Out.Newest(s.words.ListKey()))...)
}

// withheld keeps a block out of the thread, and says so once; asked says that a
// card of its own does.
func (s speech) withheld(block string, e pipeline.Withhold, asked bool) {
	s.Lock()
	first, changes := s.words.Withheld(block, s.Out.Newest(s.words.ListKey()))
	s.Out.Apply(changes...)
	s.Unlock()
	if first && !asked {
		s.Notice("🙈 *Withheld by " + e.By + thread.ReasonSuffix(e.Reason) + "*")
	}
}
