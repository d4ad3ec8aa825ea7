// Package thread asks people in one chat thread and does what their answers say.
// A Thread has the outbox that posts into it, the desk with what waits for people
// (package desk), and the session that runs there, as far as answers concern it.
//
// prompts.go puts prompts before people and ends them, vote.go is the one way to
// a decision, however somebody says it, decision.go judges again what was asked
// before it happens. What then happens is in call_approval.go (calls),
// call_edit.go (a call that a person changed), pending.go (messages, starts and
// commands), question.go, share.go and choice.go.
//
// Whether an answer counts is the pipeline's to say: the reaction rules, and the
// floor by the facts that ReactionFacts fills in.
package thread
