package playground

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"mime/multipart"
	"slices"
	"strings"
	"testing"
)

// sameShape compares two JSON values: objects key for key, lists by their first
// element, JSON strings inside JSON too. Where a key may be absent it says so.
func sameShape(t *testing.T, at string, want, got any) {
	t.Helper()
	switch w := want.(type) {
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok {
			t.Errorf("%s: %T, want an object", at, got)
			return
		}
		wk, gk := slices.Sorted(maps.Keys(w)), slices.Sorted(maps.Keys(g))
		if strings.HasSuffix(at, ".posts") { // keyed by id: compare one with one
			if len(wk) > 0 && len(gk) > 0 {
				sameShape(t, at+"[id]", w[wk[0]], g[gk[0]])
			}
			return
		}
		if strings.HasSuffix(at, ".props") || strings.HasSuffix(at, ".omit_users") || strings.HasSuffix(at, ".metadata") && (len(wk) == 0 || strings.Contains(at, "[id]")) {
			return
		}
		if !slices.Equal(wk, gk) {
			t.Errorf("%s: keys\n got %v\nwant %v", at, gk, wk)
		}
		for k, v := range w {
			sameShape(t, at+"."+k, v, g[k])
		}
	case []any:
		g, ok := got.([]any)
		if !ok {
			t.Errorf("%s: %T, want a list", at, got)
		} else if len(w) > 0 && len(g) > 0 {
			sameShape(t, at+"[0]", w[0], g[0])
		}
	case string:
		g, ok := got.(string)
		if !ok {
			t.Errorf("%s: %T, want a string", at, got)
			return
		}
		var wi, gi any
		if strings.HasPrefix(w, "{") && json.Unmarshal([]byte(w), &wi) == nil {
			if json.Unmarshal([]byte(g), &gi) != nil {
				t.Errorf("%s: %q is no JSON", at, g)
				return
			}
			sameShape(t, at+"(json)", wi, gi)
		}
	default:
		if fmt.Sprintf("%T", want) != fmt.Sprintf("%T", got) {
			t.Errorf("%s: %T, want %T", at, got, want)
		}
	}
}

// likeSample compares an answer with the recording of that name.
func likeSample(t *testing.T, name string, a answer) {
	t.Helper()
	res := sample(t, name)["response"].(map[string]any)
	if want := int(res["status"].(float64)); a.status != want {
		t.Errorf("%s: status %d, want %d: %s", name, a.status, want, a.raw)
	}
	sameShape(t, name, res["body"], a.body)
}

