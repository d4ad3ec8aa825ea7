package session

import (
	"strings"
	"testing"

	"ctpipe/internal/mattermost/chattest"
)

func (a *fakeAgent) uses(t *testing.T, id, parent, tool, input string) {
	a.says(t, `{"type":"assistant","parent_tool_use_id":%q,"message":{"id":%q,"model":"m","content":[{"type":"tool_use","id":%q,"name":%q,"input":%s}]}}`,
		parent, "m-"+id, id, tool, input)
}

func (a *fakeAgent) gets(t *testing.T, id, text, result string) {
	a.says(t, `{"type":"user","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":%q,"content":%s}]},"tool_use_result":%s}`, id, quoted(text), result)
}

// TestToolsShown: an edit is a diff, output is folded with a count, a subagent
// has one card with its calls, a command in the background says how it ended.
func TestToolsShown(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.uses(t, "e1", "", "Edit", `{"file_path":"/r/a.go","old_string":"one","new_string":"two"}`)
		w.settle()
		w.shows(root, "```diff\n-one\n+two\n```")
		a.gets(t, "e1", "ok", `{"filePath":"/r/a.go","oldString":"one","newString":"two","originalFile":"one\n","structuredPatch":[{"oldStart":1,"oldLines":1,"newStart":1,"newLines":1,"lines":["-one","+two"]}]}`)
		a.uses(t, "b1", "", "Bash", `{"command":"seq 40"}`)
		a.gets(t, "b1", "x", `{"stdout":`+quoted(strings.Repeat("line\n", 40))+`,"stderr":""}`)
		a.uses(t, "g1", "", "Agent", `{"description":"look","subagent_type":"general-purpose","prompt":"p"}`)
		a.uses(t, "s1", "g1", "Bash", `{"command":"ls inner"}`)
		a.gets(t, "g1", "async", `{"status":"async_launched","agentId":"x"}`)
		a.uses(t, "b2", "", "Bash", `{"command":"sleep 9","run_in_background":true}`)
		a.gets(t, "b2", "x", `{"stdout":"","stderr":"","backgroundTaskId":"bg7"}`)
		w.settle()
		w.shows(root, "*… 28 more lines*")
		w.shows(root, "  ↳ 💻 **Bash** `ls inner`")
		w.shows(root, "⏳ Running in the background")
		a.says(t, `{"type":"system","subtype":"task_notification","task_id":"ag","tool_use_id":"g1","status":"completed","summary":"done","summary_is_report":true}`)
		a.says(t, `{"type":"system","subtype":"task_notification","task_id":"bg7","tool_use_id":"b2","status":"failed","summary":"sleep 9"}`)
		a.ends(t)
		w.settle()
		w.shows(root, "🤖 **Subagent** *(general-purpose)* ✅ *completed*")
		w.shows(root, "🔔 **Background task** `bg7` ❌ *failed*")
		if strings.Contains(strings.Join(chattest.Messages(w.chat.Said(root)), ""), "Running...") {
			t.Error("something still looks as if it ran")
		}
	})
}

// TestNothingStaysRunning covers STR-14: with Claude gone, no card runs on and
// no compaction does.
func TestNothingStaysRunning(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.ends(t)
		a.uses(t, "g1", "", "Agent", `{"description":"look","subagent_type":"x","prompt":"p"}`)
		a.says(t, `{"type":"system","subtype":"status","status":"compacting"}`)
		w.settle()
		w.shows(root, "⏳ Running...")
		w.shows(root, "**Compacting context...**")
		w.says("alice", root, "!stop")
		w.shows(root, "⏹️ *stopped*")
		w.shows(root, "**Compaction stopped**")
	})
}

// TestListAtTheBottom covers STR-10: one list, edited in place, made anew below
// what was posted after it.
func TestListAtTheBottom(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		write := func(id, state string) {
			in := `{"todos":[{"content":"first","activeForm":"doing","status":"` + state + `"}]}`
			a.uses(t, id, "", "TodoWrite", in)
			a.gets(t, id, "ok", `{"newTodos":[{"content":"first","activeForm":"doing","status":"`+state+`"}]}`)
			w.settle()
		}
		write("t1", "pending")
		w.shows(root, "⬜ first")
		w.says("alice", root, "and now?")
		write("t2", "in_progress")
		lists := w.chat.OfKind(root, "tasks")
		all := w.chat.Said(root)
		if len(lists) != 1 || all[len(all)-1].ID != lists[0].ID || !strings.Contains(lists[0].Message, "doing") {
			t.Errorf("the thread ends with %q", chattest.Messages(all))
		}
		write("t3", "completed")
		w.shows(root, "(1/1 · 100%)")
	})
}

// TestHeaderKept: cost, model, participants and grants come into the header's
// one post as they change.
func TestHeaderKept(t *testing.T) {
	inWorld(t, "", func(w *world) {
		root, a := w.opened()
		a.says(t, `{"type":"system","subtype":"init","session_id":%q,"model":"claude-x"}`, a.spec.SessionID)
		w.says("bob", root, "me too")
		a.says(t, `{"type":"assistant","message":{"id":"m1","model":"claude-x","content":[{"type":"text","text":"hi"}],"usage":{"input_tokens":50000}}}`)
		a.says(t, `{"type":"result","subtype":"success","total_cost_usd":0.25,"modelUsage":{"claude-x":{"contextWindow":200000}}}`)
		w.settle()
		heads := w.chat.OfKind(root, "header")
		if len(heads) != 1 {
			t.Fatalf("%d headers", len(heads))
		}
		for _, words := range []string{"| claude-x |", "$0.25", "25% (50k of 200k)", "**Participants** | @\u200bbob"} {
			if !strings.Contains(heads[0].Message, words) {
				t.Errorf("no %q in\n%s", words, heads[0].Message)
			}
		}
	})
}
