package mattermost

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

func mustUnmarshal(t testing.TB, data []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(data, v); err != nil {
		t.Fatal(err)
	}
}

// frames finds every websocket message in a sample file, however it is wrapped.
func frames(t testing.TB, data []byte) (found []json.RawMessage) {
	t.Helper()
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil {
		for _, item := range list {
			found = append(found, frames(t, item)...)
		}
		return found
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(data, &object) != nil {
		return nil
	}
	if object["event"] != nil || object["status"] != nil && object["seq_reply"] != nil {
		return []json.RawMessage{data}
	}
	for _, key := range []string{"received", "received_in_order", "reply_to_sender", "event_at_other", "first", "second", "ping_reply"} {
		found = append(found, frames(t, object[key])...)
	}
	return found
}

func TestDecodeEverySample(t *testing.T) {
	files, _ := filepath.Glob("testdata/ws-*.json")
	if len(files) < 30 {
		t.Fatalf("only %d samples", len(files))
	}
	kinds := map[string]int{}
	for _, file := range files {
		all := frames(t, readFile(t, filepath.Base(file)))
		if len(all) == 0 {
			t.Errorf("%s: no frame found", file)
		}
		for _, raw := range all {
			f, err := decode(raw)
			if err != nil {
				t.Errorf("%s: %v", file, err)
				continue
			}
			if other, ok := f.Event.(Other); ok && other.Err != nil {
				t.Errorf("%s: %v", file, other.Err)
			}
			if f.Event != nil {
				kinds[strings.TrimPrefix(fmt.Sprintf("%T", f.Event), "mattermost.")]++
			} else if f.Reply.To == 0 {
				t.Errorf("%s: reply to nothing: %+v", file, f.Reply)
			}
		}
	}
	for _, kind := range []string{"Hello", "Posted", "Edited", "Deleted", "ReactionAdded", "ReactionRemoved", "Typing", "UserAdded", "UserRemoved", "Other"} {
		if kinds[kind] == 0 {
			t.Errorf("no sample of %s", kind)
		}
	}
}

func decodeSample(t testing.TB, name string) Event {
	t.Helper()
	f, err := decode(frames(t, readFile(t, name+".json"))[0])
	if err != nil {
		t.Fatal(err)
	}
	return f.Event
}

func TestDecodedFields(t *testing.T) {
	posted := decodeSample(t, "ws-posted-root-by-user-mention-bot").(Posted)
	if p := posted.Post; p.UserID != idAlice || !byPerson(p) || p.PendingID != idAlice+":1795363186908" ||
		posted.ChannelName != "claude-sessions" || posted.SenderName != "@alice" || len(posted.Mentions) != 1 || posted.Mentions[0] != idBot {
		t.Errorf("%+v", posted)
	}
	if p := decodeSample(t, "ws-posted-system-add-to-channel").(Posted).Post; !p.System() || byPerson(p) {
		t.Errorf("a system post: %+v", p)
	}
	if p := decodeSample(t, "ws-posted-with-files").(Posted).Post; len(p.FileIDs) != 2 || len(p.Metadata.Files) != 2 || p.RootOrSelf() != idRoot {
		t.Errorf("%+v", p)
	}
	if e := decodeSample(t, "ws-post_edited").(Edited); e.Post.EditAt == 0 || e.Post.Message != "on it — step 2" {
		t.Errorf("%+v", e)
	}
	if e := decodeSample(t, "ws-post_deleted-seen-by-admin").(Deleted); e.By != idBot || e.Post.DeleteAt != 0 {
		t.Errorf("%+v", e)
	}
	if e := decodeSample(t, "ws-reaction_added").(ReactionAdded); e.Reaction.Emoji != "thumbsup" || e.ChannelID != idChannel {
		t.Errorf("%+v", e)
	}
	if e := decodeSample(t, "ws-typing-from-rest-by-bot").(Typing); e != (Typing{UserID: idBot, ChannelID: idChannel, RootID: idRoot}) {
		t.Errorf("%+v", e)
	}
	// The three forms of a removal.
	for name, user := range map[string]string{"bot-itself": idBot, "seen-by-member": idAlice, "seen-by-removed-user": idAlice} {
		e := decodeSample(t, "ws-user_removed-"+name).(UserRemoved)
		if e.UserID != user || len(e.ChannelID) != 26 || e.RemoverID == "" {
			t.Errorf("%s: %+v", name, e)
		}
	}
	if e := decodeSample(t, "ws-channel_deleted").(Other); e.Name != "channel_deleted" || len(e.Data) == 0 {
		t.Errorf("%+v", e)
	}
	f, _ := decode(frames(t, readFile(t, "ws-after-token-revoked.json"))[0])
	if f.Reply == nil || f.Reply.OK || f.Reply.Status != 401 {
		t.Errorf("%+v", f.Reply)
	}
}

// I1, I2: marks in the props only ever take rights away, whatever their type.
func TestMarks(t *testing.T) {
	for _, row := range []struct {
		post   Post
		person bool
	}{
		{Post{}, true},
		{Post{Props: map[string]any{"override_username": "alice"}}, true}, // no mark, and no identity
		{Post{Props: map[string]any{"from_webhook": "false"}}, true},
		{Post{Props: map[string]any{"from_bot": nil}}, true},
		{Post{Props: map[string]any{"from_bot": false}}, true},
		{Post{Props: map[string]any{"from_webhook": "true"}}, false},
		{Post{Props: map[string]any{"from_bot": true}}, false},
		{Post{Props: map[string]any{"from_plugin": "yes"}}, false},
		{Post{Props: map[string]any{"from_oauth_app": 1.0}}, false},
		{Post{Props: map[string]any{"from_bot": map[string]any{}}}, false},
		{Post{Type: "system_join_channel"}, false},
		{Post{Type: "custom_calls"}, false},
	} {
		if byPerson(row.post) != row.person {
			t.Errorf("%+v: by a person = %v", row.post, !row.person)
		}
	}
}

// I6: what an account is.
func TestUserKinds(t *testing.T) {
	if u := (User{Roles: "system_guest", DeleteAt: 1, RemoteID: "r"}); !u.Guest() || u.Active() || !u.Remote() {
		t.Errorf("%+v", u)
	}
	if u := (User{Roles: "system_user not_system_guest"}); u.Guest() {
		t.Errorf("%+v", u)
	}
}

func TestUnreadableEvents(t *testing.T) {
	for _, data := range []string{
		`{"post":"{"}`, `{"post":""}`, `{"post":"{}"}`, `{}`, `null`, `[]`, `{"post":5}`, `{"post":"{\"id\":\"a\"}"}`,
	} {
		for _, name := range []string{"posted", "post_edited", "post_deleted", "reaction_added", "reaction_removed", "typing", "user_added", "hello"} {
			f, err := decode([]byte(`{"event":"` + name + `","data":` + data + `,"seq":3}`))
			if err != nil {
				t.Fatal(err)
			}
			if other, ok := f.Event.(Other); !ok || other.Err == nil || other.Name != name || f.Seq != 3 {
				t.Errorf("%s %s: %+v", name, data, f)
			}
		}
	}
	for _, message := range []string{``, `x`, `{}`, `[]`, `"a"`, `{"seq":1}`} {
		if f, err := decode([]byte(message)); err == nil {
			t.Errorf("%s: %+v", message, f)
		}
	}
}

func TestDecodeObjectInsteadOfString(t *testing.T) {
	f, err := decode([]byte(`{"event":"posted","data":{"post":{"id":"a","user_id":"b","channel_id":"c"},"mentions":["d"]},"seq":1}`))
	if p, ok := f.Event.(Posted); err != nil || !ok || p.Post.ID != "a" || p.Mentions[0] != "d" {
		t.Errorf("%+v, %v", f, err)
	}
}

func FuzzDecode(f *testing.F) {
	files, _ := filepath.Glob("testdata/ws-*.json")
	for _, file := range files {
		for _, raw := range frames(f, readFile(f, filepath.Base(file))) {
			f.Add([]byte(raw))
		}
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		frame, err := decode(message)
		if err != nil {
			return
		}
		if (frame.Event == nil) == (frame.Reply == nil) {
			t.Fatalf("neither or both: %+v", frame)
		}
		switch e := frame.Event.(type) {
		case Posted:
			if e.Post.complete() != nil {
				t.Fatalf("a post without id or author came through: %+v", e)
			}
			byPerson(e.Post)
		case ReactionAdded:
			if e.Reaction.UserID == "" || e.Reaction.PostID == "" {
				t.Fatalf("a reaction by nobody came through: %+v", e)
			}
		}
		newRecent(4).repeated(frame)
	})
}

func BenchmarkDecodePosted(b *testing.B) {
	for _, name := range []string{"ws-posted-reply", "ws-posted-with-attachment-props"} {
		raw := []byte(frames(b, readFile(b, name+".json"))[0])
		var compact strings.Builder
		_ = json.NewEncoder(&compact).Encode(json.RawMessage(raw))
		message := []byte(compact.String())
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(message)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := decode(message); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// byPerson reports that nothing marks the post as written by a bot, webhook,
// plugin, application or the server. It says nothing about which person: that
// is UserID, and whether the account is a bot is in User.
func byPerson(p Post) bool {
	return !p.FromBot() && !p.FromWebhook() && !p.FromPlugin() && !p.FromOAuthApp() && !p.System()
}