func TestShapesOfREST(t *testing.T) {
	s := started(t)
	api := func(user, method, path string, body any) answer {
		return as(t, s, s.tokenFor(user), method, "/api/v4"+path, body)
	}
	ch, alice, bot := s.ChannelID(), s.UserID("alice"), s.UserID(botName)
	likeSample(t, "rest-users-me-bot", api(botName, "GET", "/users/me", nil))
	likeSample(t, "rest-users-ids", api(botName, "POST", "/users/ids", []string{alice, s.UserID("bob")}))
	likeSample(t, "rest-users-status", api(botName, "GET", "/users/"+alice+"/status", nil))
	likeSample(t, "rest-users-me-teams", api(botName, "GET", "/users/me/teams", nil))
	likeSample(t, "rest-channel-get", api(botName, "GET", "/channels/"+ch, nil))
	likeSample(t, "rest-channel-get", api(botName, "GET", "/teams/name/main/channels/name/playground", nil))
	likeSample(t, "rest-channel-get", api(botName, "GET", "/teams/"+s.team.ID+"/channels/name/playground", nil))
	likeSample(t, "rest-channel-members", api(botName, "GET", "/channels/"+ch+"/members?per_page=200", nil))
	likeSample(t, "rest-channel-stats", api(botName, "GET", "/channels/"+ch+"/stats", nil))
	likeSample(t, "rest-system-ping", api("", "GET", "/system/ping", nil))
	likeSample(t, "rest-system-ping-full", api("", "GET", "/system/ping?get_server_status=true", nil))
	sameShape(t, "config", sample(t, "rest-config-client-selected"), api("", "GET", "/config/client?format=old", nil).body)

	root := api("alice", "POST", "/posts", map[string]any{"channel_id": ch, "message": "hello @claude-code", "pending_post_id": alice + ":1"})
	likeSample(t, "rest-post-create-user-root", root)
	id := root.str(t, "id")
	reply := api(botName, "POST", "/posts", map[string]any{"channel_id": ch, "root_id": id, "message": "on it"})
	likeSample(t, "rest-post-create-reply", reply)
	rid := reply.str(t, "id")
	likeSample(t, "rest-post-patch", api(botName, "PUT", "/posts/"+rid+"/patch", map[string]any{"message": "on it: 2"}))
	likeSample(t, "rest-post-thread", api("bob", "GET", "/posts/"+rid+"/thread", nil))
	likeSample(t, "rest-reaction-add", api("alice", "POST", "/reactions", map[string]any{"user_id": alice, "post_id": rid, "emoji_name": "thumbsup"}))
	likeSample(t, "rest-reactions-get", api("alice", "GET", "/posts/"+rid+"/reactions", nil))
	likeSample(t, "rest-reaction-remove", api("alice", "DELETE", "/users/"+alice+"/posts/"+rid+"/reactions/thumbsup", nil))
	likeSample(t, "rest-post-get", api("alice", "GET", "/posts/"+id, nil))
	likeSample(t, "rest-channel-posts-page", api("alice", "GET", "/channels/"+ch+"/posts?page=0&per_page=2", nil))
	likeSample(t, "rest-channel-posts-since-mixed", api("alice", "GET", "/channels/"+ch+"/posts?since=1", nil))

	var form bytes.Buffer
	mw := multipart.NewWriter(&form)
	_ = mw.WriteField("channel_id", ch)
	_ = mw.WriteField("client_ids", "c1")
	part, _ := mw.CreateFormFile("files", "note.txt")
	_, _ = part.Write([]byte("hello file\n"))
	_ = mw.Close()
	up := as(t, s, s.BotToken(), "POST", "/api/v4/files", &form, header("Content-Type", mw.FormDataContentType()))
	likeSample(t, "rest-file-upload-multipart", up)
	raw := as(t, s, s.BotToken(), "POST", "/api/v4/files?channel_id="+ch+"&filename=diff.patch", "--- a\n+++ b\n", header("Content-Type", "text/x-diff"))
	sameShape(t, "raw", sample(t, "rest-file-upload-raw")["response"].(map[string]any)["body"], raw.body)
	fid := func(a answer) string {
		return a.object(t)["file_infos"].([]any)[0].(map[string]any)["id"].(string)
	}
	with := api(botName, "POST", "/posts", map[string]any{"channel_id": ch, "root_id": id, "message": "files", "file_ids": []string{fid(up), fid(raw)}})
	likeSample(t, "rest-post-create-with-files", with)
	likeSample(t, "rest-file-info", api("alice", "GET", "/files/"+fid(up)+"/info", nil))
	got := api("alice", "GET", "/files/"+fid(up), nil)
	want := sample(t, "rest-file-get")["response"].(map[string]any)["headers"].(map[string]any)
	for _, h := range []string{"Content-Type", "Content-Disposition", "Content-Length", "X-Content-Type-Options"} {
		if got.header.Get(h) != want[strings.ToLower(h)] {
			t.Errorf("file %s: %q, want %q", h, got.header.Get(h), want[strings.ToLower(h)])
		}
	}
	if string(got.raw) != "hello file\n" {
		t.Errorf("file: %q", got.raw)
	}
	if again := api(botName, "POST", "/posts", map[string]any{"channel_id": ch, "message": "again", "file_ids": []string{fid(up)}}); again.object(t)["file_ids"] != nil {
		t.Error("a file was attached twice")
	}
	_ = bot
}

