package rules

import (
	"reflect"
	"strings"

	"ctpipe/pipeline"
)

// The names that expressions of a kind may use. Each environment is a view of
// its own: plain strings where the event has named types (those do not compare
// with literals), no methods (expression code could call them), and only what
// is true of the kind. Lists hold pointers to structs that are never nil, so
// that a predicate does not copy a whole command for each field it reads.

// base is what every kind knows.
type base[S, L any] struct {
	Time    timeView[S]       `expr:"time"`
	Thread  threadView[S]     `expr:"thread"`
	Session sessionView[S, L] `expr:"session"`
	Limits  limitsView        `expr:"limits"`
	// Need stands in programs that judge events with unknown facts; no
	// expression of the file can name it.
	Need *reached `expr:"__need"`
}

type (
	postEnv[S, L, F any] struct {
		base[S, L]
		User userView[S, L] `expr:"user"`
		Post postView[S, F] `expr:"post"`
	}
	startEnv[S, L, F any] struct {
		base[S, L]
		User  userView[S, L] `expr:"user"`
		Post  postView[S, F] `expr:"post"` // the mention
		Start startView[S]   `expr:"start"`
	}
	commandEnv[S, L, F any] struct {
		base[S, L]
		User    userView[S, L]        `expr:"user"`
		Post    postView[S, F]        `expr:"post"`
		Command chatCommandView[S, L] `expr:"command"`
	}
	reactionEnv[S, L any] struct {
		base[S, L]
		User     userView[S, L]  `expr:"user"`
		Reaction reactionView[S] `expr:"reaction"`
	}
	toolEnv[S, L, U, C, P, B any] struct {
		base[S, L]
		Tool toolView[S, L, U, C, P, B] `expr:"tool"`
	}
	showEnv[S, L any] struct {
		base[S, L]
		Show showView[S] `expr:"show"`
	}
	noticeEnv[S, L any] struct {
		base[S, L]
		Notice noticeView[S] `expr:"notice"`
	}

	texts = []string
	files = []*fileView[string]
	users = []*userView[string, texts]
	calls = []*commandView[string, texts]
	paths = []*pathView[string, bool]
)

// environments gives each kind's environment as expressions are checked
// against it.
var environments = map[pipeline.Kind]any{
	pipeline.KindPost: postEnv[string, texts, files]{}, pipeline.KindStart: startEnv[string, texts, files]{},
	pipeline.KindCommand: commandEnv[string, texts, files]{}, pipeline.KindReaction: reactionEnv[string, texts]{},
	pipeline.KindTool: toolEnv[string, texts, users, calls, paths, bool]{}, pipeline.KindShow: showEnv[string, texts]{},
	pipeline.KindSession: noticeEnv[string, texts]{}, pipeline.KindPolicy: noticeEnv[string, texts]{},
}

// maxCommands, maxPaths and maxItems cap the lists of an event; an event with
// more has that fact unknown, because a cut list would hide what comes after.
const (
	maxCommands = 256
	maxPaths    = 512
	maxItems    = 1024
)

// tooLong names the facts of an event that are over the caps.
func tooLong(ev *pipeline.Event) []string {
	var out []string
	over := func(path string, n, limit int) {
		if n > limit {
			out = append(out, path)
		}
	}
	over("tool.commands", len(ev.Tool.Commands), maxCommands)
	over("tool.paths", len(ev.Tool.Paths), maxPaths)
	over("tool.hosts", len(ev.Tool.Hosts), maxItems)
	over("tool.requesters", len(ev.Tool.Requesters), maxItems)
	over("session.wrote", len(ev.Session.Wrote), 4*maxItems)
	over("post.files", len(ev.Post.Files), maxItems)
	over("command.args", len(ev.Command.Args), maxItems)
	for i := range ev.Tool.Commands {
		c := &ev.Tool.Commands[i]
		if max(len(c.Args), len(c.Env), len(c.Via), len(c.Git.Push.Dst), len(c.Pkg.Names)) > maxItems {
			out = append(out, "tool.commands")
			break
		}
	}
	return out
}

