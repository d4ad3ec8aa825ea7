package rules

import "ctpipe/pipeline"

// The views. Their expr tags equal the json tags of the pipeline types, which
// a test checks field by field. Each has two forms with the same layout: with
// S a string and L a list of strings it is what expressions are checked
// against; with any it is what they run over. Programs fetch fields by
// position, and a field that already is an interface is fetched without an
// allocation.

type timeView[S any] struct {
	Unix    int64 `expr:"unix"`
	RFC3339 S     `expr:"rfc3339"`
}

type threadView[S any] struct {
	ID          S    `expr:"id"`
	Root        S    `expr:"root"`
	Platform    S    `expr:"platform"`
	Channel     S    `expr:"channel"`
	ChannelName S    `expr:"channel_name"`
	Team        S    `expr:"team"`
	DM          bool `expr:"dm"`
	Shared      bool `expr:"shared"`
	Guests      bool `expr:"guests"`
	Link        S    `expr:"link"`
}

type sessionView[S, L any] struct {
	ID       S       `expr:"id"`
	State    S       `expr:"state"`
	Owner    S       `expr:"owner"`
	Mode     S       `expr:"mode"`
	Model    S       `expr:"model"`
	Dir      S       `expr:"dir"`
	Branch   S       `expr:"branch"`
	Worktree S       `expr:"worktree"`
	Trigger  S       `expr:"trigger"`
	Turns    int     `expr:"turns"`
	Cost     float64 `expr:"cost"`
	Idle     int64   `expr:"idle"`
	Tainted  bool    `expr:"tainted"`
	Grants   L       `expr:"grants"`
	Busy     bool    `expr:"busy"`
	Wrote    L       `expr:"wrote"`
	Files    S       `expr:"files"`
}

type limitsView struct {
	Active int `expr:"active"`
	Max    int `expr:"max"`
}

type userView[S, L any] struct {
	ID      S    `expr:"id"`
	Name    S    `expr:"name"`
	Groups  L    `expr:"groups"`
	Bot     bool `expr:"bot"`
	Guest   bool `expr:"guest"`
	Active  bool `expr:"active"`
	Owner   bool `expr:"owner"`
	Invited bool `expr:"invited"`
	Allowed bool `expr:"allowed"`
}

type postView[S, F any] struct {
	ID      S    `expr:"id"`
	Text    S    `expr:"text"`
	Files   F    `expr:"files"`
	Mention bool `expr:"mention"`
	Edited  bool `expr:"edited"`
	Origin  S    `expr:"origin"`
	Route   S    `expr:"route"`
	Flood   bool `expr:"flood"`
}

type fileView[S any] struct {
	ID   S     `expr:"id"`
	Name S     `expr:"name"`
	Size int64 `expr:"size"`
	Mime S     `expr:"mime"`
}

type startView[S any] struct {
	Prompt      S    `expr:"prompt"`
	Dir         S    `expr:"dir"`
	Branch      S    `expr:"branch"`
	Model       S    `expr:"model"`
	Mode        S    `expr:"mode"`
	Verbosity   S    `expr:"verbosity"`
	Outside     bool `expr:"outside"`
	NeedsBranch bool `expr:"needs_branch"`
}

type chatCommandView[S, L any] struct {
	Name          S    `expr:"name"`
	Args          L    `expr:"args"`
	Text          S    `expr:"text"`
	HelpFor       S    `expr:"help_for"`
	Slash         bool `expr:"slash"`
	Dir           S    `expr:"dir"`
	Outside       bool `expr:"outside"`
	NeedsWorktree bool `expr:"needs_worktree"`
}

type reactionView[S any] struct {
	Emoji   S    `expr:"emoji"`
	Meaning S    `expr:"meaning"`
	Added   bool `expr:"added"`
	Target  S    `expr:"target"`
	Barred  S    `expr:"barred"`
}

type showView[S any] struct {
	What      S    `expr:"what"`
	Text      S    `expr:"text"`
	Before    S    `expr:"before"`
	Final     bool `expr:"final"`
	Lines     int  `expr:"lines"`
	Tool      S    `expr:"tool"`
	Bytes     int  `expr:"bytes"`
	Block     S    `expr:"block"`
	Verbosity S    `expr:"verbosity"`
}

