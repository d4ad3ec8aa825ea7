package session

import (
	"strings"

	"ctpipe/internal/about"
	"ctpipe/internal/paginate"
	"ctpipe/internal/process"
	"ctpipe/pipeline"
)

// persistedHeader is what a session's header and pause need over a restart.
type persistedHeader struct {
	Why    string                     `json:"why,omitempty"`    // it is paused
	Header pipeline.PostID            `json:"header,omitempty"` // the post
	Pause  pipeline.PostID            `json:"life,omitempty"`   // the post of its pause
	Number int                        `json:"number,omitempty"`
	Title  string                     `json:"title,omitempty"`
	People []pipeline.UserID          `json:"people,omitempty"`
	Names  map[pipeline.UserID]string `json:"names,omitempty"` // as last heard: the header shows them before anybody was looked up
	Model  string                     `json:"model,omitempty"` // that ran last
	Used   int                        `json:"used,omitempty"`
	Size   int                        `json:"size,omitempty"`
	Before float64                    `json:"before,omitempty"`
	Labels []about.Label              `json:"labels,omitempty"`
}

// persistHeaderLocked is what to write down.
func (s record) persistHeaderLocked() persistedHeader {
	k := persistedHeader{Why: s.pause.Why, Number: s.about.Number, Title: s.about.Title, People: s.about.People, Model: s.process.Model,
		Used: s.process.Used, Size: s.process.Size, Before: s.process.CostBefore, Labels: s.about.Labels,
		Header: s.Out.PostOf(s.about.Header), Pause: s.Out.PostOf(s.pause.Key), Names: map[pipeline.UserID]string{}}
	for _, id := range append([]pipeline.UserID{s.about.Owner}, s.about.People...) {
		if name := s.name(id); name != nobody {
			k.Names[id] = name
		}
	}
	return k
}

// restoreHeader takes up what was written down. Nobody else knows the session
// yet. A record in which Claude still runs is from a ctpipe that was killed.
func (s record) restoreHeader(k persistedHeader, state string) {
	s.pause.Why, s.pause.Begun = k.Why, true
	if state != process.Paused {
		s.pause.Why = process.WhyRestart
	}
	s.process.Model, s.process.Used, s.process.Size, s.process.CostBefore = k.Model, k.Used, k.Size, k.Before
	s.about.Number, s.about.Title, s.about.People, s.about.Names, s.about.Labels = k.Number, k.Title, k.People, k.Names, k.Labels
	s.about.Header = s.adopt("header", k.Header)
	s.pause.Key = s.adopt("life", k.Pause)
}

// adopt goes on with a post from before a restart; "" if there is none.
func (s record) adopt(what string, post pipeline.PostID) (key string) {
	if post == "" {
		return ""
	}
	if key = s.Out.KeyOf(post); key != "" {
		return key
	}
	key = s.NewKey(what)
	s.Out.Adopt(key, post)
	s.host.remember(s.Root)(post, key)
	return key
}

// titleRunes is how much of a session's first message is kept as its title.
const titleRunes = 200

// headOf is a first message as a title: one line, without what looks like more.
func headOf(prompt string) string {
	return paginate.Cut(strings.Join(strings.Fields(prompt), " "), titleRunes)
}
