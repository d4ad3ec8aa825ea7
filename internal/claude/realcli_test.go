package claude_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"ctpipe/internal/claude"
	"ctpipe/internal/claude/claudetest"
)

func script(replies ...claudetest.Reply) claudetest.Scenario {
	return claudetest.Scenario{Replies: replies}
}

func TestRealCLIStreamsText(t *testing.T) {
	text := "A first answer, streamed in small pieces, with ümlauts."
	r := startReal(t, script(claudetest.Say(text)))
	id := r.say("hello /there @nowhere")
	res := r.result()
	r.until("lifecycle", func(m claude.Message) bool {
		l, ok := m.(*claude.CommandLifecycle)
		return ok && l.CommandUUID == id && l.State == "completed"
	})
	var deltas, whole strings.Builder
	pieces := 0
	for _, m := range r.messages {
		switch m := m.(type) {
		case *claude.StreamEvent:
			deltas.WriteString(m.Event.Delta.Text)
			if m.Event.Delta.Text != "" {
				pieces++
			}
		case *claude.Assistant:
			whole.WriteString(m.Message.Content.Text())
		case *claude.Unknown:
			t.Logf("unknown line, which hosts ignore: %.200s", m.Raw)
		}
	}
	if deltas.String() != text || whole.String() != text || res.Result != text || pieces < 3 {
		t.Errorf("deltas %q in %d pieces, assistant %q, result %q", deltas.String(), pieces, whole.String(), res.Result)
	}
	if !r.told("hello /there @nowhere") {
		t.Error("the text did not reach the model as written")
	}
}

// TestRealCLIAnswers covers P5: what each answer at PreToolUse and at can_use_tool does.
func TestRealCLIAnswers(t *testing.T) {
	steps := []struct {
		file string
		gate claude.Decision
		ask  *claude.AskAnswer // nil: can_use_tool is not asked
		runs bool
		told string
	}{
		{"allowed", claude.Allow, nil, true, ""},
		{"denied", claude.Deny, nil, false, "policy says no"},
		{"asked-yes", claude.Ask, &claude.AskAnswer{Allow: true}, true, ""},
		{"asked-no", claude.Ask, &claude.AskAnswer{Message: "bo says no"}, false, "bo says no"},
		{"no-opinion", claude.None, &claude.AskAnswer{Message: "nobody answered"}, false, "nobody answered"},
		{"rewritten-by-people", claude.Ask, &claude.AskAnswer{Allow: true, UpdatedInput: json.RawMessage(`{"command":"touch other"}`)}, false, ""},
	}
	var s claudetest.Scenario
	for _, st := range steps {
		s.Replies = append(s.Replies, claudetest.Bash("touch "+st.file), claudetest.Say("done"))
	}
	r := startReal(t, s)
	for _, st := range steps {
		r.say("go on")
		gated := r.gate(st.gate, "policy says no")
		if got := command(t, gated.Input); gated.ToolName != "Bash" || got != "touch "+st.file {
			t.Fatalf("%s: gate call %s %s", st.file, gated.ToolName, got)
		}
		if st.ask != nil {
			c := r.ask()
			if c.ToolUseID != gated.ToolUseID {
				t.Errorf("%s: PreToolUse and can_use_tool disagree on the tool use: %s, %s", st.file, gated.ToolUseID, c.ToolUseID)
			}
			r.answer(c, *st.ask)
		}
		if res := r.result(); res.IsError {
			t.Errorf("%s: %s", st.file, res.Result)
		}
		if r.exists(st.file) != st.runs || !r.told(st.told) {
			t.Errorf("%s: ran %v (want %v), told %q: %v", st.file, r.exists(st.file), st.runs, st.told, r.told(st.told))
		}
	}
	if !r.exists("other") {
		t.Error("the rewritten command did not run")
	}
	if len(r.asks)+len(r.gates) > 0 {
		t.Errorf("%d asks and %d gate calls too many", len(r.asks), len(r.gates))
	}
}

