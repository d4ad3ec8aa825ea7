package policy

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ctpipe/hooks"
	"ctpipe/internal/diag"
	"ctpipe/pipeline"
	"ctpipe/stages"
)

// testsWithin bounds all tests of a policy together.
const testsWithin = 2 * time.Second

// Outcome says how a test ended. An error is not a failure: the chain could
// not say what the policy says.
type Outcome string

// The outcomes of a test.
const (
	Passed Outcome = "ok"
	Failed Outcome = "FAIL"
	Erred  Outcome = "ERROR"
)

// TestResult is one test that was run.
type TestResult struct {
	Case    Case
	Outcome Outcome
	Why     string        // of a failure or error
	Run     *pipeline.Run // nil if it was not run
	Took    time.Duration
}

// Report is the tests of one policy, in file order.
type Report struct {
	Results []TestResult
	Matched map[string]bool // ids of the rules that were true in some test
	Took    time.Duration
}

// Count gives how many tests passed, failed and erred.
func (r Report) Count() (passed, failed, erred int) {
	for _, t := range r.Results {
		switch t.Outcome {
		case Passed:
			passed++
		case Failed:
			failed++
		default:
			erred++
		}
	}
	return passed, failed, erred
}

// findings are the tests that did not pass, each at its [[test]].
func (r Report) findings() []diag.Finding {
	var out []diag.Finding
	for _, t := range r.Results {
		switch t.Outcome {
		case Failed:
			out = append(out, t.Case.finding("test-failed", "failed: %s", t.Why))
		case Erred:
			out = append(out, t.Case.finding("test-error", "could not be judged: %s", t.Why))
		}
	}
	return out
}

// TestsRan reports whether findings that kept Load from giving a policy are
// those of its tests; other errors keep tests from being run.
func TestsRan(findings []diag.Finding) bool {
	return slices.ContainsFunc(findings, func(f diag.Finding) bool { return f.ID == "test-failed" || f.ID == "test-error" })
}

// Test runs the tests of p whose names match only (nil: all) through its own
// chains, in a world of their own: an empty repository, a clock that stands,
// an empty memory for the hooks. Nothing that runs beside them is touched.
func (l *Loader) Test(ctx context.Context, p *Policy, only *regexp.Regexp) Report {
	ctx, cancel := context.WithTimeout(ctx, testsWithin)
	defer cancel()
	began := time.Now()
	report := Report{Matched: map[string]bool{}}
	bench, err := l.bench(p)
	for _, c := range p.Cases {
		if only != nil && !only.MatchString(c.Name) {
			continue
		}
		res := TestResult{Case: c, Outcome: Erred}
		switch {
		case err != nil:
			res.Why = err.Error()
		case ctx.Err() != nil:
			res.Why = fmt.Sprintf("not run, since the tests before it took %s", testsWithin)
		default:
			res = bench.run(ctx, c)
			for _, id := range p.Rules.Judge(res.Run.Event).Matched {
				report.Matched[id] = true
			}
		}
		report.Results = append(report.Results, res)
	}
	report.Took = time.Since(began)
	return report
}

// bench is where the tests of one policy run, one after the other.
type bench struct {
	policy *Policy
	loader *Loader
	lua    *hooks.Set
	memory *hooks.Memory
}

// bench builds hooks of their own, so that tests leave the memory and the
// circuits of those in force alone.
func (l *Loader) bench(p *Policy) (*bench, error) {
	b := &bench{policy: p, loader: l, memory: &hooks.Memory{}}
	lua, findings := l.hooks(p.File, p.Sources, nil, b)
	if lua == nil {
		return nil, fmt.Errorf("building the hooks for the tests: %s", findings[0])
	}
	b.lua = lua
	return b, nil
}

// Get implements hooks.Store for the test that runs.
func (b *bench) Get(hook, key string, now int64) (hooks.Value, bool) {
	return b.memory.Get(hook, key, now)
}

// Commit implements hooks.Store for the test that runs.
func (b *bench) Commit(hook string, now int64, writes []hooks.Write) error {
	return b.memory.Commit(hook, now, writes)
}

// snapshot is the policy's own, but for the world that its stages look at.
func (b *bench) snapshot(ev *pipeline.Event) (*pipeline.Snapshot, error) {
	build := b.loader.Stage
	build.Seen = nil // every test is the first of its kind
	build.Journal, build.Trial = nil, true
	world := newFakeDisk(testHome, ev.Session.Dir, ev.Session.Worktree)
	built := map[string]pipeline.Link{}
	for name, stage := range map[string]pipeline.Stage{
		"shell": stages.NewShell(testHome, b.policy.File.MCP...), "paths": stages.NewPaths(world, testHome)} {
		spec, ok := stages.Find(name)
		if !ok {
			return nil, fmt.Errorf("there is no stage %s", name)
		}
		built[name] = pipeline.Link{Name: name, Role: spec.Role, Produces: spec.Produces, Stage: stage}
	}
	snap, findings := b.loader.chains(b.policy, b.lua, build, built)
	if diag.HasErrors(findings) {
		return nil, fmt.Errorf("building the chains: %s", findings[0])
	}
	return snap, nil
}

// run judges one test.
func (b *bench) run(ctx context.Context, c Case) TestResult {
	began := time.Now()
	b.memory = &hooks.Memory{}
	ev := c.event(b.policy.File)
	res := TestResult{Case: c}
	snap, err := b.snapshot(ev)
	if err != nil {
		snap = &pipeline.Snapshot{} // it denies everything
	}
	res.Run = snap.Judge(ctx, ev)
	res.Outcome, res.Why = c.compare(res.Run)
	switch {
	case err != nil:
		res.Outcome, res.Why = Erred, err.Error()
	case ctx.Err() != nil:
		res.Outcome, res.Why = Erred, fmt.Sprintf("the tests together took more than %s", testsWithin)
	}
	res.Took = time.Since(began)
	return res
}

// compare holds a run against what the test wants.
func (c Case) compare(r *pipeline.Run) (Outcome, string) {
	for _, v := range r.Votes() {
		if v.Err != "" && (v.Source == pipeline.SourceHook || v.Source == pipeline.SourceStage) {
			return Erred, fmt.Sprintf("%s: %s", v.By, v.Err)
		}
	}
	if r.Failed != nil {
		return Erred, r.Failed.Error()
	}
	got, top := r.Verdict()
	switch {
	case !c.Event.Kind.Judged(): // a notice, which gets no verdict
	case got != c.Want:
		return Failed, fmt.Sprintf("want %s, got %s (%s)", c.Want, got, pipeline.Names(top))
	case c.By != "" && !slices.ContainsFunc(top, c.votedBy):
		return Failed, fmt.Sprintf("%s as wanted, but by %s and not by %s", got, pipeline.Names(top), c.By)
	}
	if why := c.missing(r); why != "" {
		return Failed, why
	}
	return Passed, ""
}

// votedBy reports a vote by what the test names: a rule, a hook, "default",
// "floor" or "floor protected".
func (c Case) votedBy(v pipeline.Vote) bool {
	source, article, _ := strings.Cut(c.By, " ")
	return v.By == c.By || source == string(v.Source) && (article == "" || article == v.By)
}
