package session

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"testing/synctest"
)

// randomID are the ids that nobody can foresee: UUIDs and ULIDs.
var randomID = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9A-HJKMNP-TV-Z]{26}\b|Session ID\*\* \| .[0-9a-f]{8}`)

func pick[T any](from []T, n int) T { return from[n%len(from)] }

// do is what each act does.
var do = map[string]func(p *play, a act){
	"write": func(p *play, a act) {
		p.spoken(pick([]string{"alice", "bob"}, a.N), pick([]string{"go on", "@claude-code again", "1", "Red", "!approve", "@bob lunch?", "no, <b>other</b> & more", "x\n```\ny"}, a.M))
	},
	"stranger writes": func(p *play, a act) {
		p.post("mallory", p.root, pick([]string{"let me", "@claude-code do it", "!approve", "!stop", "1"}, a.M))
	},
	"command": func(p *play, a act) {
		p.spoken(pick([]string{"alice", "alice", "bob"}, a.N), p.onCard(a.N, pick([]string{"!approve c1", "!approve c1 touch more", "!deny c1 use less", "!deny", "!escape", "!invite @mallory", "!kick @mallory", "!verbosity line", "!verbosity full",
			"!verbosity hidden", "!grants", "!revoke all", "!status", "!why", "!approve c1 touch other", "!stop", "!model opus", "/compact", "!cost", "!approve c1"}, a.M)))
	},
	"react": func(p *play, a act) {
		name, emoji := pick([]string{"alice", "alice", "bob", "mallory"}, a.N), pick([]string{"+1", "+1", "+1", "white_check_mark", "white_check_mark", "-1", "one", "two", "x", "arrows_counterclockwise", "question", "eyes"}, a.M)
		post := p.pickPost(a.N + a.M)
		if post == nil {
			return
		}
		p.voted(name, emoji, post.Message)
		r := mattermost.Reaction{UserID: "u-" + name, PostID: post.ID, Emoji: emoji}
		p.chat.Mu.Lock()
		p.chat.Under[post.ID] = append(p.chat.Under[post.ID], r)
		p.chat.Mu.Unlock()
		p.host.ears().receive(mattermost.ReactionAdded{Reaction: r, ChannelID: chattest.ChannelID})
	},
	"unreact": func(p *play, a act) {
		post := p.pickPost(a.M)
		if post == nil {
			return
		}
		p.chat.Mu.Lock()
		var r mattermost.Reaction
		at := slices.IndexFunc(p.chat.Under[post.ID], func(r mattermost.Reaction) bool { return r.UserID != chattest.BotID })
		if at >= 0 {
			r = p.chat.Under[post.ID][at]
			p.chat.Under[post.ID] = slices.Delete(slices.Clone(p.chat.Under[post.ID]), at, at+1)
		}
		p.chat.Mu.Unlock()
		if at >= 0 {
			p.host.ears().receive(mattermost.ReactionRemoved{Reaction: r, ChannelID: chattest.ChannelID})
		}
	},
	"card edited": func(p *play, a act) {
		if cards := p.chat.OfKind(p.root, "card"); len(cards) > 0 {
			forged := pick(cards, a.M)
			forged.Message = strings.Replace(forged.Message, "touch", "ls", 1) + "!"
			p.host.ears().receive(mattermost.Edited{Post: forged})
		}
	},
	"card deleted": func(p *play, a act) {
		if cards := p.chat.OfKind(p.root, "card"); len(cards) > 0 && a.N < 3 {
			card := pick(cards, a.M)
			p.chat.Deletes(card.ID)
			p.host.ears().receive(mattermost.Deleted{Post: card})
		}
	},
	"post edited": func(p *play, a act) {
		p.chat.Mu.Lock()
		var mine []mattermost.Post
		for _, post := range p.chat.Posts {
			if post.UserID == "u-alice" {
				mine = append(mine, *post)
			}
		}
		p.chat.Mu.Unlock()
		post := pick(mine, a.M)
		post.Message, post.EditAt = post.Message+" (meant otherwise)", time.Now().UnixMilli()
		p.host.ears().receive(mattermost.Edited{Post: post})
	},
	"init": func(p *play, a act) {
		p.line(`{"type":"system","subtype":"init","session_id":"c-%d","model":%q}`, a.N/6, pick([]string{"m", "opus"}, a.M))
	},
	"text": func(p *play, a act) {
		p.n++
		kind := pick([]string{"plain", "plain", "plain", "plain", "secret", "hush", "long", "think"}, a.N)
		text := map[string]string{"plain": "", "secret": " secret", "hush": " hush", "long": strings.Repeat(" and so on\n", 500), "think": ""}[kind]
		p.saysBlock(kind, fmt.Sprintf("word%dx", p.n), `{"type":"assistant","message":{"id":"m%d","model":"m","usage":{"input_tokens":%d},"content":[{"type":%s}]}}`, p.n, p.n*10, text)
	},
	"stream": func(p *play, a act) {
		c := p.claude()
		if c == nil {
			return
		}
		p.n++
		word := fmt.Sprintf("word%dx", p.n)
		id := fmt.Sprintf("m%d", p.n)
		p.lineOf(c, `{"type":"stream_event","event":{"type":"message_start","message":{"id":%q}}}`, id)
		p.lineOf(c, `{"type":"stream_event","event":{"type":"content_block_start","index":0,"content_block":{"type":"text"}}}`)
		text := "so " + word + " it is"
		for i, part := range []string{text[:5], text[5:]} { // the word is in the second, if Claude still gets to it
			if i == 1 {
				p.expect(c, "plain", word)
			}
			p.lineOf(c, `{"type":"stream_event","event":{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":%s}}}`, quoted(part))
			if i == 0 {
				time.Sleep(time.Duration(a.M*30) * time.Millisecond)
				synctest.Wait()
				p.reborn(a.Saved)
			}
		}
		p.lineOf(c, `{"type":"assistant","message":{"id":%q,"model":"m","content":[{"type":"text","text":%s}]}}`, id, quoted(text))
	},
	"call": func(p *play, a act) {
		p.n++
		mark := fmt.Sprint("n", p.n)
		p.asks("Bash", mark, pick([]string{"touch ", "touch ", "touch ", "ls ", "rm ", "cat '<a>&' ", "git push ", "curl http://h/", "eval ", "sh x.sh "}, a.M)+mark, a.N == 7, a.N == 6)
	},
	"ask again": func(p *play, a act) { // a repeated id, and one that the first hook never saw
		if len(p.calls) > 0 {
			c := pick(p.calls, a.M)
			p.asks(c.tool, c.mark, c.command, a.N%2 == 0, false)
		}
	},
	"question": func(p *play, a act) {
		p.n++
		several := a.N%2 == 0
		p.callsTool("AskUserQuestion", fmt.Sprintf(`{"questions":[{"question":"Which %d?","header":"A","multiSelect":%v,"options":[{"label":"Red"},{"label":"Blue"}]},{"question":"And?","header":"B","multiSelect":false,"options":[{"label":"One"},{"label":"Two"}]}][0:%d]}`, p.n, several, 1+a.M%2))
	},
	"plan": func(p *play, a act) {
		p.n++
		p.callsTool("ExitPlanMode", fmt.Sprintf(`{"plan":"# plan %d\n1. do <it>\n"}`, p.n))
	},
	"result": func(p *play, a act) {
		if len(p.calls) > 0 {
			c := pick(p.calls, a.M)
			p.line(`{"type":"user","message":{"content":[{"type":"tool_result","tool_use_id":%q,"content":"done <x> & y","is_error":%v}]}}`, c.use, a.N == 0)
		}
	},
	"end": func(p *play, a act) {
		more := pick([]string{`"subtype":"success","result":"ok"`, `"subtype":"success"`, `"subtype":"success"`, `"subtype":"error_max_turns"`, `"subtype":"error_during_execution","is_error":true`}, a.N)
		p.line(`{"type":"result",%s,"total_cost_usd":0.%d,"modelUsage":{"m":{"contextWindow":1000}}}`, more, a.M+1)
	},
	"withdraw": func(p *play, a act) {
		if len(p.calls) > 0 {
			c := pick(p.calls, a.M)
			c.agent.h.Withdraw(c.request)
		}
	},
	"exit": func(p *play, a act) {
		if c := p.claude(); c != nil && a.N < 4 {
			c.h.Exit(claude.Exit{Code: a.M % 2, Stderr: pick([]string{"", "boom <x>"}, a.N)})
		}
	},
	"background": func(p *play, a act) {
		p.line(`{"type":"system","subtype":"background_tasks_changed","tasks":[%s]}`, pick([]string{"", `{"task_id":"b1","task_type":"local_bash"}`}, a.N))
	},
	"compaction": func(p *play, a act) {
		p.line("%s", pick([]string{`{"type":"system","subtype":"status","status":"compacting"}`, `{"type":"system","subtype":"compact_boundary","compact_metadata":{"trigger":"auto","pre_tokens":900,"post_tokens":100}}`,
			`{"type":"system","subtype":"status","status":null,"compact_result":"success"}`}, a.N))
	},
	"limit": func(p *play, a act) {
		p.line(`{"type":"rate_limit_event","rate_limit_info":{"status":"allowed_warning","rateLimitType":"five_hour","utilization":0.9}}`)
	},
	"agent error": func(p *play, a act) {
		if c := p.claude(); c != nil {
			c.mu.Lock()
			c.err = pick([]error{nil, claude.ErrClosed, nil}, a.N)
			c.mu.Unlock()
		}
	},
	"time": func(p *play, a act) {
		time.Sleep(pick([]time.Duration{30 * time.Millisecond, time.Second, 11 * time.Second, time.Minute, 6 * time.Minute, 16 * time.Minute, 31 * time.Minute}, a.M))
	},
	"start fails": func(p *play, a act) {
		p.mu.Lock()
		p.fails = a.N == 0
		p.mu.Unlock()
	},
	"policy": func(p *play, a act) {
		p.strict = a.N%2 == 0
		text := basicRules + randomRules
		if p.strict {
			text += strictRules
		}
		p.engine.Swap((&stage{T: p.T}).rebuilt(text, p.load))
	},
	"left": func(p *play, a act) {
		if a.N == 0 {
			p.host.ears().receive(mattermost.UserRemoved{ChannelID: chattest.ChannelID, UserID: "u-bob"})
		}
	},
}

