package session

import (
	"fmt"
	"strings"
	"testing"

	"ctpipe/internal/mattermost"
	"ctpipe/internal/mattermost/chattest"
	"ctpipe/pipeline"
)

func (w *world) theHeader(root string) mattermost.Post {
	w.Helper()
	w.settle()
	all := w.chat.OfKind(root, "header")
	if len(all) != 1 {
		w.Fatalf("%d headers: %q", len(all), chattest.Messages(all))
	}
	return all[0]
}

// headRow is a row of the header's table, "" if there is none.
func headRow(p mattermost.Post, name string) string {
	for _, line := range strings.Split(p.Message, "\n") {
		if strings.Contains(line, "**"+name+"**") {
			return line
		}
	}
	return ""
}

func (a *fakeAgent) spends(t *testing.T, dollars float64, tokens int) {
	a.says(t, `{"type":"system","subtype":"init","session_id":%q,"model":"opus-9"}`, a.spec.SessionID)
	a.says(t, `{"type":"assistant","message":{"id":"m%d","model":"opus-9","usage":{"input_tokens":%d},"content":[{"type":"text","text":"ok"}]}}`, tokens, tokens)
	a.says(t, `{"type":"result","subtype":"success","total_cost_usd":%v,"modelUsage":{"opus-9":{"contextWindow":1000}}}`, dollars)
}

// TestHeaderAfterRestart: the header's post is the same after a restart, knows
// what it knew, and is kept current.
func TestHeaderAfterRestart(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		w.says("bob", root, "me too")
		a.spends(t, 0.5, 460)
		was := w.theHeader(root)
		w.closed()
		w.restarted()
		w.says("alice", root, "go on")
		now := w.theHeader(root)
		if now.ID != was.ID {
			w.Fatal("another header")
		}
		for _, name := range []string{"Directory", "Started by", "Participants", "Session", "Session ID", "Permissions", "Model", "Context", "Cost", "Rules"} {
			if headRow(was, name) == "" || headRow(now, name) != headRow(was, name) {
				t.Errorf("%s: %q, before the restart %q", name, headRow(now, name), headRow(was, name))
			}
		}
		w.latest().spends(t, 0.75, 800)
		now = w.theHeader(root)
		if !strings.Contains(headRow(now, "Cost"), "$0.75") || !strings.Contains(headRow(now, "Context"), "🟠") || !strings.Contains(headRow(now, "Context"), "80%") {
			t.Errorf("not current: %s %s", headRow(now, "Cost"), headRow(now, "Context"))
		}
		w.chat.Deletes(now.ID)
		w.latest().spends(t, 1.25, 100)
		if again := w.theHeader(root); !strings.Contains(headRow(again, "Cost"), "$1.25") || again.Props["ctpipe"] != "header" {
			t.Errorf("made anew: %+v", again)
		}
	})
}

// TestHeaderCost covers FUN-16: the cost is the session's in all, also after
// /clear, where the CLI counts from 0 again, and over a restart.
func TestHeaderCost(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		a.spends(t, 0.5, 100)
		a.says(t, `{"type":"system","subtype":"init","session_id":"another","model":"opus-9"}`)
		a.says(t, `{"type":"result","subtype":"success","total_cost_usd":0.25}`)
		a.says(t, `{"type":"result","subtype":"success","total_cost_usd":0.30}`)
		if got := headRow(w.theHeader(root), "Cost"); !strings.Contains(got, "$0.80") {
			t.Error(got)
		}
		w.closed()
		w.restarted()
		w.says("alice", root, "go on")
		if got := w.latest().spec.SessionID; got != "another" {
			t.Errorf("resumed %s", got)
		}
		w.latest().says(t, `{"type":"result","subtype":"success","total_cost_usd":0.40}`)
		if got := headRow(w.theHeader(root), "Cost"); !strings.Contains(got, "$0.90") {
			t.Error(got)
		}
	})
}

