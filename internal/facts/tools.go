package facts

// fieldRole says what an input field of a tool is.
type fieldRole int

const (
	asCommand fieldRole = iota + 1 // a command line
	asRead                         // a file that is read
	asWrite                        // a file that is changed
	asNames                        // a directory whose names are read
	asTree                         // a directory whose content is read
	asPattern                      // a glob, perhaps with a directory in front
	asFilter                       // which names of a tree are read
	asURL                          // an address that is fetched
	asCode                         // a script of the tool's own
)

type toolField struct {
	name     string
	role     fieldRole
	required bool // without it the fact is unknown
}

// tools is the table of the CLI's own tools: which input fields name commands,
// paths and hosts. A tool that is listed without fields names none: it talks to
// people, to the model or to the CLI itself.
var tools = map[string][]toolField{
	"Bash":         {{"command", asCommand, true}},
	"Monitor":      {{"command", asCommand, false}, {"ws.url", asURL, false}},
	"Read":         {{"file_path", asRead, true}},
	"Write":        {{"file_path", asWrite, true}},
	"Edit":         {{"file_path", asWrite, true}},
	"MultiEdit":    {{"file_path", asWrite, true}},
	"NotebookEdit": {{"notebook_path", asWrite, true}},
	"NotebookRead": {{"notebook_path", asRead, true}},
	"LS":           {{"path", asNames, false}},
	"Glob":         {{"path", asNames, false}, {"pattern", asPattern, true}},
	"Grep":         {{"path", asTree, false}, {"glob", asFilter, false}},
	"WebFetch":     {{"url", asURL, true}},
	"WebSearch":    {},

	"Agent": {}, "Task": {}, "Skill": {}, "ToolSearch": {}, "AskUserQuestion": {},
	"EnterPlanMode": {}, "ExitPlanMode": {}, "TodoWrite": {},
	"TaskCreate": {}, "TaskGet": {}, "TaskUpdate": {}, "TaskList": {}, "TaskStop": {}, "TaskOutput": {},
	"BashOutput": {}, "KillShell": {},
	"ListAgents": {}, "SendMessage": {}, "ReportFindings": {}, "ScheduleWakeup": {},
	"CronCreate": {}, "CronDelete": {}, "CronList": {},
	"EnterWorktree": {{"path", asWrite, false}},
	"ExitWorktree":  {},
	"Workflow":      {{"script", asCode, false}, {"name", asCode, false}, {"scriptPath", asCode, false}},
}

// GoesToPeople reports a tool whose calls are themselves a question to people.
func GoesToPeople(tool string) bool { return tool == "AskUserQuestion" || tool == "ExitPlanMode" }
