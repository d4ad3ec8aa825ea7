package command

import (
	"ctpipe/internal/changelog"
	"ctpipe/pipeline"
)

var releaseNotesCommand = Command{
	Name:     "release-notes",
	Aliases:  []string{"changelog"},
	Usage:    "!release-notes",
	Help:     "what is new in this version (also `!changelog`)",
	Anywhere: true,
	Answer:   func(Request) pipeline.Effect { return pipeline.Reply{Text: changelog.Notes()} },
}
