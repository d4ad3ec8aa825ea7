package pipeline

// Tool is a call that Claude wants to make, and what ctpipe found out about it
// before it runs. Every list is capped by the stage that fills it.
type Tool struct {
	ID         ToolID         `json:"id"`
	Name       string         `json:"name"`  // as Claude sent it: Bash, mcp__server__tool
	Input      map[string]any `json:"input"` // exactly what Claude sent
	Hash       string         `json:"hash"`  // SHA-256 over name, input and cwd, hex
	Cwd        string         `json:"cwd,omitempty"`
	Subagent   string         `json:"subagent,omitempty"`    // type of the subagent that calls, or ""
	Requesters []User         `json:"requesters,omitempty"`  // whose posts led to this call
	ClaudeAsks string         `json:"claude_asks,omitempty"` // why Claude Code itself asks for a call that ctpipe let pass, or ""
	Commands   []Command      `json:"commands,omitempty"`    // every simple command the shell would start
	Paths      []Path         `json:"paths,omitempty"`       // every path the input or a command names
	Hosts      []string       `json:"hosts,omitempty"`
	Opaque     bool           `json:"opaque,omitempty"` // something cannot be known before it runs
	Why        string         `json:"why,omitempty"`    // and what that is
	MCP        MCP            `json:"mcp,omitzero"`
	Pipe       Pipe           `json:"pipe,omitzero"`
	SQL        SQL            `json:"sql,omitzero"` // of an MCP tool that takes SQL
}

// MCP names the server and tool of an mcp__server__tool call.
type MCP struct {
	Server string `json:"server,omitempty"`
	Tool   string `json:"tool,omitempty"`
}

// Pipe says what a command line feeds to an interpreter.
type Pipe struct {
	Interpreter bool `json:"interpreter,omitempty"` // something is piped into a shell or interpreter
	Decoded     bool `json:"decoded,omitempty"`     // and it was decoded (base64, xxd, gzip) or fetched on the way
}

// Command is one simple command that a shell call would start.
type Command struct {
	Prog  string   `json:"prog"`           // base name of the program after unwrapping: "git"
	Sub   string   `json:"sub,omitempty"`  // subcommand, for programs that have one: "push"
	Args  []string `json:"args,omitempty"` // every argument after prog, the subcommand among them, as bash would pass it; dynamic words as written
	Env   []string `json:"env,omitempty"`  // names assigned in front of it
	Via   []string `json:"via,omitempty"`  // wrappers it was unwrapped from, outermost first: ["sudo", "xargs"]
	Class Class    `json:"class"`          // read, write, net, exec or unknown: what it does at most
	Text  string   `json:"text"`           // the source text of this command
	Git   Git      `json:"git,omitzero"`
	Kube  Kube     `json:"kube,omitzero"`
	TF    TF       `json:"tf,omitzero"`
	SQL   SQL      `json:"sql,omitzero"`
	Pkg   Pkg      `json:"pkg,omitzero"`
}

// Class says what a command does at most.
type Class string

// The classes. Read is claimed only if program, subcommand and every flag are
// known to be harmless.
const (
	ClassRead    Class = "read"
	ClassWrite   Class = "write"
	ClassNet     Class = "net"
	ClassExec    Class = "exec"
	ClassUnknown Class = "unknown"
)

// Git is what a git command does; zero for other programs.
type Git struct {
	Class string `json:"class,omitempty"` // read, write, discard, or ""
	Dir   string `json:"dir,omitempty"`   // -C, as written
	Push  Push   `json:"push,omitzero"`
}

// Push is a git push.
type Push struct {
	Remote string   `json:"remote,omitempty"` // as written: "origin"
	Dst    []string `json:"dst,omitempty"`    // destination branches, without refs/heads/; empty: not known from the text
	Force  string   `json:"force,omitempty"`  // "", force, lease
	Delete bool     `json:"delete,omitempty"` // removes a remote ref
	Bare   bool     `json:"bare,omitempty"`   // no refspec: the destination depends on configuration
}

// Kube is a kubectl, oc or helm command.
type Kube struct {
	Verb      string `json:"verb,omitempty"`     // "get", "apply"
	Resource  string `json:"resource,omitempty"` // as written, lower case, before any /: "secret"
	Name      string `json:"name,omitempty"`
	Context   string `json:"context,omitempty"`   // as the command names it; "" where it names none
	Namespace string `json:"namespace,omitempty"` // as the command names it
}

// TF is a terraform or tofu command.
type TF struct {
	Verb        string `json:"verb,omitempty"` // "plan", "apply"
	AutoApprove bool   `json:"auto_approve,omitempty"`
}

// SQL is the statement a database client is given on its command line.
type SQL struct {
	Class string `json:"class,omitempty"` // "", read, write, ddl, destroy, unknown; the worst of all statements
	Text  string `json:"text,omitempty"`
	Where bool   `json:"where,omitempty"` // every UPDATE and DELETE has a WHERE
}

// Pkg is a package manager's install.
type Pkg struct {
	Install bool     `json:"install,omitempty"` // it installs packages
	Manager string   `json:"manager,omitempty"`
	Names   []string `json:"names,omitempty"`
}

// Path is a file or directory that a call names.
type Path struct {
	Named  string `json:"named"`            // as written
	Real   string `json:"real"`             // absolute, links followed on the deepest existing parent
	Rel    string `json:"rel,omitempty"`    // real, relative to the session's tree; "" outside it
	Base   string `json:"base,omitempty"`   // last element of real
	Inside bool   `json:"inside,omitempty"` // real is in the session's tree
	Write  bool   `json:"write,omitempty"`  // the call may change it
	Secret bool   `json:"secret,omitempty"` // on the built-in list of credential files
}

// Mode says what happens to a tool call that nothing voted on.
type Mode string

// The modes, from the most careful to the least.
const (
	ModeDefault Mode = "default" // people are asked
	ModeAuto    Mode = "auto"    // Claude's own auto mode decides what to ask
	ModeBypass  Mode = "bypass"  // ctpipe answers allow
)

// Rank orders modes by how much they let pass; an unknown mode ranks as default.
func (m Mode) Rank() int {
	switch m {
	case ModeAuto:
		return 1
	case ModeBypass:
		return 2
	}
	return 0
}
