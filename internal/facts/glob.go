package facts

import (
	"path"
	"strings"
)

const (
	maxMatches = 512
	maxEntries = 4096 // looked at for one pattern
)

// expandGlob expands a shell pattern as bash does: a leading dot is matched
// only by a dot, ** is *. ok is false where that is too much, or where shells
// differ; what was found is then incomplete.
func expandGlob(w World, dir, pattern string) (names []string, ok bool) {
	if strings.ContainsAny(pattern, `\`) || strings.Contains(pattern, "[[:") || strings.Contains(pattern, "[.") || strings.Contains(pattern, "[=") {
		return nil, false
	}
	g := &globber{world: w, dir: dir, ok: true}
	start := ""
	if strings.HasPrefix(pattern, "/") {
		start, pattern = "/", strings.TrimLeft(pattern, "/")
	}
	g.walk(start, strings.Split(pattern, "/"))
	return g.out, g.ok
}

type globber struct {
	world World
	dir   string
	seen  int
	out   []string
	ok    bool
}

// walk matches the components below prefix, which is what the shell would print.
func (g *globber) walk(prefix string, parts []string) {
	if !g.ok || len(g.out) > maxMatches {
		g.ok = false
		return
	}
	if len(parts) == 0 {
		g.out = append(g.out, prefix)
		return
	}
	part, rest := parts[0], parts[1:]
	if !strings.ContainsAny(part, "*?[") {
		next := join(prefix, part)
		if part == "" || g.exists(next) {
			g.walk(next, rest)
		}
		return
	}
	entries, err := g.world.ReadDir(g.abs(prefix), maxEntries)
	if err != nil {
		return
	}
	if g.seen += len(entries); g.seen > maxEntries {
		g.ok = false
		return
	}
	match := strings.ReplaceAll(part, "[!", "[^")
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") && !strings.HasPrefix(part, ".") {
			continue
		}
		hit, err := path.Match(match, name)
		if err != nil {
			g.ok = false
			return
		}
		if hit {
			g.walk(join(prefix, name), rest)
		}
	}
}

func (g *globber) exists(name string) bool {
	_, err := g.world.Lstat(g.abs(name))
	return err == nil
}

func (g *globber) abs(name string) string {
	if strings.HasPrefix(name, "/") {
		return name
	}
	return g.dir + "/" + name
}

func join(prefix, name string) string {
	switch {
	case prefix == "":
		return name
	case strings.HasSuffix(prefix, "/"):
		return prefix + name
	}
	return prefix + "/" + name
}
