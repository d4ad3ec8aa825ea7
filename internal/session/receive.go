package session

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctpipe/internal/mattermost"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// receive takes what the chat server says. It only sorts things into lanes.
func (h *Host) receive(e mattermost.Event) {
	switch e := e.(type) {
	case mattermost.Posted:
		h.receivePost(e.Post)
	case mattermost.ReactionAdded:
		h.receiveReaction(e.Reaction, true)
	case mattermost.ReactionRemoved:
		h.receiveReaction(e.Reaction, false)
	}
}

func (h *Host) receivePost(p mattermost.Post) {
	if p.UserID == h.Me.ID || p.ChannelID != h.Channel.ID {
		return
	}
	root := pipeline.PostID(p.RootOrSelf())
	err := h.Lanes.Enqueue(string(h.threadID(root)), func(ctx context.Context) { h.post(ctx, root, p) })
	if errors.Is(err, pipeline.ErrLaneFull) {
		h.Log.Warn("a thread has too much waiting; a post is not run", "thread", h.threadID(root), "post", p.ID)
		h.outbox(root).React(pipeline.PostID(p.ID), "turtle")
	}
}

func (h *Host) receiveReaction(r mattermost.Reaction, added bool) {
	own, ok := h.ownPost(pipeline.PostID(r.PostID))
	if r.UserID == h.Me.ID || !ok {
		return
	}
	err := h.Lanes.Enqueue(string(own.thread), func(ctx context.Context) { h.react(ctx, own, r, added) })
	if err != nil {
		h.Log.Warn("a reaction is not run", "thread", own.thread, "post", r.PostID, "err", err)
	}
}

// post makes one event of a post: a command, a message to the session, or the
// start of one; or nothing, if it is not for ctpipe.
func (h *Host) post(ctx context.Context, root pipeline.PostID, p mattermost.Post) {
	s := h.session(h.threadID(root))
	if s == nil {
		s = h.revive(ctx, root)
	}
	rest, mention := h.mentioned(p.Message)
	cmd, isCommand := stages.Split(rest)
	kind := route(s != nil, mention, isCommand, cmd, p.Message, h.Me.Username)
	if kind == "" {
		return
	}
	ev := h.event(kind, root)
	ev.Post = pipeline.Post{ID: pipeline.PostID(p.ID), Text: rest, Files: files(p), Mention: mention,
		Edited: p.EditAt > 0, Origin: origin(p)}
	var err error
	if ev.User, err = h.person(ctx, pipeline.UserID(p.UserID), s, accountFor); err != nil {
		h.Log.Warn("nobody can say who wrote a post; it is refused", "post", p.ID, "err", err)
	}
	set := h.settings()
	switch kind {
	case pipeline.KindCommand:
		ev.Command = cmd
	case pipeline.KindStart:
		ev.Start = pipeline.Start{Prompt: rest, Dir: set.Dir, Model: set.Model, Mode: set.Mode}
	}
	h.Engine.Handle(ctx, ev)
}

// route makes each post exactly one event.
func route(session, mention, isCommand bool, cmd pipeline.ChatCommand, text, bot string) pipeline.Kind {
	known, isOurs := stages.FindCommand(cmd.Name)
	switch {
	case isCommand && !cmd.Slash && (session || mention || isOurs && known.Anywhere && known.Name == "kill"):
		return pipeline.KindCommand
	case isCommand && cmd.Slash && session:
		return pipeline.KindCommand
	case session && !mention && aside(text, bot):
		return ""
	case session:
		return pipeline.KindPost
	case mention:
		return pipeline.KindStart
	}
	return ""
}

var addressed = regexp.MustCompile(`^@([\w.-]*\w)`)

// aside reports a message to somebody else: "@alice what do you think?".
func aside(text, bot string) bool {
	m := addressed.FindStringSubmatch(strings.TrimSpace(text))
	return m != nil && !strings.EqualFold(m[1], bot)
}

// mentioned takes the bot's name out of a text and says whether it was there:
// at the start or inside, in any case; @bot-2 is not @bot.
func (h *Host) mentioned(text string) (rest string, found bool) {
	name := "@" + strings.ToLower(h.Me.Username)
	lower := strings.ToLower(text)
	if len(lower) != len(text) {
		lower = text // some letters change length; then only the exact case counts
	}
	var b strings.Builder
	for at := 0; ; {
		i := strings.Index(lower[at:], name)
		if i < 0 {
			b.WriteString(text[at:])
			break
		}
		i += at
		end := i + len(name)
		before, _ := utf8.DecodeLastRuneInString(text[:i])
		after, _ := utf8.DecodeRuneInString(text[end:])
		if wordy(before) || nameGoesOn(text[end:], after) {
			b.WriteString(text[at:end])
		} else {
			b.WriteString(text[at:i])
			found = true
		}
		at = end
	}
	return strings.TrimSpace(b.String()), found
}

func wordy(r rune) bool {
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '@')
}

// nameGoesOn reports that what follows belongs to a longer user name. A dot or
// dash belongs to it only before another letter or digit: "@bot." ends.
func nameGoesOn(rest string, next rune) bool {
	if wordy(next) {
		return true
	}
	if next != '-' && next != '.' {
		return false
	}
	second, _ := utf8.DecodeRuneInString(rest[1:])
	return wordy(second)
}

// origin says who the server says made a post. What a post claims about
// itself in its props only ever takes rights away (I1, I2).
func origin(p mattermost.Post) string {
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

func files(p mattermost.Post) []pipeline.File {
	out := make([]pipeline.File, 0, len(p.FileIDs))
	for _, f := range p.Metadata.Files {
		out = append(out, pipeline.File{ID: f.ID, Name: f.Name, Size: f.Size, Mime: f.MimeType})
	}
	return out
}

// react makes an event of a reaction on one of ctpipe's own posts.
func (h *Host) react(ctx context.Context, own ours, r mattermost.Reaction, added bool) {
	s := h.session(own.thread)
	ev := h.event(pipeline.KindReaction, own.root)
	ev.Post.ID = pipeline.PostID(r.PostID)
	ev.Reaction = pipeline.Reaction{Emoji: r.Emoji, Meaning: stages.Meaning(r.Emoji), Added: added, Target: own.target()}
	if s != nil {
		if kind := s.promptKind(ev.Post.ID); kind != "" {
			ev.Reaction.Target = kind
		}
	}
	var err error
	if ev.User, err = h.person(ctx, pipeline.UserID(r.UserID), s, decisionFor); err != nil {
		h.Log.Warn("nobody can say who reacted; it does not count", "post", r.PostID, "err", err)
	}
	h.Engine.Handle(ctx, ev)
}

// target is what kind of post a reaction was made on, where it is no open card.
func (o ours) target() string {
	if o.key == "header" {
		return "header"
	}
	return "bot_post"
}
