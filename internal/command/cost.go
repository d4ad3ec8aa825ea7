package command

var costCommand = Command{
	Name:   "cost",
	Usage:  "!cost",
	Help:   "what the session has cost",
	Answer: claudes,
}
