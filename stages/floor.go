package stages

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"

	"ctpipe/internal/facts"
	"ctpipe/pipeline"
)

// floor is what no rules.toml can change. It is the first gate of every chain,
// so its votes are in every trace.
type floor struct {
	protected []string
	opaque    pipeline.Verdict
	journal   func() error
}

func newFloor(b *Build) (pipeline.Stage, error) {
	f := &floor{opaque: b.Opaque, journal: b.Journal}
	if f.opaque == pipeline.Abstain {
		f.opaque = pipeline.Ask // nobody said that it may pass
	}
	for _, p := range b.Protected {
		if p != "" {
			f.protected = append(f.protected, filepath.Clean(p))
		}
	}
	return f, nil
}

// Handle votes. The chain builder puts the floor before every other gate, and
// behind the enrich stages, whose facts it reads.
func (f *floor) Handle(_ context.Context, r *pipeline.Run) error {
	switch r.Event.Kind {
	case pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand:
		f.person(r)
	case pipeline.KindReaction:
		f.reacting(r)
	case pipeline.KindTool:
		f.tool(r)
	}
	return nil
}

func (f *floor) deny(r *pipeline.Run, by, why string) {
	r.Vote(pipeline.Vote{Verdict: pipeline.Deny, Source: pipeline.SourceFloor, By: by, Why: why})
}

// person lets only posts through that the server says a person wrote: a bot or
// an integration posts what anybody made it post. Which person may do what is
// for the rules.
func (f *floor) person(r *pipeline.Run) {
	u, origin := r.Event.User, r.Event.Post.Origin
	switch {
	case u.ID == "":
		f.deny(r, "nobody", "the author is unknown")
	case u.Bot || origin != "person":
		f.deny(r, "not-a-person", "posts by bots, webhooks, integrations and the server are not a person's")
	case !u.Active:
		f.deny(r, "deactivated", "the author's account is deactivated")
	}
	if tooMuch(r.Event) {
		f.deny(r, "flood", "the author writes more than limits.posts_per_minute")
	}
	f.place(r)
}

func (f *floor) reacting(r *pipeline.Run) {
	switch u := r.Event.User; {
	case u.ID == "":
		f.deny(r, "nobody", "whose reaction it is is unknown")
	case u.Bot:
		f.deny(r, "not-a-person", "a bot's reaction decides nothing")
	case !u.Active:
		f.deny(r, "deactivated", "the account is deactivated")
	case barred(&r.Event.Reaction):
		f.deny(r, "approvers", r.Event.Reaction.Barred)
	}
}

// barred reports an answer to a card by somebody whom its asks do not admit. An
// approval that is taken back always counts.
func barred(re *pipeline.Reaction) bool {
	approves := re.Meaning == "approve" || re.Meaning == "allow_all"
	return re.Barred != "" && (re.Added || !approves)
}

// tool keeps Claude's hands off ctpipe's own files and off what the CLI
// obeys, puts opaque calls before people, and lets none run that would go
// unrecorded where the journal is required.
func (f *floor) tool(r *pipeline.Run) {
	if f.journal != nil && f.journal() != nil {
		f.deny(r, "journal", "the journal cannot be written, and [journal] required is set")
	}
	f.people(r)
	voted := map[string]bool{} // each article once, for the first path it is about
	for i := range r.Event.Tool.Paths {
		p := &r.Event.Tool.Paths[i]
		if v := f.writing(r.Event.Tool.Name, p); v.Verdict != pipeline.Abstain && !voted[v.By] {
			voted[v.By] = true
			v.Source = pipeline.SourceFloor
			r.Vote(v)
		}
	}
	if why := hidden(r.Event); why != "" && f.opaque > pipeline.Allow {
		r.Vote(pipeline.Vote{Verdict: f.opaque, Source: pipeline.SourceFloor, By: "opaque", Why: why})
	}
}

// people puts before people what is theirs to answer: Claude's questions and
// plans, and what Claude Code itself asks for though ctpipe let it pass. No rule
// answers in their place, and no mode and no grant lifts it.
func (f *floor) people(r *pipeline.Run) {
	t := &r.Event.Tool
	switch {
	case facts.GoesToPeople(t.Name):
		r.Vote(pipeline.Vote{Verdict: pipeline.Ask, Source: pipeline.SourceFloor, By: "people", Why: "questions and plans go to people"})
	case t.ClaudeAsks != "":
		r.Vote(pipeline.Vote{Verdict: pipeline.Ask, Source: pipeline.SourceFloor, By: "claude", Why: t.ClaudeAsks})
	}
}

// hidden says what of a call cannot be known before it runs, "" if nothing.
// Where a call writes, that includes which files: another call that runs now
// may have put a link in their place.
func hidden(ev *pipeline.Event) string {
	t := &ev.Tool
	writes := slices.ContainsFunc(t.Paths, func(p pipeline.Path) bool { return p.Write })
	switch {
	case t.Opaque || slices.Contains(ev.Unknown, "tool.commands"):
		return cmp.Or(t.Why, "what this call would start cannot be known")
	case slices.Contains(ev.Unknown, "tool.paths") && (writes || t.Name == "Bash" && !facts.OnlyReads(ev)):
		return "which files this call would write cannot be known"
	}
	return ""
}
