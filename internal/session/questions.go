package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// answers is what AskUserQuestion asks, and what was chosen so far. The shape
// is that of the recordings: up to four questions of two to four options.
type answers struct {
	questions []question
	at        int
	given     map[string]string
	picked    []string // of the current question, where several may be
}

type question struct {
	Question    string `json:"question"`
	Header      string `json:"header"`
	MultiSelect bool   `json:"multiSelect"`
	Options     []struct {
		Label       string `json:"label"`
		Description string `json:"description"`
	} `json:"options"`
}

var numbers = []string{"one", "two", "three", "four"}
var keycaps = []string{"1️⃣", "2️⃣", "3️⃣", "4️⃣"}

func readQuestions(fields map[string]any) answers {
	var in struct {
		Questions []question `json:"questions"`
	}
	raw, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	a := answers{given: map[string]string{}}
	for _, q := range in.Questions {
		if len(q.Options) > 0 && len(q.Options) <= len(numbers) {
			a.questions = append(a.questions, q)
		}
	}
	if err != nil || len(a.questions) != len(in.Questions) {
		a.questions = nil
	}
	return a
}

func (a *answers) text() string {
	q := a.questions[a.at]
	var b strings.Builder
	fmt.Fprintf(&b, "❓ **Question** *(%d/%d)*\n**%s:** %s\n", a.at+1, len(a.questions), markdown.Plain(q.Header), markdown.Plain(q.Question))
	for i, o := range q.Options {
		mark := ""
		if slices.Contains(a.picked, o.Label) {
			mark = " ☑"
		}
		fmt.Fprintf(&b, "\n%s **%s**%s", keycaps[i], markdown.Plain(o.Label), mark)
		if o.Description != "" {
			b.WriteString(" - " + markdown.Plain(o.Description))
		}
	}
	if q.MultiSelect {
		b.WriteString("\n\n*Choose any, then ✅, or write your own answer*")
	} else {
		b.WriteString("\n\n*Choose one, or write your own answer*")
	}
	return b.String()
}

func (a *answers) seeds() []string {
	q := a.questions[a.at]
	seeds := slices.Clone(numbers[:len(q.Options)])
	if q.MultiSelect {
		seeds = append(seeds, "white_check_mark")
	}
	return seeds
}

// choose takes a reaction; it reports whether all questions are answered.
func (a *answers) choose(meaning string, added bool) (done bool) {
	q := a.questions[a.at]
	i := slices.Index(numbers, meaning)
	switch {
	case q.MultiSelect && i >= 0 && i < len(q.Options):
		label := q.Options[i].Label
		a.picked = slices.DeleteFunc(a.picked, func(s string) bool { return s == label })
		if added {
			a.picked = append(a.picked, label)
		}
		return false
	case q.MultiSelect && meaning == "allow_all" && added && len(a.picked) > 0:
		a.give(strings.Join(a.picked, ", "))
	case !q.MultiSelect && added && i >= 0 && i < len(q.Options):
		a.give(q.Options[i].Label)
	}
	return a.at == len(a.questions)
}

func (a *answers) give(text string) {
	a.given[a.questions[a.at].Question] = text
	a.at, a.picked = a.at+1, nil
}

// outcome is the card of a question that is answered.
func (a *answers) outcome(i int) string {
	q := a.questions[i]
	return "✅ **" + markdown.Plain(q.Header) + "**: " + markdown.Plain(a.given[q.Question])
}

// answerQuestion takes a choice, or words in the place of one. Each question has
// a card of its own, so that a reaction answers the one it was made on.
func (s *Session) answerQuestion(p *prompt, v vote) {
	base := s.host.settings().Approval
	s.mu.Lock()
	if p.done || p.queued {
		s.mu.Unlock()
		return
	}
	asked := p.answers.at
	var all bool
	if v.meaning == "answer" {
		all = p.answers.reply(v.words)
		s.worded(v.by)
	} else {
		all = p.answers.choose(v.meaning, v.added)
	}
	next := p.answers.at > asked
	if next {
		p.ender = v.by.ID
	}
	if next && !all {
		outcome := p.answers.outcome(asked) + "\n*answered by " + s.who(v.by) + "*"
		s.out.Put(p.key, outbox.Draft{Text: s.host.fit(outcome)})
		s.out.Seal(p.key)
		s.host.rememberClosed(s, p, outcome)
		s.lastCard = endedCard{at: s.host.Clock.Now(), by: []pipeline.UserID{v.by.ID}, question: true}
		s.putCard(p, base)
	}
	s.mu.Unlock()
	if !all {
		if !next {
			s.refreshCard(p)
		}
		return
	}
	input := maps.Clone(p.input())
	input["answers"] = p.answers.given
	raw, err := json.Marshal(input)
	if err != nil {
		s.log.Error("encoding answers", "tool_use", p.call.ToolUseID, "err", err)
		return
	}
	if s.finish(p, p.answers.outcome(asked)+"\n*answered by "+s.who(v.by)+"*") {
		s.park(p.open, false)
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Allow: true, UpdatedInput: raw})
		s.startTyping()
	}
}
