// Package mattermost speaks to one Mattermost server: REST calls, and one
// websocket that is kept alive for as long as the caller wants events.
//
// It decides nothing. Posts, reactions and the state of the link are handed on
// as the server sent them; which channel matters, who is a person and what a
// reaction means are the caller's business.
//
// The facts about the server (status codes, error ids, what a resume of the
// websocket does, what an edit leaves behind) were measured on a 5.37 server;
// its answers are in testdata and every one of them is decoded by a test.
//
// Times of the server are milliseconds since 1970, as in its JSON, and are
// never compared with the clock of this machine.
//
// The access token is sent in the Authorization header only. It is masked in
// every error and log line, the server's own texts included, because the
// server repeats a refused token in clear in one of them.
package mattermost
