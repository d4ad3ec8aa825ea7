package shell

import "ctpipe/pipeline"

const (
	noEscape = "it runs where ctpipe cannot see"
)

// prefixes are the wrappers that only put flags in front of a command.
var prefixes = map[string]*prefix{
	"env": {flags: spec{short: "i0v", shortV: "u", long: "ignore-environment null unset= debug"}, assigns: true},
	"sudo": {
		flags: spec{
			short: "AbBEHknPS", shortV: "ugpCrtT",
			long: "askpass background preserve-env=? set-home " +
				"non-interactive stdin user= group= prompt=",
		},
		assigns: true, floor: pipeline.ClassExec,
	},
	"doas":      {flags: spec{short: "n", shortV: "u"}, floor: pipeline.ClassExec},
	"timeout":   {flags: spec{short: "vfp", shortV: "ks", long: "foreground preserve-status verbose kill-after= signal="}, skip: 1},
	"gtimeout":  {flags: spec{short: "v", shortV: "ks", long: "foreground preserve-status verbose kill-after= signal="}, skip: 1},
	"nice":      {flags: spec{shortV: "n", num: true, long: "adjustment="}},
	"ionice":    {flags: spec{short: "t", shortV: "cn", long: "class= classdata= ignore"}},
	"chrt":      {flags: spec{short: "abdfiorRv", shortV: "TPD", long: "batch fifo idle other rr verbose"}, skip: 1},
	"taskset":   {flags: spec{short: "ac", long: "all-tasks cpu-list"}, skip: 1},
	"nohup":     {},
	"setsid":    {flags: spec{short: "cfw", long: "ctty fork wait"}},
	"stdbuf":    {flags: spec{shortV: "ioe", long: "input= output= error="}},
	"unbuffer":  {flags: spec{short: "p"}, floor: pipeline.ClassExec},
	"time":      {flags: spec{short: "pv", shortV: "f", long: "portability verbose format="}},
	"builtin":   {},
	"exec":      {flags: spec{short: "cl", shortV: "a"}},
	"noglob":    {},
	"nocorrect": {},
	"busybox":   {floor: pipeline.ClassUnknown},
	"toybox":    {floor: pipeline.ClassUnknown},
	"chroot": {
		flags: spec{long: "userspec= groups= skip-chdir"}, skip: 1, floor: pipeline.ClassExec,
		opaque: "chroot " + noEscape, away: true,
	},
	"prlimit":          {floor: pipeline.ClassExec},
	"setarch":          {skip: 1, floor: pipeline.ClassExec},
	"catchsegv":        {floor: pipeline.ClassExec},
	"xvfb-run":         {flags: spec{short: "a", shortV: "ns", long: "auto-servernum server-args="}, floor: pipeline.ClassExec},
	"dbus-run-session": {floor: pipeline.ClassExec},
	"caffeinate":       {flags: spec{short: "dimsu", shortV: "tw"}, floor: pipeline.ClassExec},
	"torsocks":         {floor: pipeline.ClassNet},
	"proxychains":      {flags: spec{short: "q"}, floor: pipeline.ClassNet},
	"proxychains4":     {flags: spec{short: "q"}, floor: pipeline.ClassNet},
	"strace":           {flags: spec{short: "cCdfFhiqrtTvVxyz", shortV: "abeIEpPsSu"}, floor: pipeline.ClassExec},
	"ltrace":           {flags: spec{short: "cCdfhiLrStTV", shortV: "aAeDFlnopsuwx"}, floor: pipeline.ClassExec},
	"hyperfine":        {floor: pipeline.ClassExec, opaque: "hyperfine runs each argument as a script"},
	"entr":             {flags: spec{short: "acdnprsz"}, floor: pipeline.ClassExec, opaque: "entr runs a command when files change"},
	"setpriv":          {flags: spec{long: "reuid= regid= clear-groups init-groups no-new-privs"}, floor: pipeline.ClassExec},
	"systemd-run": {
		flags: spec{
			short: "qrtGP", shortV: "upE",
			long: "user scope wait pipe quiet pty collect unit= property= setenv=",
		},
		floor:  pipeline.ClassExec,
		opaque: "systemd-run " + noEscape,
	},
	"systemd-inhibit": {flags: spec{long: "what= who= why= mode="}, floor: pipeline.ClassExec},
	"ssh-agent":       {floor: pipeline.ClassExec},
	"firejail":        {floor: pipeline.ClassExec, opaque: "firejail " + noEscape},
	"unshare":         {flags: spec{short: "muipnUrfC"}, floor: pipeline.ClassExec, opaque: "unshare " + noEscape, away: true},
	"nsenter":         {flags: spec{short: "amuinpUCTrwFS", shortV: "tSG"}, floor: pipeline.ClassExec, opaque: "nsenter " + noEscape, away: true},
	"npx":             {flags: spec{short: "yq", shortV: "p", long: "yes no quiet package="}, floor: pipeline.ClassExec},
	"bunx":            {floor: pipeline.ClassExec},
	"pnpx":            {floor: pipeline.ClassExec},
	"uvx":             {flags: spec{short: "q", long: "from= with= python="}, floor: pipeline.ClassExec},
	"dotenv":          {flags: spec{shortP: "f"}, skip: 0, floor: pipeline.ClassExec},
	"rlwrap":          {floor: pipeline.ClassExec},
	"fakeroot":        {floor: pipeline.ClassExec},
	"gosu":            {skip: 1, floor: pipeline.ClassExec},
	"su-exec":         {skip: 1, floor: pipeline.ClassExec},
	"valgrind":        {floor: pipeline.ClassExec},
	"cgexec":          {flags: spec{shortV: "g", long: "sticky"}, floor: pipeline.ClassExec},
	"chpst":           {flags: spec{short: "vP012", shortV: "uUeb/nlLmdofpcrt"}, floor: pipeline.ClassExec},
	"direnv":          {skip: 2, floor: pipeline.ClassExec, opaque: "direnv loads .envrc"},
	"winpty":          {floor: pipeline.ClassExec},
	"arch":            {flags: spec{short: "36", long: "x86_64 arm64"}, floor: pipeline.ClassExec},
}

// special finds the wrappers that need code of their own.
func special(name string) wrapper {
	switch name {
	case "command":
		return unwrapCommand
	case "eval":
		return unwrapEval
	case "trap":
		return unwrapTrap
	case "xargs", "gxargs":
		return unwrapXargs
	case "parallel":
		return unwrapParallel
	case "find", "gfind":
		return unwrapFind
	case "fd", "fdfind":
		return unwrapFd
	case "watch":
		return unwrapWatch
	case "script":
		return unwrapScript
	case "flock":
		return unwrapFlock
	case "su", "runuser", "sg", "nix-shell":
		return unwrapSu
	case "ssh", "mosh":
		return unwrapSSH
	case "docker", "podman", "nerdctl", "docker-compose", "lxc":
		return unwrapContainer
	case "kubectl", "oc":
		return unwrapKubectl
	case "uv", "poetry", "pipenv", "bundle", "hatch", "rye", "pdm", "pipx", "conda", "mise", "asdf", "nix", "npm", "pnpm", "yarn":
		return unwrapRunner
	}
	return nil
}
