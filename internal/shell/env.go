package shell

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// assign walks an assignment's value. Prefix and standalone assignments both
// come here; the caller knows which it is.
func (a *analyzer) assign(as *syntax.Assign, sc scope) {
	if as.Index != nil {
		a.index(as.Index, sc)
	}
	if as.Value != nil {
		a.visitParts(as.Value.Parts, sc)
		if code(a.static(as.Value).text) {
			a.opaque("the assigned text holds code, which arithmetic would run")
		}
	}
	if as.Array != nil {
		for _, e := range as.Array.Elems {
			if e.Index != nil {
				a.index(e.Index, sc)
			}
			if e.Value != nil {
				a.visitParts(e.Value.Parts, sc)
			}
		}
	}
}

// code reports text with a subscript that holds a substitution: where a shell
// takes it for a number, that is run.
func code(text string) bool {
	at := strings.IndexByte(text, '[')
	return at >= 0 && (strings.Contains(text[at:], "$(") || strings.Contains(text[at:], "`"))
}

// prefixed notes NAME=value in front of one command. It always costs class
// read; where it decides which code runs, the command is opaque too.
func (a *analyzer) prefixed(name, value string) {
	if namesProgram(name, value) {
		a.opaque(name + " is assigned, which names a program to run")
	}
	if strings.HasSuffix(strings.ToLower(name), "_proxy") && value != "" && !strings.EqualFold(name, "no_proxy") {
		a.hostText(value)
	}
	switch name {
	case "PATH", "BASH_ENV", "ENV", "SHELLOPTS", "BASHOPTS", "PS4", "PROMPT_COMMAND", "ZDOTDIR":
		a.opaque(name + " is assigned, which changes which programs run")
		return
	}
	for _, p := range []string{"LD_", "DYLD_", "BASH_FUNC_"} {
		if strings.HasPrefix(name, p) {
			a.opaque(name + " is assigned, which loads code into programs")
		}
	}
}

// assigned notes that a variable holds something else from here on.
func (a *analyzer) assigned(name string) {
	switch {
	case name == "HOME":
		a.home = true
		a.opaque("HOME is assigned")
	case steers(name):
		a.opaque(name + " is assigned, which changes what commands do")
	case !localName(name):
		a.tainted = true
	}
}

// localName reports names that by convention no program reads.
func localName(name string) bool {
	return name == strings.ToLower(name) && !strings.HasSuffix(name, "_proxy")
}

// steers reports variables that change which programs run or what they run.
// Any assignment takes class read away; these make the whole script opaque.
func steers(name string) bool {
	switch name {
	case "PATH", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "PS0", "PS1", "PS2", "PS4",
		"path", "fpath", "cdpath", "module_path", "precmd_functions", "preexec_functions", "chpwd_functions", "zshexit_functions", "periodic_functions", // zsh
		"CDPATH", "FPATH", "ZDOTDIR", "SHELL", "GLOBIGNORE", "EXECIGNORE", "NULLCMD", "READNULLCMD", "HISTFILE",
		"PAGER", "MANPAGER", "LESSOPEN", "LESSCLOSE", "LESS", "MORE", "EDITOR", "VISUAL", "BROWSER", "FCEDIT", "SUDO_ASKPASS",
		"NODE_OPTIONS", "NODE_PATH", "RUBYOPT", "RUBYLIB", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH",
		"GCONV_PATH", "LOCPATH", "TERMINFO", "TMPDIR", "MAKEFLAGS", "GNUMAKEFLAGS", "RUSTC_WRAPPER", "CC", "CXX",
		"RIPGREP_CONFIG_PATH", "GREP_OPTIONS", "TAR_OPTIONS", "SSH_ASKPASS", "HOSTALIASES", "TASKDDATA", "FZF_DEFAULT_COMMAND",
		"CURL_HOME", "WGETRC", "KUBECONFIG", "EXINIT", "VIMINIT", "INPUTRC", "BAT_PAGER", "BAT_CONFIG_PATH", "PSQLRC", "PSQL_PAGER":
		return true
	}
	for _, p := range []string{"LD_", "DYLD_", "GIT_", "PYTHON", "PERL", "BASH_FUNC_", "npm_config_", "NPM_CONFIG_", "GOFLAGS", "CARGO_", "PIP_"} {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}
