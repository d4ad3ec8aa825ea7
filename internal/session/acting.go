package session

// What a session does in the world stands in types of its own, one for each
// subject. They have no state: all is the session's.
type (
	// gatekeeper takes Claude's tool calls at PreToolUse and can_use_tool, and
	// answers them.
	gatekeeper struct{ *Session }
	// speech brings Claude's words through the show lane into the thread.
	speech struct{ *Session }
	// mail brings people's messages to Claude.
	mail struct{ *Session }
	// launcher finds out where Claude works, and starts it there.
	launcher struct{ *Session }
	// record keeps what a restart needs.
	record struct{ *Session }
	// headline says what runs here: in the session's first post and in the
	// channel's list.
	headline struct{ *Session }
	// pacer pauses a session in which nothing happens, and resumes it.
	pacer struct{ *Session }
)

func (s *Session) gatekeeper() gatekeeper { return gatekeeper{s} }
func (s *Session) speech() speech         { return speech{s} }
func (s *Session) mail() mail             { return mail{s} }
func (s *Session) launcher() launcher     { return launcher{s} }
func (s *Session) record() record         { return record{s} }
func (s *Session) headline() headline     { return headline{s} }
func (s *Session) pacer() pacer           { return pacer{s} }

// So stands what a host does. All state is the host's.
type (
	// ears makes events of what the chat says.
	ears struct{ *Host }
	// slots says which sessions there are, and how many may run.
	slots struct{ *Host }
	// performer does what runs want done.
	performer struct{ *Host }
	// channel speaks in the channel outside of any thread.
	channel struct{ *Host }
)

func (h *Host) ears() ears           { return ears{h} }
func (h *Host) slots() slots         { return slots{h} }
func (h *Host) performer() performer { return performer{h} }
func (h *Host) channel() channel     { return channel{h} }
