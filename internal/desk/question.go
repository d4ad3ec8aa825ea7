package desk

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctpipe/internal/markdown"
	"ctpipe/internal/outbox"
	"ctpipe/pipeline"
)

// Answers is what AskUserQuestion asks, and what was chosen so far. The shape
// is that of the recordings: up to four questions of two to four options.
type Answers struct {
	Questions []Asked           `json:"questions"`
	At        int               `json:"at"`
	Given     map[string]string `json:"given,omitempty"`
	Picked    []string          `json:"picked,omitempty"` // of the current question, where several may be
}

// Asked is one question.
type Asked struct {
	Question    string `json:"question"`
	Header      string `json:"header"`
	MultiSelect bool   `json:"multiSelect"`
	Options     []struct {
		Label       string `json:"label"`
		Description string `json:"description"`
	} `json:"options"`
}

// Numbers are the meanings of reactions with a number, from one up.
var Numbers = []string{"one", "two", "three", "four"}

var keycaps = []string{"1️⃣", "2️⃣", "3️⃣", "4️⃣"}

// ReadQuestions reads the questions of a call; nil where one of them has no
// options to choose from.
func ReadQuestions(fields map[string]any) *Answers {
	var in struct {
		Questions []Asked `json:"questions"`
	}
	raw, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(raw, &in)
	}
	if err != nil || len(in.Questions) == 0 {
		return nil
	}
	for _, q := range in.Questions {
		if len(q.Options) == 0 || len(q.Options) > len(Numbers) {
			return nil
		}
	}
	return &Answers{Questions: in.Questions, Given: map[string]string{}}
}

func (a *Answers) text() string {
	q := a.Questions[a.At]
	var b strings.Builder
	fmt.Fprintf(&b, "❓ **Question** *(%d/%d)*\n**%s:** %s\n", a.At+1, len(a.Questions), markdown.Plain(q.Header), markdown.Plain(q.Question))
	for i, o := range q.Options {
		mark := ""
		if slices.Contains(a.Picked, o.Label) {
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

func (a *Answers) seeds() []string {
	q := a.Questions[a.At]
	seeds := slices.Clone(Numbers[:len(q.Options)])
	if q.MultiSelect {
		seeds = append(seeds, "white_check_mark")
	}
	return seeds
}

// choose takes a reaction.
func (a *Answers) choose(meaning string, added bool) {
	q := a.Questions[a.At]
	i := slices.Index(Numbers, meaning)
	switch {
	case q.MultiSelect && i >= 0 && i < len(q.Options):
		label := q.Options[i].Label
		a.Picked = slices.DeleteFunc(slices.Clone(a.Picked), func(s string) bool { return s == label })
		if added {
			a.Picked = append(a.Picked, label)
		}
	case q.MultiSelect && meaning == "allow_all" && added && len(a.Picked) > 0:
		a.give(strings.Join(a.Picked, ", "))
	case !q.MultiSelect && added && i >= 0 && i < len(q.Options):
		a.give(q.Options[i].Label)
	}
}

// reply takes words as the answer: a number or label of an option is that
// option, several where several may be chosen, and anything else stands as it
// was written (recording 04-ask-user-question).
func (a *Answers) reply(text string) {
	text = strings.TrimSpace(text)
	q := a.Questions[a.At]
	if label, ok := q.option(text); ok {
		text = label
	} else if q.MultiSelect {
		text = q.several(text)
	}
	a.give(text)
}

func (a *Answers) give(text string) {
	given := map[string]string{a.Questions[a.At].Question: text}
	for q, t := range a.Given {
		if _, again := given[q]; !again {
			given[q] = t
		}
	}
	a.Given, a.At, a.Picked = given, a.At+1, nil
}

// option is the label that a word stands for.
func (q Asked) option(word string) (string, bool) {
	word = strings.TrimSpace(word)
	if n, err := strconv.Atoi(word); err == nil && n >= 1 && n <= len(q.Options) {
		return q.Options[n-1].Label, true
	}
	for _, o := range q.Options {
		if strings.EqualFold(o.Label, word) {
			return o.Label, true
		}
	}
	return "", false
}

// several are the labels that a list of words stands for; the text itself if one
// of them is no option.
func (q Asked) several(text string) string {
	var labels []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == '\n' }) {
		label, ok := q.option(word)
		if !ok {
			return text
		}
		labels = append(labels, label)
	}
	return strings.Join(labels, ", ")
}

// outcome is the card of a question that is answered.
func (a *Answers) outcome(i int, by pipeline.User) string {
	q := a.Questions[i]
	return "✅ **" + markdown.Plain(q.Header) + "**: " + markdown.Plain(a.Given[q.Question]) + "\n*answered by " + Who(by) + "*"
}

// Answer takes a choice on a question, or words in the place of one. Each
// question of a call has a card of its own, so that a reaction answers the one
// it was made on. All says that every question is answered now: the caller
// finishes the prompt with the outcome, the last card's.
func (d *Desk) Answer(id string, v Vote, base pipeline.Terms, now time.Time) (all bool, outcome string, done Done) {
	p := d.Get(id)
	if p == nil || p.Queued || p.Answers.At == len(p.Answers.Questions) {
		return false, "", Done{}
	}
	answers := *p.Answers
	asked := answers.At
	if v.Meaning == "answer" {
		answers.reply(v.Words)
	} else {
		answers.choose(v.Meaning, v.Added)
	}
	p.Answers = &answers
	if answers.At == asked {
		return false, "", Done{Changes: d.Refresh(id, base, now)}
	}
	p.Ender = v.By.ID
	outcome = answers.outcome(asked, v.By)
	if answers.At == len(answers.Questions) {
		return true, outcome, Done{}
	}
	told := append(p.Approvers(), p.Ender)
	d.last = closedCard{At: now, By: []pipeline.UserID{v.By.ID}, Question: true}
	done = Done{Closed: []Closed{{Key: p.Key, Outcome: firstLine(outcome), Told: told}},
		Changes: []outbox.Change{{Key: p.Key, Put: &outbox.Draft{Text: d.paper.fit(outcome)}, Seal: true}}}
	done.Changes = append(done.Changes, d.post(p, base, now)...)
	return false, "", done
}
