package rules

import "ctpipe/pipeline"

// The views. Their expr tags equal the json tags of the pipeline types, which
// a test checks field by field.

type timeView struct {
	Unix    int64  `expr:"unix"`
	RFC3339 string `expr:"rfc3339"`
}

type threadView struct {
	ID          string `expr:"id"`
	Root        string `expr:"root"`
	Platform    string `expr:"platform"`
	Channel     string `expr:"channel"`
	ChannelName string `expr:"channel_name"`
	Team        string `expr:"team"`
	DM          bool   `expr:"dm"`
	Shared      bool   `expr:"shared"`
	Guests      bool   `expr:"guests"`
	Link        string `expr:"link"`
}

type sessionView struct {
	ID       string   `expr:"id"`
	State    string   `expr:"state"`
	Owner    string   `expr:"owner"`
	Mode     string   `expr:"mode"`
	Model    string   `expr:"model"`
	Dir      string   `expr:"dir"`
	Branch   string   `expr:"branch"`
	Worktree string   `expr:"worktree"`
	Trigger  string   `expr:"trigger"`
	Turns    int      `expr:"turns"`
	Cost     float64  `expr:"cost"`
	Idle     int64    `expr:"idle"`
	Tainted  bool     `expr:"tainted"`
	Grants   []string `expr:"grants"`
	Busy     bool     `expr:"busy"`
	Wrote    []string `expr:"wrote"`
}

type limitsView struct {
	Active int `expr:"active"`
	Max    int `expr:"max"`
}

type userView struct {
	ID      string   `expr:"id"`
	Name    string   `expr:"name"`
	Groups  []string `expr:"groups"`
	Bot     bool     `expr:"bot"`
	Guest   bool     `expr:"guest"`
	Active  bool     `expr:"active"`
	Owner   bool     `expr:"owner"`
	Invited bool     `expr:"invited"`
	Allowed bool     `expr:"allowed"`
}

type postView struct {
	ID      string      `expr:"id"`
	Text    string      `expr:"text"`
	Files   []*fileView `expr:"files"`
	Mention bool        `expr:"mention"`
	Edited  bool        `expr:"edited"`
	Origin  string      `expr:"origin"`
}

type fileView struct {
	ID   string `expr:"id"`
	Name string `expr:"name"`
	Size int64  `expr:"size"`
	Mime string `expr:"mime"`
}

type startView struct {
	Prompt string `expr:"prompt"`
	Dir    string `expr:"dir"`
	Branch string `expr:"branch"`
	Model  string `expr:"model"`
	Mode   string `expr:"mode"`
}

type chatCommandView struct {
	Name    string   `expr:"name"`
	Args    []string `expr:"args"`
	Text    string   `expr:"text"`
	HelpFor string   `expr:"help_for"`
	Slash   bool     `expr:"slash"`
}

type reactionView struct {
	Emoji   string `expr:"emoji"`
	Meaning string `expr:"meaning"`
	Added   bool   `expr:"added"`
	Target  string `expr:"target"`
}

type showView struct {
	What   string `expr:"what"`
	Text   string `expr:"text"`
	Before string `expr:"before"`
	Final  bool   `expr:"final"`
	Lines  int    `expr:"lines"`
	Tool   string `expr:"tool"`
	Bytes  int    `expr:"bytes"`
	Block  string `expr:"block"`
}

type noticeView struct {
	What string `expr:"what"`
	Text string `expr:"text"`
}

type toolView struct {
	ID         string         `expr:"id"`
	Name       string         `expr:"name"`
	Input      map[string]any `expr:"input"`
	Hash       string         `expr:"hash"`
	Cwd        string         `expr:"cwd"`
	Subagent   string         `expr:"subagent"`
	Requesters []*userView    `expr:"requesters"`
	Commands   []*commandView `expr:"commands"`
	Paths      []*pathView    `expr:"paths"`
	Hosts      []string       `expr:"hosts"`
	Opaque     bool           `expr:"opaque"`
	Why        string         `expr:"why"`
	MCP        mcpView        `expr:"mcp"`
	Pipe       pipeView       `expr:"pipe"`
	SQL        sqlView        `expr:"sql"`
}

type mcpView struct {
	Server string `expr:"server"`
	Tool   string `expr:"tool"`
}