type noticeView[S any] struct {
	What S `expr:"what"`
	Text S `expr:"text"`
}

type toolView[S, L, U, C, P, B any] struct {
	ID         S              `expr:"id"`
	Name       S              `expr:"name"`
	Input      map[string]any `expr:"input"`
	Hash       S              `expr:"hash"`
	Cwd        S              `expr:"cwd"`
	Subagent   S              `expr:"subagent"`
	Requesters U              `expr:"requesters"`
	ClaudeAsks S              `expr:"claude_asks"`
	Commands   C              `expr:"commands"`
	Paths      P              `expr:"paths"`
	Hosts      L              `expr:"hosts"`
	Opaque     B              `expr:"opaque"`
	Why        S              `expr:"why"`
	MCP        mcpView[S]     `expr:"mcp"`
	Pipe       pipeView       `expr:"pipe"`
	SQL        sqlView[S]     `expr:"sql"`
}

type mcpView[S any] struct {
	Server S `expr:"server"`
	Tool   S `expr:"tool"`
}

type pipeView struct {
	Interpreter bool `expr:"interpreter"`
	Decoded     bool `expr:"decoded"`
}

type commandView[S, L any] struct {
	Prog  S             `expr:"prog"`
	Sub   S             `expr:"sub"`
	Args  L             `expr:"args"`
	Env   L             `expr:"env"`
	Via   L             `expr:"via"`
	Class S             `expr:"class"`
	Text  S             `expr:"text"`
	Git   gitView[S, L] `expr:"git"`
	Kube  kubeView[S]   `expr:"kube"`
	TF    tfView[S]     `expr:"tf"`
	SQL   sqlView[S]    `expr:"sql"`
	Pkg   pkgView[S, L] `expr:"pkg"`
}

type gitView[S, L any] struct {
	Class S              `expr:"class"`
	Dir   S              `expr:"dir"`
	Push  pushView[S, L] `expr:"push"`
}

type pushView[S, L any] struct {
	Remote S    `expr:"remote"`
	Dst    L    `expr:"dst"`
	Force  S    `expr:"force"`
	Delete bool `expr:"delete"`
	Bare   bool `expr:"bare"`
}

type kubeView[S any] struct {
	Verb      S `expr:"verb"`
	Resource  S `expr:"resource"`
	Name      S `expr:"name"`
	Context   S `expr:"context"`
	Namespace S `expr:"namespace"`
}

type tfView[S any] struct {
	Verb        S    `expr:"verb"`
	AutoApprove bool `expr:"auto_approve"`
}

type sqlView[S any] struct {
	Class S    `expr:"class"`
	Text  S    `expr:"text"`
	Where bool `expr:"where"`
}

type pkgView[S, L any] struct {
	Install bool `expr:"install"`
	Manager S    `expr:"manager"`
	Names   L    `expr:"names"`
}

type pathView[S, B any] struct {
	Named  S `expr:"named"`
	Real   S `expr:"real"`
	Rel    S `expr:"rel"`
	Base   S `expr:"base"`
	Inside B `expr:"inside"`
	Write  B `expr:"write"`
	Secret B `expr:"secret"`
}

type (
	userRun    = userView[any, any]
	commandRun = commandView[any, any]
	pathRun    = pathView[any, any]
	toolRun    = toolView[any, any, any, any, any, any]
	postRun    = postView[any, any]
)

// pointers lists the addresses of a slice's elements.
func pointers[T any](list []T) []*T {
	out := make([]*T, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

func newSQL(s *pipeline.SQL) sqlView[any] { return sqlView[any]{s.Class, s.Text, s.Where} }

func newPost(p *pipeline.Post) postRun {
	files := make([]fileView[any], min(len(p.Files), maxItems))
	for i := range files {
		f := &p.Files[i]
		files[i] = fileView[any]{f.ID, f.Name, f.Size, f.Mime}
	}
	return postRun{ID: string(p.ID), Text: p.Text, Files: pointers(files), Mention: p.Mention, Edited: p.Edited, Origin: p.Origin, Route: p.Route, Flood: p.Flood}
}
