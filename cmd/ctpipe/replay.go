package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"ctpipe/internal/app"
	"ctpipe/internal/journal"
	"ctpipe/internal/policy"
	"ctpipe/pipeline"
)

var replayCommand = declaration{
	name: "replay",
	args: "[-since 7d] [-rules NEW]",
	doc:  "judge what was recorded under other rules, and list what differs",
	do:   replay,
}

// replay judges what was recorded once more, under a policy that may be
// another one, and says what would have been different.
func replay(c *subcommand, args []string) int {
	c.withRules()
	since := c.flags.String("since", "7d", "how far back: 7d, 36h")
	asJSON := c.flags.Bool("json", false, "print the differences as JSON")
	dir := c.flags.String("state", "", "the state `directory` whose journal is read")
	if code, done := c.parse(args, 0); done {
		return code
	}
	back, err := age(*since)
	if err != nil {
		return c.bad(fmt.Errorf("-since: %w", err))
	}
	p := c.policy(c.loader())
	if p == nil {
		return exitBad
	}
	stateDir, err := app.StateDir(c.rules, *dir)
	if err != nil {
		return c.bad(err)
	}
	began := time.Now()
	diff, err := replayed(context.Background(), p, journal.Dir(stateDir), began.Add(-back))
	var damage *journal.DamageError
	if errors.As(err, &damage) {
		fmt.Fprintf(c.stderr, "ctpipe replay: left out: %v\n", err)
	} else if err != nil {
		return c.bad(err)
	}
	if *asJSON {
		err = c.printJSON(diff)
	} else {
		err = printDiff(c.stdout, p, diff, time.Since(began))
	}
	if err != nil {
		return c.bad(err)
	}
	return exitOK
}

// replayed holds what p says against what was recorded.
func replayed(ctx context.Context, p *policy.Policy, dir string, since time.Time) (*policy.Diff, error) {
	diff := &policy.Diff{Changes: []policy.Change{}}
	err := journal.Read(dir, since, func(r journal.Record) error {
		switch {
		case !r.Event.Kind.Judged():
		case !policy.Replayable(&r):
			diff.Skipped++
		default:
			diff.Add(&r, policy.Recorded(&r), policy.Rejudged(ctx, p, &r))
		}
		return nil
	})
	diff.Sort()
	return diff, err
}

func printDiff(w io.Writer, p *policy.Policy, diff *policy.Diff, took time.Duration) error {
	fmt.Fprintf(w, "%d recorded events under rev %s in %s", diff.Judged, pipeline.ShortRev(p.Snapshot.Rev), took.Round(time.Millisecond))
	if diff.Skipped > 0 {
		fmt.Fprintf(w, "; %d more cannot be judged again (what was shown is not kept, long texts are cut, repeats are no matter of the rules)", diff.Skipped)
	}
	fmt.Fprintln(w)
	if len(diff.Changes) == 0 {
		_, err := fmt.Fprintln(w, "no verdict differs")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "COUNT\tCHANGE\tKIND\tBY\tUSER\tEXAMPLE")
	for _, ch := range diff.Changes {
		fmt.Fprintf(table, "%d\t%s→%s\t%s\t%s\t%s\t%s\n", ch.Count, ch.From, ch.To, ch.Kind, ch.Rule, ch.User, ch.Example)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%s; %d prompts saved, %d denials lost\n", diff, diff.PromptsSaved(), diff.DenialsLost())
	return err
}

// age reads a duration that may be in days: 7d, 36h.
func age(s string) (time.Duration, error) {
	var days float64
	if n, err := fmt.Sscanf(s, "%fd", &days); n == 1 && err == nil && s[len(s)-1] == 'd' && days >= 0 {
		return time.Duration(days * 24 * float64(time.Hour)), nil
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%q is no duration; want something like 7d or 36h", s)
	}
	return d, nil
}
