// Package secrets keeps the tokens of chat servers to ctpipe itself: it takes
// them out of the environment and the command line, where every process of the
// same user could read them (Hide), gets each from its one source (Env.Token),
// and takes credentials out of what people read (Screen).
package secrets
