package facts

import "strings"

const maxConfig = 256 << 10

// configRead is one reading of a repository's configuration.
type configRead struct {
	*repos
	beyond bool // what it says depends on files that are not watched
}

// runs says what reading the repository could start, or "".
func (rs *configRead) runs(r repo) string {
	if _, err := rs.world.Lstat(r.tree + "/.gitmodules"); err == nil {
		return "it has submodules, whose own configuration git obeys"
	}
	if _, err := rs.world.Lstat(r.common + "/hooks/post-index-change"); err == nil {
		return "it has a post-index-change hook"
	}
	if why := rs.config(r, r.common+"/config", true, 0); why != "" {
		return why
	}
	if why := rs.config(r, r.gitDir+"/config.worktree", true, 0); why != "" {
		return why
	}
	for _, name := range []string{rs.home + "/.gitconfig", rs.home + "/.config/git/config", "/etc/gitconfig"} {
		if why := rs.config(r, name, false, 0); why != "" {
			return why
		}
	}
	return ""
}

// config reads one configuration file and the files it includes.
func (rs *configRead) config(r repo, name string, local bool, depth int) string {
	if _, err := rs.world.Lstat(name); err != nil {
		return ""
	}
	text, err := rs.world.ReadFile(name, maxConfig)
	if err != nil {
		return name + " cannot be read"
	}
	section := ""
	for _, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if strings.HasSuffix(line, `\`) {
			return name + " has a continued line"
		}
		if line[0] == '[' {
			end := strings.LastIndexByte(line, ']')
			if end < 0 {
				return name + " is not readable"
			}
			section = strings.ToLower(line[1:end])
			line = strings.TrimSpace(line[end+1:])
			if line == "" {
				continue
			}
		}
		key, value, _ := strings.Cut(line, "=")
		key, value = strings.ToLower(strings.TrimSpace(key)), strings.Trim(strings.TrimSpace(value), `"`)
		if why := rs.setting(r, section, key, value, local, depth); why != "" {
			return why
		}
	}
	return ""
}

// setting says what one key would start. Pagers and editors of the operator's
// own configuration are left out: git starts neither without a terminal.
func (rs *configRead) setting(r repo, section, key, value string, local bool, depth int) string {
	kind, _, _ := strings.Cut(section, " ")
	kind, _, _ = strings.Cut(kind, ".")
	full := section + "." + key
	switch kind {
	case "include", "includeif":
		if key != "path" {
			return ""
		}
		if local || depth > 3 {
			return "its configuration includes another file"
		}
		if strings.HasPrefix(value, "~/") {
			value = rs.home + value[1:]
		} else if !strings.HasPrefix(value, "/") {
			value = rs.home + "/" + value
		}
		rs.beyond = true
		return rs.config(r, value, local, depth+1)
	case "core":
		return rs.coreSetting(r, key, value, local)
	case "diff":
		if key == "external" || key == "command" || key == "textconv" {
			return full + " names a program"
		}
	case "filter":
		if (key == "clean" || key == "smudge" || key == "process") && !strings.HasPrefix(value, "git-lfs ") {
			return full + " names a program"
		}
	case "pager", "interactive", "gpg", "alias", "trace2", "ssh":
		if local {
			return full + " can name a program"
		}
	case "log":
		if key == "showsignature" && value != "false" {
			return full + " starts gpg"
		}
	case "extensions":
		if key == "partialclone" {
			return full + " fetches what is missing"
		}
	case "remote":
		if key == "promisor" || key == "partialclonefilter" {
			return full + " fetches what is missing"
		}
	}
	return ""
}

func (rs *configRead) coreSetting(r repo, key, value string, local bool) string {
	switch key {
	case "fsmonitor":
		if value != "false" && value != "true" && value != "" {
			return "core.fsmonitor names a program"
		}
	case "worktree":
		if local {
			return "core.worktree points elsewhere"
		}
	case "pager", "sshcommand", "askpass", "editor", "gitproxy", "attributesfile", "alternaterefscommand":
		if local {
			return "core." + key + " can name a program"
		}
	case "hookspath":
		rs.beyond = true
		dir := value
		if strings.HasPrefix(dir, "~/") {
			dir = rs.home + dir[1:]
		}
		real, err := resolve(rs.world, r.tree, dir)
		if err != nil {
			return "core.hooksPath cannot be followed"
		}
		if _, err := rs.world.Lstat(real + "/post-index-change"); err == nil {
			return "core.hooksPath has a post-index-change hook"
		}
	}
	return ""
}
