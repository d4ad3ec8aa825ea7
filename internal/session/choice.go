package session

// choice is what a prompt is that no rule asked for: how to go on. Whoever's
// reaction counts makes it, and nothing else is decided by it.
type choice interface {
	// card is the open card.
	card() string
	// seeds are the emoji under it.
	seeds() []string
	// take is somebody's reaction or words.
	take(s *Session, p *prompt, v vote)
	// lapse goes on without anybody's choice: time is up, or the chat does not
	// take the card.
	lapse(s *Session, p *prompt)
}
