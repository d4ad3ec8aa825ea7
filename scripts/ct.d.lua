---@meta
-- Generated from the Go code by go test ./hooks -run Generated -update. For editors only; ctpipe does not read it.

---@class ct.Answer what a hook returns; only ct makes one

---@class ev.Event
---@field id string
---@field rev string revision of the rules that judged it
---@field kind string
---@field time ev.Time the only clock rules and hooks see
---@field thread ev.Thread
---@field session ev.Session
---@field limits ev.Limits
---@field user ev.User who did it; empty for tool and show
---@field post ev.Post
---@field start ev.Start
---@field command ev.ChatCommand
---@field reaction ev.Reaction
---@field tool ev.Tool
---@field show ev.Show
---@field notice ev.Notice session and policy
---@field unknown string[] paths of facts nobody could establish: "tool.commands"

---@class ev.Time
---@field unix integer seconds since 1970-01-01T00:00:00Z
---@field rfc3339 string the same, second precision, always Z

---@class ev.Thread
---@field id string the platform's id and the root post's
---@field root string the root post
---@field platform string the id of its [[platform]]; "playground" for the built-in chat
---@field channel string the channel's id
---@field channel_name string its name in addresses: "town-square"
---@field team string the team's name; empty in direct messages
---@field dm boolean a direct or group message
---@field shared boolean shared with another server
---@field guests boolean the channel has guest accounts
---@field link string permalink

---@class ev.Session
---@field id string ctpipe's own; it outlives Claude's process
---@field state string "", starting, idle, running, waiting, paused, ended
---@field owner string id of who started it
---@field mode string default, auto, bypass
---@field model string as it was asked for; "" is Claude's own default
---@field dir string absolute
---@field branch string of the directory, "" where there is none
---@field worktree string the worktree's directory, or ""
---@field trigger string human, or what else started it
---@field turns integer turns that have ended
---@field cost number US dollars, the CLI's running total
---@field idle integer seconds since anything happened
---@field tainted boolean Claude has read the web or an untrusted post
---@field grants string[] ids of the grants in force
---@field busy boolean another call that is not read is judged or running
---@field wrote string[] real paths that Claude wrote in this session, newest last, capped
---@field files string folder of the attachments that people sent, "" while there is none

---@class ev.Limits
---@field active integer sessions that run
---@field max integer [limits] max_sessions

---@class ev.User
---@field id string
---@field name string
---@field groups string[] [groups] they are in, resolved to ids at load
---@field bot boolean
---@field guest boolean
---@field active boolean
---@field owner boolean of this session
---@field invited boolean to this session
---@field allowed boolean on the platform's allowed_users, or that list is empty

---@class ev.Post
---@field id string
---@field text string
---@field files ev.File[]
---@field mention boolean names the bot
---@field edited boolean
---@field origin string person, bot, webhook, plugin, oauth, system: who the server says made it
---@field route string thread, mention, start_command, command, bare_command, alone, slash: why it is a post, a start or a command
---@field flood boolean its author writes more than limits.posts_per_minute

---@class ev.File
---@field id string
---@field name string
---@field size integer bytes
---@field mime string

---@class ev.Start
---@field prompt string
---@field dir string as it would be; absolute
---@field branch string named by the mention, "" where none is
---@field model string
---@field mode string default, auto, bypass
---@field verbosity string how much the thread wants to see, "" where nobody said
---@field outside boolean a command before the request leads to a start.dir outside of the roots
---@field needs_branch boolean worktree_mode is require, no branch is named, and start.dir is a repository itself, or nobody can say: people are asked for a branch before Claude starts

---@class ev.ChatCommand
---@field name string canonical, without the mark: "stop"
---@field args string[]
---@field text string everything after the name
---@field help_for string
---@field slash boolean it began with /
---@field dir string where !cd or !worktree switch would take the session: absolute, with links resolved, but as it was written where that is outside; "" where it takes it nowhere
---@field outside boolean command.dir is outside of the roots: what [claude] roots names, or the working directory and its worktrees
---@field needs_worktree boolean worktree_mode is require, and command.dir is a repository itself, or nobody can say; not before a request, since a start asks for a branch

