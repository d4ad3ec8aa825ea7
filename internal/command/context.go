package command

var contextCommand = Command{
	Name:   "context",
	Usage:  "!context",
	Help:   "how full Claude's context is",
	Answer: claudes,
}
