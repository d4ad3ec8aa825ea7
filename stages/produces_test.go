package stages_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ctpipe/internal/facts"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// makers says who fills a fact before the first stage. A name stands for all
// below it. What is in no list here must be among some stage's Produces.
var makers = []struct {
	who, how string
	facts    []string
}{
	{"intake", "every event: when and where", []string{"time", "thread", "limits"}},
	{"session", "describe and CheckedOut: the session as it is", []string{"session"}},
	{"roster", "who the server says it is", []string{"user"}},
	{"intake", "a post, what it asks to start, and the command in it", []string{"post", "start", "command"}},
	{"session", "an emoji and the post that it is on", []string{"reaction"}},
	{"session", "the call as the CLI sent it, and whose posts led to it", []string{"tool.id", "tool.name", "tool.input", "tool.hash",
		"tool.cwd", "tool.subagent", "tool.claude_asks", "tool.requesters"}},
	{"session", "a block on its way into the thread", []string{"show"}},
	{"session", "what became of a session or of a policy", []string{"notice"}},
}

// within reports whether path is fact, or a part of it.
func within(fact, path string) bool {
	rest, ok := strings.CutPrefix(path, fact)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

func anyWithin(facts []string, path string) bool {
	return slices.ContainsFunc(facts, func(f string) bool { return within(f, path) })
}

func made() (all []string) {
	for _, m := range makers {
		all = append(all, m.facts...)
	}
	return all
}

// Every fact that rules may read is filled by the event's maker or by some
// stage, for each kind of event that has it.
func TestEveryFactIsFilled(t *testing.T) {
	for _, kind := range pipeline.Kinds {
		filled := made()
		for _, s := range stages.All {
			if slices.Contains(s.On, kind) {
				filled = append(filled, s.Produces...)
			}
		}
		for _, n := range rules.Names(kind) {
			if !anyWithin(filled, n.Path) {
				t.Errorf("%s: nobody fills %s", kind, n.Path)
			}
		}
	}
}

// What is said to fill a fact says so of one that there is; only a stage that
// adds facts produces any, and only of a kind that it sees.
func TestProducesAreFacts(t *testing.T) {
	exists := func(kinds []pipeline.Kind, fact string) bool {
		return slices.ContainsFunc(kinds, func(k pipeline.Kind) bool {
			return slices.ContainsFunc(rules.Names(k), func(n rules.Name) bool { return within(fact, n.Path) })
		})
	}
	for _, fact := range made() {
		if !exists(pipeline.Kinds, fact) {
			t.Errorf("makers: there is no fact %s", fact)
		}
	}
	for _, s := range stages.All {
		if (s.Role == pipeline.Enrich) != (len(s.Produces) > 0) {
			t.Errorf("%s is a stage of role %s and produces %q", s.Name, s.Role, s.Produces)
		}
		for _, fact := range s.Produces {
			if !exists(s.On, fact) {
				t.Errorf("%s: no event that it sees has a fact %s", s.Name, fact)
			}
		}
	}
}

// changedFacts are the facts of two events that differ, down to the second
// name: tool.commands.
func changedFacts(t rapid.TB, before, after *pipeline.Event) (out []string) {
	flat := func(ev *pipeline.Event) map[string]any {
		raw, err := json.Marshal(ev)
		var top map[string]any
		if err := errors.Join(err, json.Unmarshal(raw, &top)); err != nil {
			t.Fatal(err)
		}
		all := map[string]any{}
		for name, v := range top {
			if parts, ok := v.(map[string]any); ok {
				for part, v := range parts {
					all[name+"."+part] = v
				}
			} else if name != "unknown" {
				all[name] = v
			}
		}
		return all
	}
	x, y := flat(before), flat(after)
	for name := range y {
		if !reflect.DeepEqual(x[name], y[name]) {
			out = append(out, name)
		}
	}
	for name := range x {
		if _, ok := y[name]; !ok {
			out = append(out, name)
		}
	}
	return out
}

// A stage that fails takes with it all that it would have said: whatever a
// stage changes in an event, or marks unknown, is among what it produces.
func TestStagesChangeOnlyWhatTheyProduce(t *testing.T) {
	dir, home := t.TempDir(), t.TempDir()
	if err := errors.Join(os.Mkdir(filepath.Join(dir, "sub"), 0o755), os.WriteFile(filepath.Join(dir, "sub/.env"), nil, 0o600),
		os.Symlink("/etc", filepath.Join(dir, "sub/out"))); err != nil {
		t.Fatal(err)
	}
	produces := map[string][]string{}
	for _, s := range stages.All {
		produces[s.Name] = s.Produces
	}
	word := rapid.SampledFrom([]string{"ls", "cat", "sub", "sub/.env", "sub/*", "sub/out", "*", "grep -r x", "|", "&&", ";", "sh", "$(id)", "$X",
		"curl https://a.example", "git status", "git push -f", "rm -rf", ">", "eval", "'", "..", "psql -c 'DROP TABLE x'"})
	checked := map[string]int{}
	check := func(t rapid.TB, name, text string, busy bool) {
		ev := &pipeline.Event{Kind: pipeline.KindTool, Session: pipeline.Session{Dir: dir, Busy: busy}, Tool: pipeline.Tool{Name: name, Cwd: dir,
			Input: map[string]any{"command": text, "query": text, "url": text, "path": "sub", "file_path": text}}}
		r := &pipeline.Run{Event: ev}
		for _, stage := range []struct {
			name string
			do   pipeline.Stage
		}{{"shell", stages.NewShell(home)}, {"paths", stages.NewPaths(facts.Disk{}, home)}} {
			before := *ev
			before.Tool.Commands = slices.Clone(ev.Tool.Commands)
			if err := stage.do.Handle(context.Background(), r); err != nil {
				t.Fatal(err)
			}
			for _, fact := range append(changedFacts(t, &before, ev), ev.Unknown[len(before.Unknown):]...) {
				if !anyWithin(produces[stage.name], fact) {
					t.Fatalf("%s changes %s, and does not say so; it produces %q", stage.name, fact, produces[stage.name])
				}
				checked[stage.name+" "+fact]++
			}
		}
	}
	check(t, "Bash", "git status", true) // what random words seldom are
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.SampledFrom([]string{"Bash", "Bash", "Grep", "Read", "WebFetch", "Fresh", "mcp__db__execute_sql"}).Draw(t, "tool"),
			strings.Join(rapid.SliceOfN(word, 1, 6).Draw(t, "words"), " "), rapid.Bool().Draw(t, "busy"))
	})
	for _, stage := range []string{"shell", "paths"} {
		for _, fact := range produces[stage] {
			if checked[stage+" "+fact] == 0 {
				t.Errorf("the test never saw %s fill %s", stage, fact)
			}
		}
	}
}

