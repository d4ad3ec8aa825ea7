// Package rules is the language of rules.toml: Parse decodes the file strictly
// and knows the place of every key, Compile turns its rules into typed
// programs, and Set.Judge asks them about one event.
//
// The three steps are separate on purpose. A File is what stands in the file,
// nothing resolved; a Set is immutable and safe for any number of goroutines;
// judging is a pure function of Set and event, so it can be repeated later over
// a recorded event with the same outcome (replay, explain, tests).
//
// What a rule may say is documented for users in docs/rules.md; its tables are
// checked against this package.
package rules
