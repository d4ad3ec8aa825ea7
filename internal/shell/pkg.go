package shell

import (
	"slices"
	"strings"

	"ctpipe/pipeline"
)

// pkgVerbs are the subcommands of each package manager that install something.
func pkgVerbs(prog string) []string {
	switch prog {
	case "npm":
		return []string{"install", "i", "add", "ci", "update", "up", "in", "isntall", "exec", "x", "init", "create", "link"}
	case "pnpm", "yarn", "bun":
		return []string{"install", "i", "add", "update", "up", "upgrade", "dlx", "x", "create", "link", "global"}
	case "pip", "pip3", "pipx", "conda", "mamba", "micromamba":
		return []string{"install", "download", "wheel", "upgrade", "inject", "update", "create"}
	case "uv":
		return []string{"add", "sync", "pip install", "pip sync", "tool install", "tool run", "python install"}
	case "poetry", "pdm", "rye", "pipenv", "hatch":
		return []string{"add", "install", "update", "sync"}
	case "cargo":
		return []string{"add", "install", "update", "fetch", "binstall"}
	case "go":
		return []string{"get", "install", "mod download", "mod tidy"}
	case "gem", "bundle", "bundler":
		return []string{"install", "update", "add"}
	case "apt", "apt-get", "aptitude",
		"yum", "dnf", "zypper",
		"brew", "port",
		"snap", "flatpak",
		"choco", "winget", "scoop",
		"opkg", "apk", "pkg", "microdnf":
		return []string{"install", "upgrade", "dist-upgrade", "full-upgrade", "update", "add", "reinstall", "tap", "localinstall", "in"}
	case "composer":
		return []string{"require", "install", "update", "global require"}
	case "mix",
		"opam", "cabal", "stack", "nimble",
		"dart", "flutter",
		"luarocks", "cpanm",
		"helm-plugin", "krew",
		"deno",
		"rustup", "nvm", "asdf", "mise", "sdk",
		"volta", "corepack",
		"pod", "nuget":
		return []string{"install", "add", "get", "deps.get", "pub get", "pub add", "use"}
	}
	return nil
}

func isPackageManager(prog string) bool {
	return pkgVerbs(prog) != nil || prog == "pacman" || prog == "dpkg" || prog == "rpm" || prog == "easy_install"
}

// pkgValues are options of package managers with a separate value.
const pkgValues = " " +
	"-r --requirement " +
	"-c --constraint " +
	"-t --target --prefix " +
	"-i --index-url --extra-index-url " +
	"-f --find-links " +
	"--registry --root --path " +
	"--git --branch --tag --rev " +
	"--features -F " +
	"--version --python " +
	"-p --manifest-path " +
	"-n --name --source " +
	"-C --dir " +
	"--filter -w --workspace " +
	"--tags --modfile "

// classPackages: installs name what they install; everything else a package
// manager does may run code of the project.
func classPackages(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassExec
	pos := pkgWords(a, k, i)
	if len(pos) > 0 {
		p.Sub = pos[0]
	}
	switch {
	case p.Prog == "pacman" || p.Prog == "dpkg" || p.Prog == "rpm" || p.Prog == "easy_install":
		for _, w := range k.args() {
			if strings.HasPrefix(w.text, "-S") || strings.HasPrefix(w.text, "-U") || strings.HasPrefix(w.text, "-i") || p.Prog == "easy_install" {
				p.Pkg = pipeline.Pkg{Install: true, Manager: p.Prog, Names: pos}
			}
		}
	case p.Prog == "yarn" && len(pos) == 0:
		p.Pkg = pipeline.Pkg{Install: true, Manager: p.Prog}
	default:
		pkgInstall(p, pos)
	}
	if p.Pkg.Names == nil {
		p.Pkg.Names = []string{}
	}
	if p.Pkg.Install {
		return
	}
	a.pkgScripts(k, p, pos, i)
}

func pkgInstall(p *pipeline.Command, pos []string) {
	verbs := pkgVerbs(p.Prog)
	for n := 1; n <= 2 && n <= len(pos); n++ {
		if slices.Contains(verbs, strings.Join(pos[:n], " ")) {
			p.Pkg = pipeline.Pkg{Install: true, Manager: p.Prog, Names: append([]string{}, pos[n:]...)}
			return
		}
	}
}

// pkgScripts: npm run, cargo run and the like hide what they run.
func (a *analyzer) pkgScripts(k call, p *pipeline.Command, pos []string, i int) {
	switch p.Prog {
	case "npm", "pnpm", "yarn", "bun", "composer", "deno":
		switch p.Sub {
		case "ls", "list", "outdated", "view", "info", "why", "audit", "help":
			p.Class = pipeline.ClassNet
		case "publish", "login", "logout", "unpublish", "deprecate", "whoami", "ping":
			p.Class = pipeline.ClassNet
		default:
			a.opaque(p.Prog + " " + p.Sub + " runs what the project's files say")
		}
	case "poetry", "pdm", "rye", "hatch", "pipenv", "mix", "bundle":
		if p.Sub == "run" || p.Sub == "exec" {
			a.opaque(p.Prog + " " + p.Sub + " runs what the project's files say")
		}
	case "go":
		if (p.Sub == "run" || p.Sub == "generate") && len(pos) > 0 {
			for _, w := range k.args()[1:] {
				if strings.HasSuffix(w.text, ".go") {
					a.runsFile(k, w, i)
				}
			}
		}
	}
}

// pkgWords returns the operands and records paths and hosts in options.
func pkgWords(a *analyzer, k call, i int) []string {
	pos := []string{}
	args := k.args()
	for n := 0; n < len(args); n++ {
		w := args[n]
		if !strings.HasPrefix(w.text, "-") {
			pos = append(pos, w.text)
			a.argPath(w, Path{Cmd: i, Write: true}, k.sc)
			continue
		}
		name, value, attached := strings.Cut(w.text, "=")
		if !attached && strings.Contains(pkgValues, " "+name+" ") && n+1 < len(args) {
			n++
			value = args[n].text
		}
		if value != "" {
			a.argPath(field{text: value}, Path{Cmd: i, Write: name != "-r" && name != "--requirement"}, k.sc)
		}
	}
	return pos
}