// A failing stage that finds facts leaves no fact of its own behind as known: a
// rule that lets reading commands pass must not pass one whose paths nobody
// could look at.
func TestFailedFactsLetNothingPass(t *testing.T) {
	for _, broken := range []string{"shell", "paths"} {
		chain := []pipeline.Link{}
		for _, s := range stages.All {
			if s.Name != "shell" && s.Name != "paths" {
				continue
			}
			link := pipeline.Link{Name: s.Name, Role: s.Role, Produces: s.Produces, Stage: stages.NewShell("")}
			if s.Name == broken {
				link.Stage = pipeline.StageFunc(func(context.Context, *pipeline.Run) error { return errors.New("broken") })
			}
			chain = append(chain, link)
		}
		snap := &pipeline.Snapshot{Chains: map[pipeline.Kind][]pipeline.Link{pipeline.KindTool: chain}}
		ev := &pipeline.Event{Kind: pipeline.KindTool, Tool: pipeline.Tool{Name: "Bash", Input: map[string]any{"command": "grep -r x ."}}}
		snap.Judge(t.Context(), ev)
		for _, fact := range []string{"tool.commands", "tool.opaque"} {
			if !slices.Contains(ev.Unknown, fact) {
				t.Errorf("%s is broken, and %s counts as known: %v", broken, fact, ev.Unknown)
			}
		}
	}
}
