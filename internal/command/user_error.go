package command

// UserError is an error that is shown to people as it stands.
type UserError string

// Error is the text that people see.
func (e UserError) Error() string { return string(e) }