---@class ev.Reaction
---@field emoji string as the server names it
---@field meaning string approve, allow_all, deny, one…four, answer (words, not an emoji), stop, interrupt, resume, why, pin, fold, other
---@field added boolean false: removed
---@field target string tool, plan, question, message, start, command, share, worktree, context, card (one that is closed), header, tasks, bot_post
---@field barred string why the answer does not count on its card, whatever the rules say: whom the asks admit; "" where it may count

---@class ev.Tool
---@field id string
---@field name string as Claude sent it: Bash, mcp__server__tool
---@field input table<string, any> exactly what Claude sent
---@field hash string SHA-256 over name, input and cwd, hex
---@field cwd string
---@field subagent string type of the subagent that calls, or ""
---@field requesters ev.User[] whose posts led to this call
---@field claude_asks string why Claude Code itself asks for a call that ctpipe let pass, or ""
---@field commands ev.Command[] every simple command the shell would start
---@field paths ev.Path[] every path the input or a command names
---@field hosts string[]
---@field opaque boolean something cannot be known before it runs
---@field why string and what that is
---@field mcp ev.MCP
---@field pipe ev.Pipe
---@field sql ev.SQL of an MCP tool that takes SQL

---@class ev.Command
---@field prog string base name of the program after unwrapping: "git"
---@field sub string subcommand, for programs that have one: "push"
---@field args string[] every argument after prog, the subcommand among them, as bash would pass it; dynamic words as written
---@field env string[] names assigned in front of it
---@field via string[] wrappers it was unwrapped from, outermost first: ["sudo", "xargs"]
---@field class string read, write, net, exec or unknown: what it does at most
---@field text string the source text of this command
---@field git ev.Git
---@field kube ev.Kube
---@field tf ev.TF
---@field sql ev.SQL
---@field pkg ev.Pkg

---@class ev.Git
---@field class string read, write, discard, or ""
---@field dir string -C, as written
---@field push ev.Push

---@class ev.Push
---@field remote string as written: "origin"
---@field dst string[] destination branches, without refs/heads/; empty: not known from the text
---@field force string "", force, lease
---@field delete boolean removes a remote ref
---@field bare boolean no refspec: the destination depends on configuration

---@class ev.Kube
---@field verb string "get", "apply"
---@field resource string as written, lower case, before any /: "secret"
---@field name string
---@field context string as the command names it; "" where it names none
---@field namespace string as the command names it

---@class ev.TF
---@field verb string "plan", "apply"
---@field auto_approve boolean

---@class ev.SQL
---@field class string "", read, write, ddl, destroy, unknown; the worst of all statements
---@field text string
---@field where boolean every UPDATE and DELETE has a WHERE

---@class ev.Pkg
---@field install boolean it installs packages
---@field manager string
---@field names string[]

---@class ev.Path
---@field named string as written
---@field real string absolute, links followed on the deepest existing parent
---@field rel string real, relative to the session's tree; "" outside it
---@field base string last element of real
---@field inside boolean real is in the session's tree
---@field write boolean the call may change it
---@field secret boolean on the built-in list of credential files

---@class ev.MCP
---@field server string
---@field tool string

---@class ev.Pipe
---@field interpreter boolean something is piped into a shell or interpreter
---@field decoded boolean and it was decoded (base64, xxd, gzip) or fetched on the way

---@class ev.Show
---@field what string text, thinking, tool (a call), result (a call with what it gave), diff (a call with its change of a file), tasks, plan, header, notice
---@field text string the whole block so far, of a tool call all that any style shows of it
---@field before string up to 4 KiB of what was shown before it
---@field final boolean nothing is added to the block any more
---@field lines integer of the text
---@field tool string the tool's name, where one is shown
---@field bytes integer of the text
---@field block string id of the block; asks and denials latch on it
---@field verbosity string how much the thread wants to see, "" where nobody said

