package app

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"ctpipe/internal/policy"
	"ctpipe/internal/rules"
	"ctpipe/pipeline"
)

// What sessions of a platform are told of a policy: directories from where
// ctpipe was started, and the people of that platform alone.
func TestSettingsOf(t *testing.T) {
	t.Setenv("HOME", "/home/olga")
	p := &policy.Policy{File: &rules.File{}}
	p.Config.WorkingDir, p.File.Claude.Roots = "~/src", []string{"~", "/srv/../opt"}
	p.Config.Limits.MaxFileMB, p.Config.Limits.SessionTimeout = 3, time.Hour
	p.Config.Playground.AllowedUsers = []string{"alice"}
	p.Config.Platforms = []rules.Platform{{ID: "main", AllowedUsers: []string{"olga"}}, {ID: "other"}}
	snap := &pipeline.Snapshot{Config: p, Approval: pipeline.Terms{Quorum: 2}}
	for platform, allowed := range map[pipeline.PlatformID][]string{"main": {"olga"}, "other": nil, "gone": nil, playgroundID: {"alice"}} {
		set := settingsOf(snap, platform)
		if !slices.Equal(set.Allowed, allowed) {
			t.Errorf("%s: allowed %q", platform, set.Allowed)
		}
		if set.Dir != "/home/olga/src" || !slices.Equal(set.Roots, []string{"/home/olga", "/opt"}) {
			t.Errorf("%s: in %s, roots %q", platform, set.Dir, set.Roots)
		}
		if set.Mode != pipeline.ModeDefault || set.MaxFile != 3<<20 || set.Timeout != time.Hour || !reflect.DeepEqual(set.Approval, snap.Approval) {
			t.Errorf("%s: %+v", platform, set)
		}
	}
	p.Config.Permissions = pipeline.ModeBypass
	if set := settingsOf(snap, "main"); set.Mode != pipeline.ModeBypass {
		t.Errorf("mode %s", set.Mode)
	}
}
