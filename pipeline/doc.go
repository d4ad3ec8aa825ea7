// Package pipeline is ctpipe's vocabulary. It imports only the standard
// library, and everything else is written in its terms:
//
//   - An event is one thing that happened: somebody wrote, reacted or gave a
//     command, Claude wants to use a tool, something is about to be shown.
//   - A fact is something an enrich stage found out about an event before it
//     was judged. A fact that nobody could establish is unknown, and says so.
//   - A stage handles one step of an event's way. Its role (enrich, gate,
//     shape, act) says what it may do and what its failure means.
//   - A vote is one opinion of one rule, hook or stage; a verdict is the
//     maximum of all votes (abstain < allow < ask < deny).
//   - A run is one event's passage through one snapshot.
//   - A snapshot is one immutable version of the policy: chains of stages,
//     defaults, and what an error means. Saving a file swaps one pointer.
//   - A lane is the ordered, bounded queue of one thread. A lane does no I/O
//     towards chat or Claude: stages return effects, which the world performs.
//   - An effect is something a run wants done: prompt Claude, answer a tool
//     call, write into the thread. Effects are performed after the last stage,
//     in order, or not at all.
package pipeline