// pickPost is one of the bot's posts in the thread, rather one of the latest cards,
// and most of all one that is open.
func (p *play) pickPost(n int) *mattermost.Post {
	posts := p.chat.OfKind(p.root, "card")
	if open := slices.DeleteFunc(slices.Clone(posts), func(c mattermost.Post) bool { return !isOpenCard(c.Message) }); len(open) > 0 && n%3 > 0 {
		return &open[n%len(open)]
	}
	if n%4 == 0 || len(posts) == 0 {
		posts = p.chat.Said(p.root)
	}
	if len(posts) == 0 {
		return nil
	}
	post := posts[len(posts)-1-(n/4)%min(len(posts), 3)]
	return &post
}

var cardID = regexp.MustCompile(` · (c\d+)`)

// onCard puts the id of an open card in the place of c1.
func (p *play) onCard(n int, command string) string {
	if post := p.pickPost(n); post != nil {
		if id := cardID.FindStringSubmatch(post.Message); id != nil {
			return strings.Replace(command, " c1", " "+id[1], 1)
		}
	}
	return command
}

// spoken is a post of somebody who may answer cards.
func (p *play) spoken(name, text string) {
	p.mu.Lock()
	p.spoke = time.Now()
	if strings.HasPrefix(text, "!approve") || text == "1" {
		p.votes = append(p.votes, votedOn{at: time.Now(), by: name})
	}
	p.mu.Unlock()
	p.post(name, p.root, text)
}