func TestErrorsOfREST(t *testing.T) {
	s := started(t)
	ch, alice := s.ChannelID(), s.UserID("alice")
	root := post(t, s, "alice", "", "root")
	reply := post(t, s, botName, root, "reply")
	gone := post(t, s, botName, "", "gone")
	goneReply := post(t, s, botName, gone, "gone with it")
	none := strings.Repeat("a", 26)
	bot := func(method, path string, body any) answer {
		return as(t, s, s.BotToken(), method, "/api/v4"+path, body)
	}
	if a := bot("DELETE", "/posts/"+gone, nil); a.status != 200 {
		t.Fatalf("delete: %d", a.status)
	}
	create := func(extra map[string]any) answer {
		m := map[string]any{"channel_id": ch, "message": "x"}
		maps.Copy(m, extra)
		return bot("POST", "/posts", m)
	}
	long := strings.Repeat("x", maxPostRunes+1)
	eleven := make([]string, 11)
	for i := range eleven {
		eleven[i] = newID()
	}
	want := sample(t, "errors")
	for name, got := range map[string]answer{
		"rest-no-token":                    as(t, s, "", "GET", "/api/v4/users/me", nil),
		"rest-invalid-token":               as(t, s, "nobody", "GET", "/api/v4/users/me", nil),
		"rest-post-too-long":               create(map[string]any{"message": long}),
		"rest-post-patch-too-long":         bot("PUT", "/posts/"+reply+"/patch", map[string]any{"message": long}),
		"rest-post-props-too-big":          create(map[string]any{"props": map[string]any{"a": strings.Repeat("x", 8000)}}),
		"rest-post-with-11-files":          create(map[string]any{"file_ids": eleven}),
		"rest-post-patch-deleted":          bot("PUT", "/posts/"+gone+"/patch", map[string]any{"message": "zombie"}),
		"rest-post-patch-unknown-id":       bot("PUT", "/posts/"+none+"/patch", map[string]any{"message": "zombie"}),
		"rest-post-get-deleted":            bot("GET", "/posts/"+goneReply, nil),
		"rest-post-get-404":                bot("GET", "/posts/"+none, nil),
		"rest-post-delete-again":           bot("DELETE", "/posts/"+gone, nil),
		"rest-post-thread-deleted":         bot("GET", "/posts/"+gone+"/thread", nil),
		"rest-post-reply-to-reply":         create(map[string]any{"root_id": reply}),
		"rest-post-reply-to-deleted-root":  create(map[string]any{"root_id": gone}),
		"rest-post-unknown-root":           create(map[string]any{"root_id": none}),
		"rest-post-unknown-channel":        create(map[string]any{"channel_id": none}),
		"rest-post-invalid-json":           bot("POST", "/posts", "{"),
		"rest-post-patch-bad-id":           bot("PUT", "/posts/short/patch", map[string]any{"message": "x"}),
		"rest-post-patch-other-users-post": bot("PUT", "/posts/"+root+"/patch", map[string]any{"message": "x"}),
		"rest-post-delete-other-users":     bot("DELETE", "/posts/"+root, nil),
		"rest-reaction-as-other-user":      bot("POST", "/reactions", map[string]any{"user_id": alice, "post_id": reply, "emoji_name": "eyes"}),
		"rest-reaction-on-deleted":         bot("POST", "/reactions", map[string]any{"user_id": s.UserID(botName), "post_id": gone, "emoji_name": "eyes"}),
		"rest-reaction-invalid-emoji-name": bot("POST", "/reactions", map[string]any{"user_id": s.UserID(botName), "post_id": reply, "emoji_name": "👍"}),
		"rest-users-username-404":          bot("GET", "/users/username/nobody-here", nil),
		"rest-404-route":                   bot("GET", "/no/such/route", nil),
		"rest-channel-404":                 bot("GET", "/channels/"+none, nil),
		"rest-file-upload-empty":           bot("POST", "/files?channel_id="+ch+"&filename=e.txt", ""),
	} {
		w := want[name].(map[string]any)
		wb := w["body"].(map[string]any)
		if got.status != int(w["status"].(float64)) {
			t.Errorf("%s: status %d, want %v: %s", name, got.status, w["status"], got.raw)
			continue
		}
		sameShape(t, name, wb, got.body)
		for _, k := range []string{"id", "message", "detailed_error"} {
			if got.object(t)[k] != wb[k] {
				t.Errorf("%s: %s is %q, want %q", name, k, got.object(t)[k], wb[k])
			}
		}
	}
}

func TestLimitsCountRunes(t *testing.T) {
	s := started(t)
	for _, c := range []struct {
		message string
		status  int
	}{
		{strings.Repeat("😀", maxPostRunes), 201}, {strings.Repeat("😀", maxPostRunes+1), 400}, {"", 201},
	} {
		a := as(t, s, s.BotToken(), "POST", "/api/v4/posts", map[string]any{"channel_id": s.ChannelID(), "message": c.message})
		if a.status != c.status {
			t.Errorf("%d bytes: %d, want %d", len(c.message), a.status, c.status)
		}
	}
	ten := make([]string, 10)
	for i := range ten {
		ten[i] = newID()
	}
	if a := as(t, s, s.BotToken(), "POST", "/api/v4/posts", map[string]any{"channel_id": s.ChannelID(), "file_ids": ten}); a.status != 201 {
		t.Errorf("ten files: %d", a.status)
	}
}
