package shell

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// launchers are, per program, the options whose value is a program that it
// starts. Which one that is, and what it does, cannot be told in advance.
var launchers = map[string][]string{
	"rg":      {"--pre", "--hostname-bin"},
	"ag":      {"--pager"},
	"ack":     {"--pager"},
	"bat":     {"--pager"},
	"batcat":  {"--pager"},
	"delta":   {"--pager"},
	"sort":    {"--compress-program"},
	"gsort":   {"--compress-program"},
	"split":   {"--filter"},
	"install": {"--strip-program"},
	"man":     {"-P", "--pager", "-H", "--html", "-X", "--gxditview"},
	"zip":     {"-TT", "--unzip-command"},
	"tcpdump": {"-z"},
	"tar": {
		"-I", "-F",
		"--to-command", "--checkpoint-action",
		"--use-compress-program", "--rsh-command", "--rmt-command",
		"--info-script", "--new-volume-script",
	},
	"rsync":   {"-e", "--rsh", "--rsync-path", "--config"},
	"scp":     {"-S", "-o", "-F"},
	"sftp":    {"-S", "-o", "-F", "-D"},
	"mosh":    {"--ssh", "--server", "--client"},
	"wget":    {"-e", "--execute", "--use-askpass"},
	"nc":      {"-e", "-c"},
	"netcat":  {"-e", "-c"},
	"ncat":    {"-e", "-c", "--exec", "--sh-exec", "--lua-exec"},
	"mysql":   {"--pager"},
	"mariadb": {"--pager"},
	"helm":    {"--post-renderer"},
	"cpio":    {"--rsh-command"},
	"fzf":     {"--preview", "--bind"},
	"go":      {"-exec", "-toolexec", "-vettool", "--exec", "--toolexec", "--vettool"},
	"gcc":     {"-wrapper"},
	"g++":     {"-wrapper"},
	"cc":      {"-wrapper"},
	"cargo":   {"--config"},
}

// hidesWork reports programs that run commands or scripts of their own language.
func hidesWork(k call) bool {
	args := k.args()
	switch k.name() {
	case "at", "batch",
		"vi", "vim", "nvim", "ed", "ex", "emacs",
		"gdb", "lldb",
		"tmux", "screen", "socat",
		"nix-shell", "nu", "ssh-agent":
		return true
	case "crontab":
		return len(args) != 1 || args[0].text != "-l"
	case "ip":
		return slices.ContainsFunc(args, func(w field) bool { return w.text == "exec" || strings.HasPrefix(w.text, "-b") })
	case "compgen":
		return slices.ContainsFunc(args, func(w field) bool { return w.text == "-C" || w.text == "-F" || w.text == "-W" })
	case "go":
		return len(args) > 0 && args[0].text == "generate"
	}
	return false
}

// launched makes a command that starts programs of the caller's choice exec,
// and opaque.
func (a *analyzer) launched(k call, p *pipeline.Command) {
	why := ""
	switch name := alias(k.name()); {
	case hidesWork(k):
		why = name + " runs commands of its own"
	case name == "git":
		why = gitLaunches(k.args())
	default:
		why = optionLaunches(name, k.args())
	}
	if why != "" {
		p.Class = pipeline.ClassExec
		a.opaque(why)
	}
}

func alias(name string) string {
	switch name {
	case "gtar", "bsdtar":
		return "tar"
	}
	return name
}

func optionLaunches(name string, args []field) string {
	options := launchers[name]
	if options == nil {
		return ""
	}
	for n, w := range args {
		text := w.text
		if name == "tar" && n == 0 && !strings.HasPrefix(text, "-") {
			text = "-" + text // tar xIf
		}
		if text == "--" {
			return ""
		}
		for _, o := range options {
			if !optionIs(text, o) || name == "rsync" && o == "-e" && plainSSH(text, args[n:]) {
				continue
			}
			return "an option of " + name + " runs a program: " + o
		}
	}
	return ""
}

// plainSSH reports rsync -e ssh.
func plainSSH(text string, args []field) bool {
	return strings.HasSuffix(text, "e") && len(args) > 1 && args[1].text == "ssh" || strings.HasSuffix(text, "essh")
}

// optionIs reports whether a word gives an option: by its name or, as getopt
// takes it, the beginning of a long one, or a letter among others.
func optionIs(text, option string) bool {
	name, _, _ := strings.Cut(text, "=")
	switch {
	case len(name) < 2 || name[0] != '-':
		return false
	case strings.HasPrefix(option, "--"):
		return name == option || len(name) > 4 && strings.HasPrefix(option, name)
	case len(option) > 2:
		return name == option
	}
	return name[1] != '-' && strings.Contains(text[1:], option[1:])
}

