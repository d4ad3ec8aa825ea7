package command

var compactCommand = Command{
	Name:   "compact",
	Usage:  "!compact [what to keep]",
	Takes:  anyText,
	Help:   "make room in Claude's context",
	Answer: claudes,
}
