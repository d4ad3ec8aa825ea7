package session

import (
	"fmt"
	"maps"
	"slices"

	"ctpipe/internal/desk"
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
	About   about              `json:"about"`
	Inbox   inbox              `json:"inbox"`
	Gate    openCalls          `json:"gate"`
	Process process            `json:"process"`
	Pause   pause              `json:"pause"`
	Words   transcript.Saved   `json:"words"`
	Desk    desk.Saved         `json:"desk"`
}

// snapshotLocked is the session as it is now. It shares nothing that the session
// changes later, and can be encoded as JSON.
func (s *Session) snapshotLocked() (saved, error) {
	words, err := s.words.Save()
	if err != nil {
		return saved{}, fmt.Errorf("saving session %s: %w", s.id, err)
	}
	return saved{Version: savedVersion, ID: s.id, About: s.about.clone(), Inbox: s.inbox.clone(), Gate: s.gate.clone(),
		Process: s.process, Pause: s.pause, Words: words, Desk: s.desk.Save()}, nil
}

// restoreLocked makes the session the one that was saved: it goes on as that one
// would have. What its hands held is gone, as after a crash. On an error the
// session stays as it was.
func (s *Session) restoreLocked(from saved) error {
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
	if err := s.desk.Restore(from.Desk); err != nil {
		return fmt.Errorf("restoring session %s: %w", s.id, err)
	}
	*s.words = words
	git := s.about.Git
	s.about, s.inbox, s.gate, s.process, s.pause = from.About.clone(), from.Inbox.clone(), from.Gate.clone(), from.Process, from.Pause
	s.about.Git = git
	s.setAlarmLocked()
	return nil
}

func (o *openCalls) clone() openCalls {
	c := *o
	c.Open, c.Waiting, c.Wrote = slices.Clone(o.Open), maps.Clone(o.Waiting), slices.Clone(o.Wrote)
	return c
}
