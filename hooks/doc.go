// Package hooks hosts a team's Lua hooks. A hook is a file in scripts/ that
// returns a table of functions by event kind; each gets the event as a
// read-only table and returns nil or one value made by ct.
//
// A script is parsed and compiled once per snapshot. Every call runs on a state
// of its own, and runs the file's chunk anew first, so that nothing a hook
// keeps in a local outlives its call: the same event, script and store reads
// give the same answer, on any state and in a replay.
//
// The sandbox stops mistakes: endless loops, runaway patterns, memory, files
// and network. It is no wall against someone who may edit the policy. What
// holds for every call:
//
//   - it ends at its deadline; if it sits in one long Go call it is abandoned a
//     little later, with its state;
//   - what it allocates through strings, tables and closures is charged to a
//     byte budget, what it searches to a work budget;
//   - an error, time-out, panic, unknown fact or a return value that is not one
//     of ct's votes [on_error], never allow, and drops effects and store writes.
package hooks