// TestHeaderAfterReload: a save that takes effect changes the revision in every
// header, and one that does not is told there; both go again.
func TestHeaderAfterReload(t *testing.T) {
	inWorld(t, "", func(w *world) {
		var stale []string
		w.host.Attention = func(*pipeline.Snapshot) []string { return stale }
		root, _ := w.opened()
		was := headRow(w.theHeader(root), "Rules")
		w.engine.Swap(w.rules(basicRules + "\n# another\n"))
		Hosts{"playground": w.host}.PolicyChanged()
		if now := headRow(w.theHeader(root), "Rules"); now == was || now == "" {
			t.Errorf("the header says %s, before the save %s", now, was)
		}
		stale = []string{"rules.toml is not in force | @channel"}
		Hosts{"playground": w.host}.PolicyChanged()
		got := headRow(w.theHeader(root), "Attention")
		if !strings.Contains(got, "is not in force") || strings.Contains(got, "@channel") || strings.Count(got, "|") != 3+strings.Count(got, `\|`) {
			t.Error(got)
		}
		stale = nil
		Hosts{"playground": w.host}.PolicyChanged()
		if got := headRow(w.theHeader(root), "Attention"); got != "" {
			t.Error(got)
		}
	})
}

// TestHeaderCountsErrors covers P1: what rules or hooks could not judge is
// counted in the header.
func TestHeaderCountsErrors(t *testing.T) {
	inWorld(t, "", func(w *world) {
		hosts := Hosts{"playground": w.host}
		snap := w.policy(basicRules+"[[hook]]\nscript = \"scripts/bad.lua\"\n", map[string]string{
			"scripts/bad.lua": "return { tool = function(ev) error('no') end }"})
		w.engine = pipeline.NewEngine(snap, hosts, hosts.Observe)
		w.host.Engine = w.engine
		root, a := w.opened()
		if got := headRow(w.theHeader(root), "Attention"); got != "" {
			t.Errorf("before: %s", got)
		}
		a.bash("t1", "ls")
		a.bash("t2", "ls")
		if got := headRow(w.theHeader(root), "Attention"); !strings.Contains(got, "could not judge 2 times") {
			t.Errorf("after: %s", got)
		}
	})
}

// TestHeaderLabels: the latest five labels, each name once, inert.
func TestHeaderLabels(t *testing.T) {
	inKept(t, func(w *world) {
		root, a := w.opened()
		s := w.host.session(w.host.threadID(w.rootID(root)))
		for i := range 7 {
			s.headline().labelled(pipeline.Label{Key: fmt.Sprint("k", i), Value: "v"})
		}
		s.headline().labelled(pipeline.Label{Key: "k3", Value: "@channel | `x` [a](http://b)\n| evil |" + strings.Repeat("y", 500)})
		got := headRow(w.theHeader(root), "Labels")
		for _, bad := range []string{"k0", "k1", "@channel", "k3: v", "](http", strings.Repeat("y", 80)} {
			if strings.Contains(got, bad) {
				t.Errorf("shows %q: %s", bad, got)
			}
		}
		for _, good := range []string{"k2: v", "k4: v", "k5: v", "k6: v", "k3: @"} {
			if !strings.Contains(got, good) {
				t.Errorf("lacks %q: %s", good, got)
			}
		}
		a.replies(t, "m1", "ok")
		w.closed()
		w.restarted()
		w.says("alice", root, "go on")
		if again := headRow(w.theHeader(root), "Labels"); again != got {
			t.Errorf("after a restart: %s", again)
		}
	})
}

// TestHeaderModel covers FUN-17: the header names the model that runs.
func TestHeaderModel(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		for _, model := range []string{"opus-9", "haiku-9"} {
			a.says(t, `{"type":"system","subtype":"init","session_id":%q,"model":%q}`, a.spec.SessionID, model)
			if got := headRow(w.theHeader(root), "Model"); !strings.Contains(got, model) {
				t.Error(got)
			}
		}
	})
}
