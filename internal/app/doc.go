// Package app is ctpipe while it runs: it wires the chat clients, the sessions,
// Claude's CLI, the policy, the journal and the state together, and keeps them
// going until it is told to end (Serve). It is the only package that knows all
// others, and decides nothing itself: what may be done is in the policy, what a
// session does in internal/session. Only cmd/ctpipe imports it.
//
// A start goes load (rules.toml) → open (state, the policy that may be in
// force, tokens, journal) → connect (chats) → watch (saves of rules.toml) →
// run; a stop goes the other way round, within closeWait.
package app
