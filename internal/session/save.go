package session

import (
	"fmt"

	"ctpipe/internal/about"
	"ctpipe/internal/calls"
	"ctpipe/internal/desk"
	"ctpipe/internal/inbox"
	"ctpipe/internal/process"
	"ctpipe/internal/transcript"
	"ctpipe/pipeline"
)

// savedVersion counts the encodings of saved. Add a field freely; count on where
// an old reader would misunderstand a new record.
const savedVersion = 1

// saved is a session as plain data, with what waits for people in its thread:
// all of it but the hands.
type saved struct {
	Version int                `json:"v"`
	ID      pipeline.SessionID `json:"id"`
	About   about.About        `json:"about"`
	Inbox   inbox.Inbox        `json:"inbox"`
	Gate    calls.Calls        `json:"gate"`
	Process process.Process    `json:"process"`
	Pause   process.Pause      `json:"pause"`
	Words   transcript.Saved   `json:"words"`
	Desk    desk.Saved         `json:"desk"`
}

// snapshotLocked is the session as it is now. It shares nothing that the session
// changes later, and can be encoded as JSON.
func (s record) snapshotLocked() (saved, error) {
	words, err := s.words.Save()
	if err != nil {
		return saved{}, fmt.Errorf("saving session %s: %w", s.id, err)
	}
	return saved{Version: savedVersion, ID: s.id, About: s.about.Clone(), Inbox: s.inbox.Clone(), Gate: s.calls.Clone(),
		Process: s.process, Pause: s.pause, Words: words, Desk: s.Desk.Save()}, nil
}

// restoreLocked makes the session the one that was saved: it goes on as that one
// would have. What its hands held is gone, as after a crash. On an error the
// session stays as it was.
func (s record) restoreLocked(from saved) error {
	if from.Version > savedVersion {
		return fmt.Errorf("restoring session %s: version %d is newer than %d", from.ID, from.Version, savedVersion)
	}
	if from.ID != s.id {
		return fmt.Errorf("restoring session %s: the record is of session %s", s.id, from.ID)
	}
	words := *s.words
	if err := words.Restore(from.Words); err != nil {
		return fmt.Errorf("restoring session %s: %w", s.id, err)
	}
	if err := s.Desk.Restore(from.Desk); err != nil {
		return fmt.Errorf("restoring session %s: %w", s.id, err)
	}
	*s.words = words
	git := s.about.Git
	s.about, s.inbox, s.calls, s.process, s.pause = from.About.Clone(), from.Inbox.Clone(), from.Gate.Clone(), from.Process, from.Pause
	s.about.Git = git
	s.SetAlarmLocked()
	return nil
}