func newBase(ev *pipeline.Event) base[any, any] {
	s := &ev.Session
	return base[any, any]{
		Time: timeView[any]{Unix: ev.Time.Unix, RFC3339: ev.Time.RFC3339},
		Thread: threadView[any]{ID: string(ev.Thread.ID), Root: string(ev.Thread.Root), Platform: string(ev.Thread.Platform),
			Channel: string(ev.Thread.Channel), ChannelName: ev.Thread.ChannelName, Team: ev.Thread.Team, DM: ev.Thread.DM,
			Shared: ev.Thread.Shared, Guests: ev.Thread.Guests, Link: ev.Thread.Link},
		Session: sessionView[any, any]{ID: string(s.ID), State: s.State, Owner: string(s.Owner), Mode: string(s.Mode), Model: s.Model,
			Dir: s.Dir, Branch: s.Branch, Worktree: s.Worktree, Trigger: s.Trigger, Turns: s.Turns, Cost: s.Cost, Idle: s.Idle,
			Tainted: s.Tainted, Grants: s.Grants, Busy: s.Busy, Wrote: s.Wrote, Files: s.Files},
		Limits: limitsView{Active: ev.Limits.Active, Max: ev.Limits.Max},
	}
}

func newUser(u *pipeline.User) userRun {
	return userRun{ID: string(u.ID), Name: u.Name, Groups: u.Groups, Bot: u.Bot, Guest: u.Guest, Active: u.Active,
		Owner: u.Owner, Invited: u.Invited, Allowed: u.Allowed}
}

// newEnv is the environment of an event of any kind but tool, whose space is
// used again (env_tool.go); need is nil where nothing is unknown.
func newEnv(ev *pipeline.Event, need *reached) any {
	b := newBase(ev)
	b.Need = need
	switch ev.Kind {
	case pipeline.KindPost:
		return postEnv[any, any, any]{b, newUser(&ev.User), newPost(&ev.Post)}
	case pipeline.KindStart:
		return startEnv[any, any, any]{b, newUser(&ev.User), newPost(&ev.Post), startView[any]{Prompt: ev.Start.Prompt, Dir: ev.Start.Dir, Branch: ev.Start.Branch,
			Model: ev.Start.Model, Mode: string(ev.Start.Mode), Verbosity: ev.Start.Verbosity, Outside: ev.Start.Outside, NeedsBranch: ev.Start.NeedsBranch}}
	case pipeline.KindCommand:
		return commandEnv[any, any, any]{b, newUser(&ev.User), newPost(&ev.Post), chatCommandView[any, any]{Name: ev.Command.Name, Args: ev.Command.Args,
			Text: ev.Command.Text, HelpFor: ev.Command.HelpFor, Slash: ev.Command.Slash,
			Dir: ev.Command.Dir, Outside: ev.Command.Outside, NeedsWorktree: ev.Command.NeedsWorktree}}
	case pipeline.KindReaction:
		return reactionEnv[any, any]{b, newUser(&ev.User), reactionView[any]{Emoji: ev.Reaction.Emoji, Meaning: ev.Reaction.Meaning,
			Added: ev.Reaction.Added, Target: ev.Reaction.Target, Barred: ev.Reaction.Barred}}
	case pipeline.KindShow:
		s := &ev.Show
		return showEnv[any, any]{b, showView[any]{s.What, s.Text, s.Before, s.Final, s.Lines, s.Tool, s.Bytes, s.Block, s.Verbosity}}
	}
	return noticeEnv[any, any]{b, noticeView[any]{What: ev.Notice.What, Text: ev.Notice.Text}}
}

// fieldsOf lists the names that a struct offers to expressions.
func fieldsOf(rt reflect.Type) []string {
	for rt.Kind() == reflect.Pointer || rt.Kind() == reflect.Slice {
		rt = rt.Elem()
	}
	var out []string
	if rt.Kind() != reflect.Struct {
		return nil
	}
	for i := 0; i < rt.NumField(); i++ {
		f := rt.Field(i)
		if f.Anonymous {
			out = append(out, fieldsOf(f.Type)...)
			continue
		}
		if name := f.Tag.Get("expr"); name != "" && !strings.HasPrefix(name, "__") {
			out = append(out, name)
		}
	}
	return out
}

// rootNames are the names at the top of a kind's environment.
func rootNames(k pipeline.Kind) []string { return fieldsOf(reflect.TypeOf(environments[k])) }
