package session

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctpipe/internal/claude"
	"ctpipe/pipeline"
	"ctpipe/stages"
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
	fmt.Fprintf(&b, "❓ **Question** *(%d/%d)*\n**%s:** %s\n", a.at+1, len(a.questions), stages.Plain(q.Header), stages.Plain(q.Question))
	for i, o := range q.Options {
		mark := ""
		if slices.Contains(a.picked, o.Label) {
			mark = " ☑"
		}
		fmt.Fprintf(&b, "\n%s **%s**%s", keycaps[i], stages.Plain(o.Label), mark)
		if o.Description != "" {
			b.WriteString(" - " + stages.Plain(o.Description))
		}
	}
	if q.MultiSelect {
		b.WriteString("\n\n*Choose any, then ✅*")
	}
	for _, done := range a.questions[:a.at] {
		fmt.Fprintf(&b, "\n\n✅ **%s**: %s", stages.Plain(done.Header), stages.Plain(a.given[done.Question]))
	}
	return b.String()
}

func (a *answers) seeds() []string {
	most := 0
	multi := false
	for _, q := range a.questions {
		most, multi = max(most, len(q.Options)), multi || q.MultiSelect
	}
	seeds := slices.Clone(numbers[:most])
	if multi {
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

// summary is the card once everything is answered.
func (a *answers) summary() string {
	lines := make([]string, len(a.questions))
	for i, q := range a.questions {
		lines[i] = fmt.Sprintf("✅ **%s**: %s", stages.Plain(q.Header), stages.Plain(a.given[q.Question]))
	}
	return strings.Join(lines, "\n")
}

// answerQuestion takes a choice; the rules have said that this person's counts.
func (s *Session) answerQuestion(p *prompt, e pipeline.Count) {
	s.mu.Lock()
	if p.done {
		s.mu.Unlock()
		return
	}
	all := p.answers.choose(e.Meaning, e.Added)
	s.mu.Unlock()
	if !all {
		s.refreshCard(p)
		return
	}
	input := maps.Clone(p.call.Fields)
	input["answers"] = p.answers.given
	raw, err := json.Marshal(input)
	if err != nil {
		s.log.Error("encoding answers", "tool_use", p.call.ToolUseID, "err", err)
		return
	}
	if s.finish(p, p.answers.summary()+"\n*answered by "+s.who(e.User)+"*") {
		s.answerAsk(p.call.RequestID, claude.AskAnswer{Allow: true, UpdatedInput: raw})
		s.startTyping()
	}
}

// planText is the card of a plan, with the plan whole.
func planText(p *prompt) string {
	return "✅ **Plan ready for approval**\n\n" + planBody(p) + "\n\n👍 Approve and start building\n👎 Request changes\n\n*React to respond*"
}

func planBody(p *prompt) string {
	plan, _ := p.call.Fields["plan"].(string)
	if strings.TrimSpace(plan) == "" {
		return "*(no plan was written down)*"
	}
	return quote(plan, inputRunes)
}

func (s *Session) answerPlan(p *prompt, e pipeline.Count) {
	switch {
	case !e.Added:
	case e.Meaning == "approve" || e.Meaning == "allow_all":
		if s.finish(p, "✅ **Plan approved** by "+s.who(e.User)+" - starting implementation...") {
			s.answerAsk(p.call.RequestID, claude.AskAnswer{Allow: true, UpdatedInput: p.call.Input})
			s.startTyping()
		}
	case e.Meaning == "deny":
		if s.finish(p, "❌ **Changes requested** by "+s.who(e.User)) {
			s.answerAsk(p.call.RequestID, claude.AskAnswer{Message: "Please revise the plan. I would like some changes."})
			s.startTyping()
		}
	}
}

// messageText is the card of a stranger's message.
func messageText(p *prompt) string {
	return "🔒 **@" + zeroWidth + p.message.From.Name + " wants to send a message** – needs approval:\n" +
		quote(p.message.Text, inputRunes) + "\n\nReact: 👍 Allow once | ✅ Invite to session | 👎 Deny"
}

// answerMessage decides about a stranger's message; who may is said by the
// rule that asked.
func (s *Session) answerMessage(p *prompt, e pipeline.Count) {
	if !e.Added || !pipeline.MayAnswer(p.asks, s.host.settings().Approval, e.User, []pipeline.User{p.message.From}) {
		return
	}
	guest := "@" + zeroWidth + p.message.From.Name
	switch e.Meaning {
	case "approve":
		if s.finish(p, "✅ Message from "+guest+" approved by "+s.who(e.User)) {
			s.prompt(p.message)
		}
	case "allow_all":
		if s.finish(p, "✅ "+guest+" invited to session by "+s.who(e.User)) {
			s.mu.Lock()
			s.invited[p.message.From.ID] = true
			s.mu.Unlock()
			s.prompt(p.message)
		}
	case "deny":
		s.finish(p, "❌ Message from "+guest+" denied by "+s.who(e.User))
	}
}
