package shell

import (
	"strings"

	"ctpipe/pipeline"
)

// gitPush reads every form of a push: bare, branch, HEAD:main, +a:b, :gone,
// --delete, --mirror, --all, --tags and the force flags.
func gitPush(args []field) pipeline.Push {
	p := pipeline.Push{Dst: []string{}}
	var pos []field
	whole := false
	for n := 0; n < len(args); n++ {
		w := args[n].text
		switch {
		case w == "--":
			pos = append(pos, args[n+1:]...)
			n = len(args)
		case w == "--force":
			p.Force = "force"
		case w == "--force-with-lease" || strings.HasPrefix(w, "--force-with-lease=") || w == "--force-if-includes":
			if p.Force == "" {
				p.Force = "lease"
			}
		case w == "--mirror":
			p.Force, p.Delete, whole = "force", true, true
		case w == "--prune":
			p.Delete, whole = true, true
		case w == "--all" || w == "--branches" || w == "--tags":
			whole = true
		case w == "--delete":
			p.Delete = true
		case w == "-o" || w == "--push-option" || w == "--receive-pack" || w == "--exec":
			n++
		case w == "--repo" && n+1 < len(args):
			n++
			p.Remote = args[n].text
		case strings.HasPrefix(w, "--repo="):
			p.Remote = strings.TrimPrefix(w, "--repo=")
		case strings.HasPrefix(w, "--"):
		case strings.HasPrefix(w, "-") && len(w) > 1:
			if strings.Contains(w, "f") {
				p.Force = "force"
			}
			if strings.Contains(w, "d") {
				p.Delete = true
			}
		default:
			pos = append(pos, args[n])
		}
	}
	if len(pos) > 0 {
		p.Remote = pos[0].text
		pos = pos[1:]
	}
	p.Bare = len(pos) == 0 || whole
	for _, w := range pos {
		pushRef(&p, w)
	}
	return p
}

// pushRef adds one refspec.
func pushRef(p *pipeline.Push, w field) {
	ref := w.text
	if strings.HasPrefix(ref, "+") {
		p.Force, ref = "force", ref[1:]
	}
	src, dst, ok := strings.Cut(ref, ":")
	switch {
	case !ok:
		dst = src
	case src == "" && dst != "":
		p.Delete = true
	}
	dst = strings.TrimPrefix(strings.TrimPrefix(dst, "refs/"), "heads/")
	if dst == "" || dst == "HEAD" || dst == "@" || w.dynamic || w.glob || strings.Contains(dst, "*") {
		p.Bare = true // which branch that is depends on the repository
		return
	}
	p.Dst = append(p.Dst, dst)
}