type pipeView struct {
	Interpreter bool `expr:"interpreter"`
	Decoded     bool `expr:"decoded"`
}

type commandView struct {
	Prog  string   `expr:"prog"`
	Sub   string   `expr:"sub"`
	Args  []string `expr:"args"`
	Env   []string `expr:"env"`
	Via   []string `expr:"via"`
	Class string   `expr:"class"`
	Text  string   `expr:"text"`
	Git   gitView  `expr:"git"`
	Kube  kubeView `expr:"kube"`
	TF    tfView   `expr:"tf"`
	SQL   sqlView  `expr:"sql"`
	Pkg   pkgView  `expr:"pkg"`
}

type gitView struct {
	Class string   `expr:"class"`
	Dir   string   `expr:"dir"`
	Push  pushView `expr:"push"`
}

type pushView struct {
	Remote string   `expr:"remote"`
	Dst    []string `expr:"dst"`
	Force  string   `expr:"force"`
	Delete bool     `expr:"delete"`
	Bare   bool     `expr:"bare"`
}

type kubeView struct {
	Verb      string `expr:"verb"`
	Resource  string `expr:"resource"`
	Name      string `expr:"name"`
	Context   string `expr:"context"`
	Namespace string `expr:"namespace"`
}

type tfView struct {
	Verb        string `expr:"verb"`
	AutoApprove bool   `expr:"auto_approve"`
}

type sqlView struct {
	Class string `expr:"class"`
	Text  string `expr:"text"`
	Where bool   `expr:"where"`
}

type pkgView struct {
	Install bool     `expr:"install"`
	Manager string   `expr:"manager"`
	Names   []string `expr:"names"`
}

type pathView struct {
	Named  string `expr:"named"`
	Real   string `expr:"real"`
	Rel    string `expr:"rel"`
	Base   string `expr:"base"`
	Inside bool   `expr:"inside"`
	Write  bool   `expr:"write"`
	Secret bool   `expr:"secret"`
}

func newTool(t *pipeline.Tool) toolView {
	v := toolView{ID: string(t.ID), Name: t.Name, Input: t.Input, Hash: t.Hash, Cwd: t.Cwd, Subagent: t.Subagent,
		Hosts: t.Hosts, Opaque: t.Opaque, Why: t.Why, MCP: mcpView(t.MCP), Pipe: pipeView(t.Pipe), SQL: sqlView(t.SQL)}
	if n := min(len(t.Requesters), maxItems); n > 0 {
		users := make([]userView, n)
		v.Requesters = make([]*userView, n)
		for i := range users {
			users[i] = newUser(&t.Requesters[i])
			v.Requesters[i] = &users[i]
		}
	}
	if n := min(len(t.Commands), maxCommands); n > 0 {
		commands := make([]commandView, n)
		v.Commands = make([]*commandView, n)
		for i := range commands {
			commands[i] = newCommand(&t.Commands[i])
			v.Commands[i] = &commands[i]
		}
	}
	if n := min(len(t.Paths), maxPaths); n > 0 {
		paths := make([]pathView, n)
		v.Paths = make([]*pathView, n)
		for i := range paths {
			paths[i] = pathView(t.Paths[i])
			v.Paths[i] = &paths[i]
		}
	}
	return v
}

func newCommand(c *pipeline.Command) commandView {
	return commandView{Prog: c.Prog, Sub: c.Sub, Args: c.Args, Env: c.Env, Via: c.Via, Class: string(c.Class), Text: c.Text,
		Git:  gitView{Class: c.Git.Class, Dir: c.Git.Dir, Push: pushView(c.Git.Push)},
		Kube: kubeView(c.Kube), TF: tfView(c.TF), SQL: sqlView(c.SQL), Pkg: pkgView(c.Pkg)}
}

func newPost(p *pipeline.Post) postView {
	files := make([]*fileView, min(len(p.Files), maxItems))
	for i := range files {
		f := &p.Files[i]
		files[i] = &fileView{ID: f.ID, Name: f.Name, Size: f.Size, Mime: f.Mime}
	}
	return postView{ID: string(p.ID), Text: p.Text, Files: files, Mention: p.Mention, Edited: p.Edited, Origin: p.Origin}
}