// Calls that only read run side by side; the CLI asks for writes one by one.
func TestRealCLIParallelAsksAnsweredInReverse(t *testing.T) {
	two := claudetest.Reply{Content: []claudetest.Block{
		claudetest.ToolUse("Read", map[string]string{"file_path": "{{DIR}}/one"}),
		claudetest.ToolUse("Read", map[string]string{"file_path": "{{DIR}}/two"})}}
	s := script(two, claudetest.Say("done"))
	s.Capture = map[string]string{"DIR": `in (/[^ \\"]+) please`}
	r := startReal(t, s)
	for _, name := range []string{"one", "two"} {
		if err := os.WriteFile(filepath.Join(r.dir, name), []byte("content of "+name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	r.say("read in " + r.dir + " please")
	asks := map[string]claude.AskCall{}
	for range 2 {
		r.gate(claude.Ask, "both")
	}
	for range 2 {
		c := r.ask()
		asks[filepath.Base(c.Fields["file_path"].(string))] = c
	}
	r.answer(asks["two"], claude.AskAnswer{Allow: true})
	r.answer(asks["one"], claude.AskAnswer{Message: "not this one"})
	if res := r.result(); len(res.PermissionDenials) != 1 {
		t.Errorf("denials %v", res.PermissionDenials)
	}
	if r.told("content of one") || !r.told("content of two") || !r.told("not this one") {
		t.Error("the answers did not reach their calls")
	}
}

func TestRealCLIWithdrawsAnAskOnInterrupt(t *testing.T) {
	r := startReal(t, script(claudetest.Bash("touch never"), claudetest.Say("still here")))
	r.say("go")
	r.gate(claude.Ask, "people")
	c := r.ask()
	if err := r.process.Interrupt(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if id := receive(t, "withdrawal", r.withdrawn); id != c.RequestID {
		t.Errorf("withdrew %s, asked %s", id, c.RequestID)
	}
	if err := r.process.AnswerAsk(c.RequestID, claude.AskAnswer{Allow: true}); !errors.Is(err, claude.ErrWithdrawn) {
		t.Errorf("a late answer: %v", err)
	}
	if res := r.result(); res.TerminalReason != "aborted_tools" {
		t.Errorf("terminal reason %q", res.TerminalReason)
	}
	r.say("and now?")
	if res := r.result(); res.Result != "still here" || r.exists("never") {
		t.Errorf("result %q, the withdrawn command ran: %v", res.Result, r.exists("never"))
	}
}

func TestRealCLIInterruptsAStalledStream(t *testing.T) {
	stalled := claudetest.Say(strings.Repeat("word ", 40))
	stalled.Fault, stalled.FaultAfter = "stall", 3
	r := startReal(t, script(stalled, claudetest.Say("back")))
	r.say("go")
	r.until("delta", func(m claude.Message) bool { e, ok := m.(*claude.StreamEvent); return ok && e.Event.Delta.Text != "" })
	if err := r.process.Interrupt(t.Context(), false); err != nil {
		t.Fatal(err)
	}
	if res := r.result(); res.TerminalReason != "aborted_streaming" {
		t.Errorf("terminal reason %q", res.TerminalReason)
	}
	r.say("again")
	if res := r.result(); res.Result != "back" {
		t.Errorf("result %q", res.Result)
	}
}

func TestRealCLIQuestionGoesToPeople(t *testing.T) {
	q := map[string]any{"question": "Which database?", "header": "Database", "multiSelect": false, "options": []any{
		map[string]string{"label": "Postgres", "description": "Relational"}, map[string]string{"label": "SQLite", "description": "Embedded"}}}
	r := startReal(t, script(claudetest.Use("AskUserQuestion", map[string]any{"questions": []any{q}}), claudetest.Say("fine")))
	r.say("go")
	r.gate(claude.Allow, "") // an allow at PreToolUse does not answer for people
	c := r.ask()
	if !c.RequiresUserInteraction || c.ToolName != "AskUserQuestion" {
		t.Errorf("ask %+v", c)
	}
	c.Fields["answers"] = map[string]string{"Which database?": "SQLite"}
	input, err := json.Marshal(c.Fields)
	if err != nil {
		t.Fatal(err)
	}
	r.answer(c, claude.AskAnswer{Allow: true, UpdatedInput: input})
	r.result()
	if !r.told(`"Which database?"="SQLite"`) {
		t.Error("the answer did not reach the model")
	}
}

func TestRealCLIPlanIsApproved(t *testing.T) {
	s := script(claudetest.Use("EnterPlanMode", map[string]any{}),
		claudetest.Use("Write", map[string]string{"file_path": "{{PLAN}}", "content": "# Plan\n\nStep one\n"}),
		claudetest.Use("ExitPlanMode", map[string]any{}), claudetest.Say("planned"))
	s.Capture = map[string]string{"PLAN": `(/[^ \\"]*/plans/[A-Za-z0-9_-]+\.md)`}
	r := startReal(t, s)
	r.say("make a plan")
	for _, tool := range []string{"EnterPlanMode", "Write", "ExitPlanMode"} {
		if c := r.gate(claude.Allow, ""); c.ToolName != tool {
			t.Fatalf("call of %s, want %s", c.ToolName, tool)
		}
	}
	c := r.ask()
	if plan, _ := c.Fields["plan"].(string); !c.RequiresUserInteraction || !strings.Contains(plan, "Step one") {
		t.Errorf("ask %s", c.Input)
	}
	r.answer(c, claude.AskAnswer{Allow: true})
	if res := r.result(); res.Result != "planned" {
		t.Errorf("result %q", res.Result)
	}
	var modes []string
	for _, m := range r.messages {
		if s, ok := m.(*claude.Status); ok && s.PermissionMode != "" {
			modes = append(modes, s.PermissionMode)
		}
	}
	if got := strings.Join(modes, " "); got != "plan default" {
		t.Errorf("permission modes %q", got)
	}
}

func TestRealCLISubagentCallsComeToTheGate(t *testing.T) {
	s := script(claudetest.Use("Agent", map[string]any{"description": "Look", "prompt": "SUBMARK look", "subagent_type": "general-purpose",
		"run_in_background": false}), claudetest.Say("over"))
	s.Lanes = []claudetest.Lane{{Name: "sub", Match: "SUBMARK", Replies: []claudetest.Reply{claudetest.Bash("touch by-sub"), claudetest.Say("report")}}}
	r := startReal(t, s)
	r.say("delegate")
	if c := r.gate(claude.Allow, ""); c.ToolName != "Agent" || c.AgentID != "" {
		t.Fatalf("first call %s of agent %q", c.ToolName, c.AgentID)
	}
	if c := r.gate(claude.Deny, "not for helpers"); c.ToolName != "Bash" || c.AgentID == "" {
		t.Errorf("second call %s of agent %q", c.ToolName, c.AgentID)
	}
	r.result()
	if r.exists("by-sub") {
		t.Error("a denied call of a subagent ran")
	}
	if calls := r.api.Calls("sub"); len(calls) != 2 || !calls[1].Contains("not for helpers") {
		t.Errorf("the subagent was not told; %d calls", len(calls))
	}
}

func TestRealCLIStopKillsBackgroundCommands(t *testing.T) {
	run := claudetest.Use("Bash", map[string]any{"command": "echo $$ > pid.new && mv pid.new pid && exec sleep 600", "run_in_background": true, "description": "wait"})
	r := startReal(t, script(run, claudetest.Say("started")))
	r.say("go")
	r.gate(claude.Allow, "")
	r.result()
	var pid int
	poll(t, "the background command", func() bool {
		b, _ := os.ReadFile(filepath.Join(r.dir, "pid"))
		pid, _ = strconv.Atoi(strings.TrimSpace(string(b)))
		return pid > 1
	})
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatalf("the background command is not running: %v", err)
	}
	exit := r.stop()
	if err := syscall.Kill(pid, 0); !errors.Is(err, syscall.ESRCH) && !zombie(pid) {
		t.Errorf("the background command survived: %v (exit %+v)", err, exit)
	}
}

func zombie(pid int) bool {
	b, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return strings.Contains(string(b), ") Z ")
}

// poll waits for a condition that nothing announces.
func poll(t *testing.T, what string, cond func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !cond(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}
