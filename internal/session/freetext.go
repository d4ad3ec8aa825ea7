package session

import (
	"strconv"
	"strings"

	"ctpipe/pipeline"
)

// answerByText takes a message as the answer to the question that is open, and
// reports whether it was one. The post's rules have let the message through;
// whether its author may answer is decided as for a reaction on the question's
// card: by the reaction rules (meaning "answer") and by the rule that asked.
// Whoever wants to say something else to Claude cancels the question first, with
// !escape or !deny.
func (s *Session) answerByText(user pipeline.User, text string) bool {
	p := s.seenOf("question")
	if p == nil || strings.TrimSpace(text) == "" {
		return false
	}
	v, _, ok := s.counts(s.host.ctx, p, user, "answer", "")
	if !ok || !s.mayAnswer(p, v.by) {
		return false
	}
	s.mu.Lock()
	another := s.lastCard.question
	s.mu.Unlock()
	if another && s.unsure(user.ID) {
		s.notice("❓ Somebody has answered the question before this one just now: if yours is for " + p.id + ", write it again")
		return true
	}
	v.words = text
	s.answerQuestion(p, v)
	return true
}

// seenOf is the prompt of a kind whose card the thread has, nil if there is none:
// what was written before anybody saw the question is no answer to it.
func (s *Session) seenOf(kind string) *prompt {
	p := s.openOf(kind)
	if p == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.out.PostOf(p.key) == "" {
		return nil
	}
	return p
}

// openOf is the prompt of a kind that is open, nil if there is none.
func (s *Session) openOf(kind string) *prompt {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.prompts {
		if p.kind == kind && !p.queued {
			return p
		}
	}
	return nil
}

// reply takes words as the answer: a number or label of an option is that
// option, several where several may be chosen, and anything else stands as it
// was written (recording 04-ask-user-question). It reports whether all
// questions are answered.
func (a *answers) reply(text string) (done bool) {
	text = strings.TrimSpace(text)
	q := a.questions[a.at]
	if label, ok := q.option(text); ok {
		text = label
	} else if q.MultiSelect {
		text = q.several(text)
	}
	a.give(text)
	return a.at == len(a.questions)
}

// option is the label that a word stands for.
func (q question) option(word string) (string, bool) {
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
func (q question) several(text string) string {
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
