package intake

import (
	"ctpipe/internal/command"
	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
)

// Why a post is the kind of event that it is (pipeline.Post.Route).
const (
	routeMention      = "mention"       // it names the bot where no session is: a start
	routeStartCommand = "start_command" // so does it, and begins with a command that shapes the start
	routeThread       = "thread"        // it stands in a session's thread
	routeCommand      = "command"       // it begins with ! in a session's thread, or names the bot
	routeBareCommand  = "bare_command"  // it is a command's word, as the whole message in a session's thread
	routeAlone        = "alone"         // it is a command that needs neither a session nor the bot's name
	routeSlash        = "slash"         // it begins with /: a command of Claude's own
)

// Posted is what a post's kind depends on.
type Posted struct {
	Text    string // as it was written
	Files   int    // that came with it
	Session bool   // a session is in its thread
}

// Routed is what a post is.
type Routed struct {
	Kind    pipeline.Kind // "": it is for nobody here
	Route   string        // why it is that, as above
	Text    string        // without the bot's name
	Mention bool          // it named the bot
	Command pipeline.ChatCommand
}

// Route makes each post at most one event; bot is the bot's user name. A message
// to somebody else (Aside) is not told from the others here.
func Route(bot string, p Posted) Routed {
	out := Routed{}
	out.Text, out.Mention = mentioned(bot, p.Text)
	cmd, bare, ok := commandIn(out.Text, p)
	if ok {
		out.Command = cmd
	}
	out.Kind, out.Route = route(p.Session, out.Mention, ok, bare, cmd)
	return out
}

// commandIn is the command that a post is. Where a session is, the whole message
// may be the word of a command, without a mark.
func commandIn(text string, p Posted) (cmd pipeline.ChatCommand, bare, ok bool) {
	if cmd, ok := command.Bare(text); ok && p.Session && p.Files == 0 {
		return cmd, true, true
	}
	cmd, ok = command.Split(text)
	return cmd, false, ok
}

// route is the one table of what a post is.
func route(session, mention, isCommand, bare bool, cmd pipeline.ChatCommand) (pipeline.Kind, string) {
	known, ours := command.Find(cmd.Name)
	switch {
	case !session && mention && isCommand && command.Shapes(cmd):
		return pipeline.KindStart, routeStartCommand
	case isCommand && cmd.Slash && (session || mention):
		return pipeline.KindCommand, routeSlash
	case isCommand && bare:
		return pipeline.KindCommand, routeBareCommand
	case isCommand && !cmd.Slash && (session || mention):
		return pipeline.KindCommand, routeCommand
	case isCommand && !cmd.Slash && ours && known.Alone && known.Fits(len(cmd.Args)):
		return pipeline.KindCommand, routeAlone
	case session:
		return pipeline.KindPost, routeThread
	case mention:
		return pipeline.KindStart, routeMention
	}
	return "", ""
}

// Urgent reports a command that ends something: it overtakes the posts that wait
// in its thread, but not the mention that opens the session.
func (r Routed) Urgent(session bool) bool {
	if r.Command.Name == "" || r.Command.Slash {
		return false
	}
	known, _ := command.Find(r.Command.Name)
	return known.Ends && (known.Anywhere || session)
}

// Origin says who the server says made a post (pipeline.Post.Origin). What a
// post claims about itself in its props only ever takes rights away.
func Origin(p mattermost.Post) string {
	switch {
	case p.System():
		return "system"
	case p.FromWebhook():
		return "webhook"
	case p.FromPlugin():
		return "plugin"
	case p.FromOAuthApp():
		return "oauth"
	case p.FromBot():
		return "bot"
	}
	return "person"
}
