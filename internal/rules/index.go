package rules

import "ctpipe/pipeline"

// ruleIndex finds the rules that could match an event.
type ruleIndex struct{ rules []*rule }

func newRuleIndex(rules []*rule) *ruleIndex { return &ruleIndex{rules} }

func (x *ruleIndex) each(ev *pipeline.Event, unknown []string, s *Set, f func(*rule)) {
	for _, r := range x.rules {
		f(r)
	}
}
