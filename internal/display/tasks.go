package display

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Task is one entry of the task list.
type Task struct {
	ID      string    `json:"id,omitempty"` // the CLI's number; "" in lists of TodoWrite
	Subject string    `json:"subject"`
	Active  string    `json:"active,omitempty"` // what is said while it is in progress
	Status  string    `json:"status"`           // pending, in_progress, completed
	Since   time.Time `json:"since,omitzero"`   // when it was first seen in progress
}

// Tasks is the one task list of a session, whichever tools Claude keeps it with
// (TodoWrite, or TaskCreate, TaskUpdate, TaskList and TaskGet). A call changes
// it only once its result says that it worked, so that a failed one leaves no
// task behind; several results before the next Markdown are one update. Feed it
// the main thread's calls only: subagents keep lists of their own. The exported
// fields are what to keep over a restart. It is not safe for concurrent use.
type Tasks struct {
	Items     []Task `json:"items,omitempty"`
	Minimised bool   `json:"minimised,omitempty"`
	Shown     bool   `json:"shown,omitempty"` // there was a list once, if it is empty now

	Open  map[string]TaskCall       `json:"open,omitempty"`  // calls without a result, by tool use
	Early map[string]map[string]any `json:"early,omitempty"` // updates of tasks that are not known yet, by task
}

// TaskCall is a call of the task list's that has no result yet.
type TaskCall struct {
	Name  string         `json:"name"`
	Input map[string]any `json:"input,omitempty"`
}

// Kept is the list as it outlives Claude's process: without calls that get no
// result any more.
func (t Tasks) Kept() Tasks {
	t.Open, t.Early = nil, nil
	return t
}

// waiting bounds what is remembered of calls and of unknown tasks.
const waiting = 256

func taskTool(name string) bool {
	switch name {
	case "TodoWrite", "TaskCreate", "TaskUpdate", "TaskList", "TaskGet":
		return true
	}
	return false
}

// Called notes a call, and reports whether it is one of the task list's. It
// changes nothing yet.
func (t *Tasks) Called(toolUseID, name string, input map[string]any) bool {
	if !taskTool(name) {
		return false
	}
	if t.Open == nil {
		t.Open = map[string]TaskCall{}
	}
	if len(t.Open) < waiting {
		t.Open[toolUseID] = TaskCall{Name: name, Input: input}
	}
	return true
}

// Ended takes a call's result, and reports whether the list changed.
func (t *Tasks) Ended(toolUseID string, out Outcome, now time.Time) bool {
	call, ok := t.Open[toolUseID]
	delete(t.Open, toolUseID)
	if !ok || out.Failed || out.Refused {
		return false
	}
	before := slices.Clone(t.Items)
	shown := t.Shown
	switch call.Name {
	case "TodoWrite":
		t.todos(call.Input, out)
	case "TaskCreate":
		t.created(call.Input, out)
	case "TaskUpdate":
		t.updated(call.Input, out)
	case "TaskList":
		t.listed(out)
	case "TaskGet":
		t.got(out)
	}
	for i := range t.Items {
		t.Items[i].begin(now)
	}
	return shown != t.Shown || !slices.Equal(before, t.Items)
}

// begin notes when a task came to be in progress.
func (k *Task) begin(now time.Time) {
	if k.Status != "in_progress" {
		k.Since = time.Time{}
	} else if k.Since.IsZero() {
		k.Since = now
	}
}

// todos replaces the entries of TodoWrite by what it wrote.
func (t *Tasks) todos(input args, out Outcome) {
	list, _ := input["todos"].([]any)
	var r struct {
		New []any `json:"newTodos"`
	}
	if out.decode(&r) && r.New != nil {
		list = r.New
	}
	since := map[string]time.Time{}
	for _, k := range t.Items {
		if k.ID == "" {
			since[k.Subject] = k.Since
		}
	}
	t.Items = slices.DeleteFunc(t.Items, func(k Task) bool { return k.ID == "" })
	for _, e := range list {
		m, _ := e.(map[string]any)
		if subject := args(m).str("content", "subject"); subject != "" {
			t.Items = append(t.Items, Task{Subject: subject, Active: args(m).str("activeForm"), Status: status(args(m).str("status")), Since: since[subject]})
		}
	}
	t.Shown = t.Shown || len(list) > 0
}

// taskResult is what the task tools answer.
type taskResult struct {
	Success *bool     `json:"success"`
	Task    *taskInfo `json:"task"`
	Tasks   []taskInfo
}

