package thread

// answering does what answers to prompts say. It has no state: all is the
// thread's.
type answering struct{ *Thread }

func (t *Thread) answering() answering { return answering{t} }