---@class ev.Notice
---@field what string started, idle, timed_out, over_budget, exited, lost, resumed, ended · accepted, refused, held, stale, answered
---@field text string

ct = { json = {}, store = {} }

---Votes allow. An error unless the hook's [[hook]] says may = ["allow"].
---@param why? string for people and Claude
---@return ct.Answer
function ct.allow(why) end

---Votes ask: people decide.
---@param why? string for people and Claude
---@param opts? { approvers?: string|string[], quorum?: integer, ttl?: string|number, requester?: boolean } who may answer, how many of them, for how long, and whether a requester counts
---@return ct.Answer
function ct.ask(why, opts) end

---Votes deny. Say what to do instead: Claude reads it.
---@param why? string for people and Claude
---@return ct.Answer
function ct.deny(why) end

---Replaces the text of a show or post event. It passes redact again.
---@param text string the new text
---@return ct.Answer
function ct.text(text) end

---Replaces a tool's input. The rewritten call passes all gates again, once.
---@param input table the whole new input
---@return ct.Answer
function ct.input(input) end

---Chooses where and how a session starts. It is no vote; of all modes set, the most careful wins.
---@param settings { dir?: string, model?: string, mode?: string } what the session starts with
---@return ct.Answer
function ct.set(settings) end

---Says how a show event is shown. It is no vote; a rule that gives a style comes first.
---@param style? "full"|"line"|"fold"|"file"|"hidden" how it is shown
---@param opts? { max_lines?: integer, template?: string, text?: string } text also replaces the text
---@return ct.Answer
function ct.style(style, opts) end

---Posts in the thread, if the run stands. May also be returned.
---@param text string Markdown
---@return ct.Answer
function ct.reply(text) end

---Sends a prompt to Claude, if the run stands. May also be returned.
---@param text string what Claude reads
---@return ct.Answer
function ct.prompt(text) end

---Puts an emoji on the post in question.
---@param emoji string its name, without colons
function ct.react(emoji) end

---Notes a value in the journal and in the header of the session.
---@param key string up to 64 bytes
---@param value string|number|boolean
function ct.label(key, value) end

---Matches a whole path.
---@param pattern string as glob in rules: * and ? stay in one path element, ** spans elements, [a-z], {a,b}
---@param path string
---@return boolean
function ct.glob(pattern, path) end

---Gives the captures of the first match, or the match itself where there are none, or nil.
---@param re string RE2 expression
---@param text string
---@return string? ...
function ct.match(re, text) end

---Replaces every match; gives the text and how many there were.
---@param text string
---@param re string RE2 expression
---@param repl string $1, ${name}; $$ is a dollar sign
---@return string, integer
function ct.gsub(text, re, repl) end

---As within in rules: tells whether an instant falls into a window of the week. The end is outside; hours may run past midnight.
---@param time ev.Time|integer ev.time, or Unix seconds
---@param spec string "Mon-Fri 09:00-17:00", several joined by commas
---@param zone string "Europe/Berlin"
---@return boolean
function ct.within(time, spec, zone) end

---Gives a deep copy that may be changed; the event itself is read-only.
---@param value any a part of the event, or a table
---@return any
function ct.copy(value) end

---Writes a line to ctpipe's log: at most 64 per call, 2 KiB each.
---@param ... any
function ct.log(...) end

---Writes JSON, keys sorted. An empty table is {}.
---@param value any
---@return string
function ct.json.encode(value) end

---Reads JSON; null becomes nil. Text that is no JSON is an error.
---@param text string
---@return any
function ct.json.decode(text) end

---Reads the hook's own memory; nil if the key is not there or has expired.
---@param key string
---@return any
function ct.store.get(key) end

---Writes the hook's own memory, once the run stands. A crash may lose the last second.
---@param key string
---@param value any nil removes the key
---@param opts? { ttl?: string|number }
function ct.store.set(key, value, opts) end

---Adds to a number and gives the sum.
---@param key string
---@param by? number default 1
---@param opts? { ttl?: string|number } counts from when the key is made
---@return number
function ct.store.incr(key, by, opts) end
