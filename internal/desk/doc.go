// Package desk is what waits for people in one thread: prompts with their cards
// and votes, questions and their answers, grants, and blocks that people let be
// shown. It is a pure machine: plain data, no clock, no chat and no lock. A
// method takes one input with the time it happened at, and returns what is to
// be done to the thread's posts; whoever owns the thread's lock calls it and
// applies the changes while it holds that lock. Who may answer is judged
// elsewhere, by the pipeline: the desk only counts.
//
// desk.go opens and ends prompts, clock.go has their time limits, vote.go what
// people said. card.go puts a prompt into words, with a file for each kind:
// call.go, plan.go, question.go, wanted.go, choice.go and share.go.
package desk
