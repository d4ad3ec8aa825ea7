// Package intake says how a post of the chat becomes an event: whether it names
// the bot, what kind of event it is, who the server says made it, whether its
// author writes too much, which branch a start names, and how the words of
// several people are told apart on their way to Claude.
//
// Nothing in here talks to the chat or knows a session. What is not a plain
// function is a small memory that is safe for concurrent use and is given the
// time.
package intake
