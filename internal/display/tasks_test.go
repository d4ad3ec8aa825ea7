package display

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2026, 5, 4, 12, 0, 0, 0, time.UTC)

// script plays calls and results into a list.
type script struct {
	*Tasks
	n int
}

func (s *script) call(name string, input map[string]any) string {
	s.n++
	id := fmt.Sprint("use", s.n)
	s.Called(id, name, input)
	return id
}

func (s *script) end(id, result string) bool {
	return s.Ended(id, Outcome{Result: json.RawMessage(result)}, noon)
}

func (s *script) do(name string, input map[string]any, result string) bool {
	return s.end(s.call(name, input), result)
}

func list(t *testing.T, s *script, want ...string) {
	t.Helper()
	got := s.Markdown(noon)
	if want := strings.Join(want, "\n"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// STR-10: what the recordings' tools say becomes one list, in the words of the
// reference.
func TestTasksOfTheRecordings(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	list(t, s, "")
	for _, tool := range []string{"TaskCreate", "TaskUpdate", "TaskList", "TaskGet", "TodoWrite"} {
		for _, r := range samples(t, "testdata/recorded/"+tool+".jsonl") {
			if !s.Called(r.Use.ID, r.Use.Name, r.input()) {
				t.Errorf("%s is no task tool", r.Use.Name)
			}
			s.Ended(r.Use.ID, r.outcome(), noon)
		}
	}
	list(t, s, "---", "📋 **Tasks** (0/2 · 0%)", "", "🔄 **Writing tests**", "⬜ Run tests")
	s.do("TaskUpdate", map[string]any{"taskId": "1", "status": "completed"}, `{"success":true,"taskId":"1"}`)
	s.do("TaskUpdate", map[string]any{"taskId": "2", "status": "in_progress"}, `{"success":true,"taskId":"2"}`)
	list(t, s, "---", "📋 **Tasks** (1/2 · 50%)", "", "✅ ~~Write tests~~", "🔄 **Run tests**")
	s.Toggle()
	if got := s.Markdown(noon.Add(83 * time.Second)); got != "---\n📋 **Tasks** (1/2 · 50%) · 🔄 Run tests (1m 23s) 🔽" {
		t.Errorf("minimised: %q", got)
	}
	if s.Called("x", "Bash", nil) || s.Done() {
		t.Error("Bash is a task tool, or the list is done")
	}
}

// STR-10: calls change nothing before their results, so that parallel creates
// are one update; results come in any order.
func TestTasksInParallel(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	a := s.call("TaskCreate", map[string]any{"subject": "A"})
	b := s.call("TaskCreate", map[string]any{"subject": "B", "activeForm": "Doing B"})
	list(t, s, "")
	s.end(b, `{"task":{"id":"2","subject":"B"}}`)
	s.end(a, `{"task":{"id":"1","subject":"A"}}`)
	list(t, s, "---", "📋 **Tasks** (0/2 · 0%)", "", "⬜ A", "⬜ B")
}

// STR-11: a failed or refused create leaves no ghost, a failed update changes
// nothing, and no result is taken twice.
func TestTasksThatFail(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	for _, out := range []Outcome{{Failed: true, Text: "no"}, {Refused: true}, {Failed: true, Result: json.RawMessage(`{"task":{"id":"1"}}`)}} {
		id := s.call("TaskCreate", map[string]any{"subject": "ghost"})
		if s.Ended(id, out, noon) || s.Markdown(noon) != "" {
			t.Fatalf("%+v left %q", out, s.Markdown(noon))
		}
	}
	id := s.call("TaskCreate", map[string]any{"subject": "A"})
	if !s.end(id, `{"task":{"id":"1","subject":"A"}}`) || s.end(id, `{"task":{"id":"9","subject":"A"}}`) {
		t.Error("a result counts once")
	}
	if s.do("TaskUpdate", map[string]any{"taskId": "1", "status": "completed"}, `{"success":false,"taskId":"1","error":"x"}`) {
		t.Error("an update without success changed the list")
	}
	if s.do("TaskList", nil, `"text"`) || s.do("TaskList", nil, `{}`) || s.do("TaskGet", nil, `{"task":null}`) || s.do("TaskCreate", nil, `{`) {
		t.Error("a result of no known shape changed the list")
	}
	list(t, s, "---", "📋 **Tasks** (0/1 · 0%)", "", "⬜ A")
}

// STR-11: an update that comes before its create's result is merged into it.
func TestTasksUpdatedEarly(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	create := s.call("TaskCreate", map[string]any{"subject": "A", "activeForm": "Doing A"})
	s.do("TaskUpdate", map[string]any{"taskId": 1.0, "status": "in_progress", "subject": "A, better"}, `{"success":true}`)
	list(t, s, "")
	s.Ended(create, Outcome{Text: "Task #1 created successfully: A"}, noon) // as in a subagent: no result
	list(t, s, "---", "📋 **Tasks** (0/1 · 0%)", "", "🔄 **Doing A**")
	if s.Items[0].Subject != "A, better" {
		t.Errorf("%+v", s.Items)
	}
}

// DATA-14, STR-11: after a restart the list is as it was kept; an update of a
// task that was lost neither makes one up nor ends the list.
func TestTasksAfterARestart(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	s.do("TaskCreate", map[string]any{"subject": "A"}, `{"task":{"id":"1","subject":"A"}}`)
	s.do("TaskUpdate", map[string]any{"taskId": "1", "status": "in_progress"}, `{}`)
	s.Toggle()
	kept, err := json.Marshal(s.Tasks)
	if err != nil {
		t.Fatal(err)
	}
	back := &script{Tasks: &Tasks{}}
	if err := json.Unmarshal(kept, back.Tasks); err != nil || !reflect.DeepEqual(back.Items, s.Items) || !back.Minimised {
		t.Fatalf("%v, %s", err, kept)
	}
	if back.do("TaskUpdate", map[string]any{"taskId": "7", "status": "completed"}, `{}`) || back.Done() {
		t.Error("an unknown task changed the list")
	}
	back.Toggle()
	list(t, back, "---", "📋 **Tasks** (0/1 · 0%)", "", "🔄 **A**")
	back.do("TaskList", nil, `{"tasks":[{"id":"7","subject":"Lost","status":"completed"},{"id":"1","subject":"A","status":"completed"}]}`)
	list(t, back, "---", "📋 **Tasks** (2/2 · 100%)", "", "✅ ~~A~~", "✅ ~~Lost~~")
	if !back.Done() {
		t.Error("not done")
	}
	back.do("TaskUpdate", map[string]any{"taskId": "1", "status": "deleted"}, `{}`)
	back.do("TaskList", nil, `{"tasks":[]}`)
	list(t, back, "---", "📋 ~~Tasks~~ *(completed)*")
}

// STR-10: TodoWrite of older versions keeps the same list.
func TestTodoWrite(t *testing.T) {
	s := &script{Tasks: &Tasks{}}
	todos := func(status ...string) map[string]any {
		var l []any
		for i, st := range status {
			l = append(l, map[string]any{"content": fmt.Sprintf("task %d", i), "activeForm": fmt.Sprintf("doing %d", i), "status": st})
		}
		return map[string]any{"todos": l}
	}
	s.do("TodoWrite", todos("in_progress", "pending"), `{}`)
	list(t, s, "---", "📋 **Tasks** (0/2 · 0%)", "", "🔄 **doing 0**", "⬜ task 1")
	id := s.call("TodoWrite", todos("in_progress", "pending", "odd"))
	s.Ended(id, Outcome{}, noon.Add(time.Minute))
	if got := s.Markdown(noon.Add(time.Minute)); !strings.Contains(got, "🔄 **doing 0** (1m 0s)\n") || !strings.Contains(got, "⬜ task 2") {
		t.Error(got)
	}
	s.do("TodoWrite", todos("completed"), `{"newTodos":[{"content":"as kept","status":"completed"}]}`)
	list(t, s, "---", "📋 **Tasks** (1/1 · 100%)", "", "✅ ~~as kept~~")
	s.do("TodoWrite", map[string]any{"todos": []any{}}, `{}`)
	list(t, s, "---", "📋 ~~Tasks~~ *(completed)*")
}

func TestLongTaskList(t *testing.T) {
	s := &script{Tasks: &Tasks{Shown: true}}
	for i := range 100 {
		s.Items = append(s.Items, Task{ID: fmt.Sprint(i), Subject: fmt.Sprint("t", i), Status: map[bool]string{true: "completed", false: "pending"}[i < 50]})
	}
	got := strings.Split(s.Markdown(noon), "\n")
	if len(got) != 3+1+shownTasks+1 || got[3] != "✅ *… 50 more completed*" || got[4] != "⬜ t50" || got[len(got)-1] != "*… 20 more tasks*" {
		t.Errorf("%d lines: %q … %q", len(got), got[:5], got[len(got)-1])
	}
}

// STR-10, STR-11: whatever comes in whatever order, the list holds each task
// once, none that was not created, and as many as it says.
func TestTasksProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := &script{Tasks: &Tasks{}}
		created := map[string]bool{}
		open := map[string]string{} // tool use to result
		for i := range rapid.IntRange(1, 40).Draw(t, "steps") {
			id := fmt.Sprint(rapid.IntRange(1, 6).Draw(t, "task"))
			switch rapid.IntRange(0, 3).Draw(t, "step") {
			case 0:
				if !created[id] {
					open[s.call("TaskCreate", map[string]any{"subject": "s" + id})] = `{"task":{"id":"` + id + `","subject":"s` + id + `"}}`
					created[id] = true
				}
			case 1:
				st := rapid.SampledFrom([]string{"pending", "in_progress", "completed", "deleted"}).Draw(t, "status")
				open[s.call("TaskUpdate", map[string]any{"taskId": id, "status": st})] = `{"success":true}`
			default:
				for use, result := range open {
					before := s.Markdown(time.Time{})
					changed := s.Ended(use, Outcome{Result: json.RawMessage(result), Failed: rapid.Bool().Draw(t, "failed")}, noon)
					if after := s.Markdown(time.Time{}); !changed && after != before {
						t.Fatalf("step %d: unnoticed change\n%s\n%s", i, before, after)
					}
					delete(open, use)
					break
				}
			}
			seen := map[string]bool{}
			for _, k := range s.Items {
				if seen[k.ID] || !created[k.ID] || k.Subject != "s"+k.ID {
					t.Fatalf("%+v", s.Items)
				}
				seen[k.ID] = true
			}
			if done := s.completed(); s.Shown && len(s.Items) > 0 && !strings.Contains(s.Markdown(noon), fmt.Sprintf("(%d/%d · ", done, len(s.Items))) {
				t.Fatalf("%d of %d: %s", done, len(s.Items), s.Markdown(noon))
			}
		}
	})
}