type taskInfo struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
	Status  string `json:"status"`
}

var createdAs = regexp.MustCompile(`^Task #(\S+) created`)

func (t *Tasks) created(input args, out Outcome) {
	var r taskResult
	if !out.decode(&r) || r.Task == nil {
		m := createdAs.FindStringSubmatch(out.Text)
		if m == nil {
			return // it is not known under which number: a later TaskList brings it
		}
		r.Task = &taskInfo{ID: m[1]}
	}
	t.merge(taskInfo{ID: r.Task.ID, Subject: orElse(r.Task.Subject, input.str("subject")), Status: r.Task.Status})
	t.change(r.Task.ID, args{"activeForm": input.str("activeForm")})
	if early, ok := t.Early[r.Task.ID]; ok {
		delete(t.Early, r.Task.ID)
		t.change(r.Task.ID, early)
	}
}

func (t *Tasks) updated(input args, out Outcome) {
	var r taskResult
	if out.decode(&r) && r.Success != nil && !*r.Success {
		return
	}
	if id := input.id("taskId"); id != "" {
		t.change(id, input)
	}
}

// change applies an update. One for a task that is not known waits until it is:
// results come in finishing order, and after a restart the list may be lost.
func (t *Tasks) change(id string, input args) {
	at := slices.IndexFunc(t.Items, func(k Task) bool { return k.ID == id })
	if at < 0 {
		t.wait(id, input)
		return
	}
	if input.str("status") == "deleted" {
		t.Items = slices.Delete(t.Items, at, at+1)
		return
	}
	k := &t.Items[at]
	k.Subject = orElse(input.str("subject"), k.Subject)
	k.Active = orElse(input.str("activeForm"), k.Active)
	if s := input.str("status"); s != "" {
		k.Status = status(s)
	}
}

func (t *Tasks) wait(id string, input args) {
	if t.Early == nil {
		t.Early = map[string]map[string]any{}
	}
	if t.Early[id] == nil {
		if len(t.Early) >= waiting {
			return
		}
		t.Early[id] = map[string]any{}
	}
	for _, key := range []string{"status", "subject", "activeForm"} {
		if s := input.str(key); s != "" {
			t.Early[id][key] = s
		}
	}
}

// listed takes TaskList's word for which tasks there are.
func (t *Tasks) listed(out Outcome) {
	var r taskResult
	if !out.decode(&r) || r.Tasks == nil {
		return
	}
	t.Items = slices.DeleteFunc(t.Items, func(k Task) bool {
		return k.ID != "" && !slices.ContainsFunc(r.Tasks, func(i taskInfo) bool { return i.ID == k.ID })
	})
	for _, info := range r.Tasks {
		t.merge(info)
	}
}

func (t *Tasks) got(out Outcome) {
	var r taskResult
	if out.decode(&r) && r.Task != nil {
		t.merge(*r.Task)
	}
}

// merge takes what the CLI says of a task, known or not, in the order of numbers.
func (t *Tasks) merge(info taskInfo) {
	if info.ID == "" {
		return
	}
	at := slices.IndexFunc(t.Items, func(k Task) bool { return k.ID == info.ID })
	if at < 0 {
		k := Task{ID: info.ID, Subject: orElse(info.Subject, "Task #"+info.ID), Status: status(info.Status), Active: args(t.Early[info.ID]).str("activeForm")}
		if info.Status != "" {
			delete(t.Early, info.ID) // the CLI knows better
		}
		t.Items = append(t.Items, k)
		slices.SortStableFunc(t.Items, byNumber)
		t.Shown = true
		return
	}
	k := &t.Items[at]
	k.Subject = orElse(info.Subject, k.Subject)
	if info.Status != "" {
		k.Status = status(info.Status)
	}
}

// byNumber orders tasks that have one; others keep their place in front.
func byNumber(a, b Task) int {
	x, _ := strconv.Atoi(a.ID)
	y, _ := strconv.Atoi(b.ID)
	return cmp.Compare(x, y)
}

// id is a field that is a number to some versions and a text to others.
func (a args) id(key string) string {
	if n, ok := a.number(key); ok {
		return strconv.Itoa(n)
	}
	return strings.TrimPrefix(a.str(key), "#")
}

func status(s string) string {
	switch s {
	case "in_progress", "completed":
		return s
	}
	return "pending"
}
