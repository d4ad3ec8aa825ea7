// Package facts finds out what an event says about files and git before anybody
// judges it: what a tool call would start, which files it would read and change,
// whether looking at a repository could run something, which branch is checked
// out. It looks at the disk through a World, starts nothing, and decides nothing.
//
// What cannot be established is never left empty: its path is put among the
// event's unknown facts, and rules that read it cannot be judged.
//
// The order of reading: Extract reads a call's input by the table of tools,
// Extraction.Fill gives the event its commands and hosts, Paths.Fill resolves
// every path that was named. Scripts, CheckedOut, OnlyReads and ReadsStrangers
// each answer one question of their own.
package facts
