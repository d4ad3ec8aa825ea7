// Package command holds ctpipe's own chat commands. Each is declared in the file
// that does it: what it is called, what it takes, where it works, and its
// function. !help, the README, the answer stage and the sessions read these
// declarations.
//
// A new command is a file with its declaration, a line in All, and a rule in
// rules.toml that allows it; make golden writes its row in the README. Nothing in
// here asks who may use a command: that is the rules'.
//
// A command reaches a session and its host through the interfaces Session and
// Host alone. Its checks and its words are in its file; how the state of a
// session changes is not.
package command