// gitLaunches says which word of a git command names a program to run.
func gitLaunches(args []field) string {
	g := splitGit(args)
	for _, kv := range g.config {
		if !plainSetting(kv) {
			return "git -c " + kv + " can name a program"
		}
	}
	if g.elsewhere {
		return "an option of git says where its programs or settings come from"
	}
	for _, w := range g.args {
		if w.text == "--" {
			break
		}
		switch {
		case optionIs(w.text, "--upload-pack"), optionIs(w.text, "--receive-pack"), optionIs(w.text, "--open-files-in-pager"), optionIs(w.text, "--extcmd"),
			g.sub != "rev-list" && g.sub != "log" && optionIs(w.text, "--exec"),
			g.sub == "clone" && optionIs(w.text, "-u"), g.sub == "grep" && strings.HasPrefix(w.text, "-O"),
			g.sub == "clone" && (optionIs(w.text, "-c") || optionIs(w.text, "--config") || optionIs(w.text, "--template")):
			return "git " + g.sub + " " + w.text + " runs a program"
		case strings.HasPrefix(w.text, "ext::") || strings.HasPrefix(w.text, "fd::") || strings.Contains(w.text, "=ext::"):
			return "the address " + w.text + " is a program"
		}
	}
	return ""
}

// plainSetting reports a git setting that starts nothing.
func plainSetting(kv string) bool {
	key, value, _ := strings.Cut(kv, "=")
	key = strings.ToLower(key)
	if harmlessProgram(value) && strings.Contains(kv, "=") {
		return true
	}
	switch key {
	case "init.defaultbranch",
		"safe.directory",
		"core.quotepath", "core.autocrlf", "core.abbrev",
		"core.longpaths", "core.eol", "core.filemode", "core.ignorecase",
		"diff.renames", "diff.algorithm", "diff.context",
		"diff.noprefix", "diff.mnemonicprefix", "diff.colormoved",
		"merge.conflictstyle", "merge.ff",
		"pull.rebase", "pull.ff",
		"push.default", "push.autosetupremote",
		"rebase.autostash", "rebase.autosquash",
		"fetch.prune", "gc.auto",
		"http.postbuffer", "http.version",
		"grep.linenumber":
		return true
	}
	for _, section := range []string{"color.", "user.", "author.", "committer.", "advice.", "column.", "log.", "status.", "http.lowspeed"} {
		if strings.HasPrefix(key, section) && key != "log.showsignature" {
			return true
		}
	}
	return false
}

// harmlessProgram reports the ways to say that no program shall run.
func harmlessProgram(value string) bool {
	switch value {
	case "", "cat", "true", "false", ":", "0", "1", "/dev/null":
		return true
	}
	return false
}

// namesProgram reports variables whose value is a program, or options with
// which a program loads one.
func namesProgram(name, value string) bool {
	switch name {
	case "NODE_OPTIONS", "PERL5OPT", "RUBYOPT", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS":
		return !strings.HasPrefix(value, "--max-old-space-size") && !strings.HasPrefix(value, "-X")
	case "PAGER", "MANPAGER", "GIT_PAGER", "BAT_PAGER", "PSQL_PAGER", "SYSTEMD_PAGER",
		"EDITOR", "VISUAL", "FCEDIT", "GIT_EDITOR", "GIT_SEQUENCE_EDITOR",
		"BROWSER",
		"GIT_SSH", "GIT_SSH_COMMAND", "GIT_EXTERNAL_DIFF", "GIT_PROXY_COMMAND",
		"GIT_ASKPASS", "SSH_ASKPASS", "SUDO_ASKPASS",
		"GIT_EXEC_PATH", "GIT_TEMPLATE_DIR", "GIT_ALLOW_PROTOCOL",
		"LESSOPEN", "LESSCLOSE",
		"RSYNC_RSH", "CVS_RSH", "TAR_OPTIONS",
		"RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER",
		"FZF_DEFAULT_COMMAND", "VIMINIT", "EXINIT",
		"PYTHONSTARTUP", "PERL5DB", "GCC_EXEC_PREFIX", "COMPILER_PATH", "RIPGREP_CONFIG_PATH", "MAKEFLAGS", "BASH_COMPAT":
		return !harmlessProgram(value)
	}
	return strings.HasPrefix(name, "GIT_CONFIG") && !harmlessProgram(value)
}
