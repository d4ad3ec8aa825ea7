// Package stages holds the built-in stages: the steps an event takes on its
// way through ctpipe. Each file is one step, and stages.go lists them in the
// order in which they are best read; a file whose name begins with that of a
// step helps that step. What stages know of files and git they ask of
// internal/facts. Stages decide and return effects; none of them talks to the
// chat or to Claude.
package stages

import (
	"ctpipe/hooks"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// Build is what a stage may be built from. It belongs to one snapshot and is
// read only.
type Build struct {
	Rules     *rules.Set
	Hooks     *hooks.Set
	Default   map[pipeline.Kind]pipeline.Verdict
	OnError   map[pipeline.Kind]pipeline.Verdict
	Opaque    pipeline.Verdict // [default] opaque: the floor's vote on an opaque call
	Approval  pipeline.Terms   // [approval]
	Protected []string         // absolute paths that Claude may never write
	Secrets   []string         // values that never reach the thread: ctpipe's own tokens
	ReadsText bool             // a show rule or hook reads text: it is shown by whole lines
	Seen      *Memory          // of posts, shared by all snapshots
	Trial     bool             // nobody waits for what is judged: a [[test]], whose failing hooks are its own business
	Journal   func() error     // [journal] required: nil while what is judged is written down; nil func: not required
}

// Spec declares a stage: what it is called, what it may do, and how to build
// it for a snapshot.
type Spec struct {
	Name     string
	Role     pipeline.Role
	On       []pipeline.Kind
	Produces []string // paths of the facts it fills or changes, which are unknown if it fails
	Doc      string   // one line, printed by `ctpipe stages`
	// Options is the zero value of the struct that [stage.NAME] fills by its
	// toml tags; its doc tags are printed. nil: the stage has none.
	Options any
	New     func(*Build) (pipeline.Stage, error)
}

var (
	posted  = []pipeline.Kind{pipeline.KindPost, pipeline.KindStart, pipeline.KindCommand}
	people  = append(posted[:3:3], pipeline.KindReaction)
	settled = append(posted[:3:3], pipeline.KindTool)
)

// All is every stage, in reading order. There is no registration: a stage is
// in this list or it does not exist.
var All = []Spec{
	{Name: "floor", Role: pipeline.Gate, On: pipeline.Kinds, New: newFloor,
		Doc: "what cannot be configured: who is a person, what Claude may never write, opaque calls"},
	{Name: "seen", Role: pipeline.Gate, On: people, New: newSeen,
		Doc: "drops what the chat server delivered twice"},
	{Name: "rota", Role: pipeline.Enrich, On: rotaKinds, New: newRota, Options: rules.RotaOptions{},
		Produces: []string{"user.groups", "tool.requesters"},
		Doc:      "says who is on duty now, where [stage.rota] names a rota"},
	{Name: "shell", Role: pipeline.Enrich, On: []pipeline.Kind{pipeline.KindTool}, New: newShell,
		Produces: []string{"tool.commands", "tool.hosts", "tool.pipe", "tool.sql", "tool.mcp", "tool.opaque", "tool.why"},
		Doc:      "finds every command a call would start, and its class"},
	{Name: "paths", Role: pipeline.Enrich, On: []pipeline.Kind{pipeline.KindTool}, New: newPaths,
		Produces: []string{"tool.paths", "tool.commands", "tool.opaque", "tool.why"}, // it takes class read away, and hides
		Doc:      "resolves every path a call names, through links"},
	{Name: "redact", Role: pipeline.Gate, On: []pipeline.Kind{pipeline.KindShow}, New: newRedact,
		Doc: "takes credentials out of what the thread would see"},
	{Name: "rules", Role: pipeline.Gate, On: pipeline.Kinds, New: newRules,
		Doc: "lets the rules of rules.toml vote"},
	{Name: "hooks", Role: pipeline.Gate, On: pipeline.Kinds, New: newHooks,
		Doc: "lets the Lua hooks vote, rewrite and reply"},
	{Name: "settle", Role: pipeline.Act, On: settled, New: newSettle,
		Doc: "turns the verdict into an answer, or parks the event for people"},
	{Name: "launch", Role: pipeline.Act, On: []pipeline.Kind{pipeline.KindStart}, New: newLaunch,
		Doc: "opens a session"},
	{Name: "prompt", Role: pipeline.Act, On: []pipeline.Kind{pipeline.KindPost}, New: newPrompt,
		Doc: "gives a post to Claude"},
	{Name: "answer", Role: pipeline.Act, On: []pipeline.Kind{pipeline.KindCommand}, New: newAnswer,
		Doc: "does what a command says"},
	{Name: "approve", Role: pipeline.Act, On: []pipeline.Kind{pipeline.KindReaction}, New: newApprove,
		Doc: "brings a reaction to the question it answers"},
	{Name: "format", Role: pipeline.Shape, On: []pipeline.Kind{pipeline.KindShow}, New: newFormat,
		Doc: "makes text inert, and as short as its style says"},
	{Name: "deliver", Role: pipeline.Act, On: []pipeline.Kind{pipeline.KindShow}, New: newDeliver,
		Doc: "shows a block in the thread, or withholds it"},
}

// Default are the chains where [pipeline] names none. The floor stands in no
// list: it is put before the first gate of each, behind the stages that find
// the facts it reads.
var Default = map[pipeline.Kind][]string{
	pipeline.KindPost:     {"seen", "rules", "hooks", "settle", "prompt"},
	pipeline.KindStart:    {"seen", "rules", "hooks", "settle", "launch"},
	pipeline.KindCommand:  {"seen", "rules", "hooks", "settle", "answer"},
	pipeline.KindReaction: {"seen", "rules", "hooks", "approve"},
	pipeline.KindTool:     {"shell", "paths", "rules", "hooks", "settle"},
	pipeline.KindShow:     {"redact", "rules", "hooks", "format", "deliver"},
	pipeline.KindSession:  {"rules", "hooks"},
	pipeline.KindPolicy:   {"rules", "hooks"},
}

// Find returns the spec of a stage by name.
func Find(name string) (Spec, bool) {
	for _, s := range All {
		if s.Name == name {
			return s, true
		}
	}
	return Spec{}, false
}
