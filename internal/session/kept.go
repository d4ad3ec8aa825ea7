package session

import (
	"strings"

	"ctpipe/internal/markdown"
	"ctpipe/pipeline"
)

// kept is what a session's header and life need over a restart.
type kept struct {
	Why    string                     `json:"why,omitempty"`    // it is paused
	Header pipeline.PostID            `json:"header,omitempty"` // the post
	Life   pipeline.PostID            `json:"life,omitempty"`   // the post of its pause
	Number int                        `json:"number,omitempty"`
	Title  string                     `json:"title,omitempty"`
	People []pipeline.UserID          `json:"people,omitempty"`
	Names  map[pipeline.UserID]string `json:"names,omitempty"` // as last heard: the header shows them before anybody was looked up
	Model  string                     `json:"model,omitempty"` // that ran last
	Used   int                        `json:"used,omitempty"`
	Size   int                        `json:"size,omitempty"`
	Before float64                    `json:"before,omitempty"`
	Labels []label                    `json:"labels,omitempty"`
}

// keep is what to write down; the lock is held.
func (s *Session) keep() kept {
	k := kept{Why: s.life.why, Number: s.top.number, Title: s.top.title, People: s.top.people, Model: s.runs,
		Used: s.top.used, Size: s.top.size, Before: s.top.before, Labels: s.top.labels,
		Header: s.out.PostOf(s.top.key), Life: s.out.PostOf(s.life.key), Names: map[pipeline.UserID]string{}}
	for _, id := range append([]pipeline.UserID{s.owner}, s.top.people...) {
		if name := s.name(id); name != nobody {
			k.Names[id] = name
		}
	}
	return k
}

// restore takes up what was written down. Nobody else knows the session yet. A
// record in which Claude still runs is from a ctpipe that was killed.
func (s *Session) restore(k kept, state string) {
	s.life = life{why: k.Why, begun: true}
	if state != paused {
		s.life.why = whyRestart
	}
	s.runs = k.Model
	s.top = top{number: k.Number, title: k.Title, people: k.People, names: k.Names, used: k.Used, size: k.Size,
		before: k.Before, labels: k.Labels}
	s.top.key = s.adopt("header", k.Header)
	s.life.key = s.adopt("life", k.Life)
}

// adopt goes on with a post from before a restart; "" if there is none.
func (s *Session) adopt(what string, post pipeline.PostID) (key string) {
	if post == "" {
		return ""
	}
	if key = s.out.KeyOf(post); key != "" {
		return key
	}
	key = s.key(what)
	s.out.Adopt(key, post)
	s.host.remember(s.root)(post, key)
	return key
}

// titleRunes is how much of a session's first message is kept as its title.
const titleRunes = 200

// headOf is a first message as a title: one line, without what looks like more.
func headOf(prompt string) string {
	return cutRunes(strings.Join(strings.Fields(prompt), " "), titleRunes)
}

// inCode shows a short text as code.
func inCode(s string) string { return markdown.CodeSpan(s) }