// voted notes a reaction.
func (p *play) voted(name, emoji, card string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if name == "mallory" {
		return
	}
	p.spoke = time.Now()
	if emoji == "+1" || emoji == "white_check_mark" {
		p.votes = append(p.votes, votedOn{at: time.Now(), by: name, card: card})
		p.granted = p.granted || emoji == "white_check_mark"
	}
}

// line is something that the latest Claude says.
func (p *play) line(format string, args ...any) {
	if c := p.claude(); c != nil {
		p.lineOf(c, format, args...)
	}
}

func (p *play) lineOf(c *heardAgent, format string, args ...any) {
	m, err := claude.Decode(fmt.Appendf(nil, format, args...))
	if err != nil {
		p.Fatalf("%v: %s", err, fmt.Sprintf(format, args...))
	}
	c.h.Message(m)
}

// expect notes what is to become of a word of Claude's.
func (p *play) expect(c *heardAgent, kind, word string) {
	switch {
	case c == nil:
	case !p.hears(c), kind == "hush":
		p.never = append(p.never, word)
	case kind == "secret", kind == "think": // a thread may want to see no thinking
		p.maybe = append(p.maybe, word)
	default:
		p.said = append(p.said, word)
	}
}

func (p *play) saysBlock(kind, word, format string, n, tokens int, more string) {
	p.expect(p.claude(), kind, word)
	block := `"text","text":` + quoted("so "+word+" it is"+more)
	if kind == "think" {
		block = `"thinking","thinking":` + quoted("hm "+word)
	}
	p.line(format, n, tokens, block)
}

