// Package playground is the chat that ctpipe uses when no [[platform]] is
// configured: a Mattermost-compatible server in this process, in memory, and a
// page to talk to it with.
//
// It speaks the REST paths and websocket events of a Mattermost 5.37 server,
// shape for shape with the samples in testdata, so the same client code serves
// both, and tests of that client can run against it. One team ("main"), one
// channel ("playground"), the people alice, bob, mallory (a stranger) and gus
// (a guest), and the bot claude-code.
//
// Whoever reaches this server can drive a real Claude, so it is guarded like a
// root shell: it listens on loopback only; Host and Origin are checked on every
// request; the page is opened with a one-use code that stands in the URL's
// fragment (never sent by a browser), exchanged for a key that lives in
// sessionStorage. There is no cookie: cookies ignore ports, and any other
// server on 127.0.0.1 would receive it. The key acts as any person, never as
// the bot.
//
// Memory is bounded: the oldest threads and files are dropped when a cap is
// reached, and a websocket client that does not read is dropped when 256 events
// wait for it.
package playground