// asks makes a Bash call, at the first hook unless told otherwise.
func (p *play) asks(tool, mark, command string, unseen, background bool) {
	in, _ := json.Marshal(map[string]any{"command": command, "run_in_background": background, "timeout": 1e6})
	p.called(tool, mark, command, strings.Replace(string(in), ",", ",  ", 1), unseen)
}

func (p *play) callsTool(tool, input string) {
	if before, n, ok := strings.Cut(input, "][0:"); ok { // of the questions only some
		if strings.HasPrefix(n, "1") {
			before, _, _ = strings.Cut(before, `,{"question":"And?"`)
		}
		input = before + "]}"
	}
	p.called(tool, fmt.Sprint("n", p.n), "", input, false)
}

func (p *play) called(tool, mark, command, input string, unseen bool) {
	a := p.claude()
	if a == nil {
		return
	}
	c := &madeCall{use: "use-" + mark, request: fmt.Sprintf("k-%s-%d", mark, len(p.calls)), tool: tool, mark: mark, command: command, agent: a, at: time.Now()}
	if err := json.Unmarshal([]byte(input), &c.fields); err != nil {
		p.Fatalf("%v: %s", err, input)
	}
	p.mu.Lock()
	p.calls = append(p.calls, c)
	p.mu.Unlock()
	p.lineOf(a, `{"type":"assistant","message":{"id":"c%s-%d","model":"m","content":[{"type":"tool_use","id":%q,"name":%q,"input":%s}]}}`, mark, len(p.calls), c.use, tool, input)
	time.Sleep(3 * time.Millisecond)
	synctest.Wait()
	if !unseen {
		gate := "g" + c.request
		a.h.Gate(claude.GateCall{RequestID: gate, ToolUseID: c.use, ToolName: tool, Input: json.RawMessage(input), Fields: c.fields, SessionID: a.spec.SessionID, Cwd: a.spec.Dir})
		time.Sleep(time.Millisecond)
		synctest.Wait()
		a.mu.Lock()
		answer, answered := a.gates[gate]
		a.mu.Unlock()
		if !answered || answer.Decision == claude.Allow || answer.Decision == claude.Deny {
			return
		}
	}
	a.h.Ask(claude.AskCall{RequestID: c.request, ToolUseID: c.use, ToolName: tool, Input: json.RawMessage(input), Fields: c.fields, SessionID: a.spec.SessionID, Cwd: a.spec.Dir})
}
