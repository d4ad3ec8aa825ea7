package shell

// gitRange are the long flags of log and what else walks the history.
const gitRange = "" +
	"all branches tags remotes " +
	"oneline graph decorate=? no-decorate abbrev-commit no-abbrev-commit abbrev=? " +
	"max-count= skip= " +
	"since= until= after= before= " +
	"author= committer= grep= " +
	"all-match invert-grep regexp-ignore-case extended-regexp fixed-strings perl-regexp " +
	"merges no-merges first-parent " +
	"reverse topo-order date-order author-date-order " +
	"date= relative-date " +
	"follow full-history simplify-merges ancestry-path " +
	"left-right left-only right-only cherry cherry-pick cherry-mark " +
	"boundary walk-reflogs not " +
	"pretty=? format= encoding= " +
	"no-patch name-only name-status stat=? shortstat numstat dirstat=? " +
	"summary compact-summary no-color color=? " +
	"no-notes source no-mailmap use-mailmap " +
	"count objects parents children " +
	"min-parents= max-parents= " +
	"clear-decorations decorate-refs="

// gitDiffs are the long flags of diff and what else shows changes.
const gitDiffs = "" +
	"patch no-patch unified= " +
	"raw patch-with-raw " +
	"minimal patience histogram diff-algorithm= " +
	"stat=? numstat shortstat dirstat=? summary compact-summary " +
	"name-only name-status color=? no-color color-moved=? " +
	"word-diff=? word-diff-regex= " +
	"no-renames find-renames=? find-copies=? " +
	"diff-filter= full-index binary abbrev=? " +
	"no-prefix src-prefix= dst-prefix= " +
	"ignore-space-at-eol ignore-space-change ignore-all-space ignore-blank-lines ignore-cr-at-eol " +
	"inter-hunk-context= function-context " +
	"exit-code quiet no-ext-diff no-textconv " +
	"text check " +
	"submodule=? ignore-submodules=? " +
	"relative=? pickaxe-regex pickaxe-all " +
	"cached staged merge-base " +
	"cc combined-all-paths"

// gitReadNames are subcommands that can read, with what they show: names and
// metadata, tracked content, or content of the history.
var gitReadNames = map[string]string{
	"status":        "names",
	"log":           "log",
	"shortlog":      "names",
	"show":          "history",
	"diff":          "diff",
	"blame":         "tracked",
	"annotate":      "tracked",
	"grep":          "tracked",
	"rev-parse":     "names",
	"rev-list":      "names",
	"describe":      "names",
	"name-rev":      "names",
	"merge-base":    "names",
	"ls-files":      "names",
	"ls-tree":       "names",
	"branch":        "names",
	"tag":           "names",
	"remote":        "names",
	"stash":         "names",
	"reflog":        "names",
	"for-each-ref":  "names",
	"show-ref":      "names",
	"cat-file":      "history",
	"count-objects": "names",
	"version":       "none",
	"check-ignore":  "names",
	"cherry":        "names",
	"diff-tree":     "history",
	"diff-index":    "history",
	"diff-files":    "diff",
	"whatchanged":   "log",
	"worktree":      "names",
	"var":           "names",
	"show-branch":   "names",
	"verify-pack":   "names",
}

// gitSpecs are the subcommands that can read, with every flag that keeps it so.
var gitSpecs = map[string]*spec{
	"status": {
		short: "sbvzu",
		long: "short branch show-stash " +
			"porcelain=? long verbose " +
			"untracked-files=? ignore-submodules=? ignored=? " +
			"column=? no-column ahead-behind no-ahead-behind " +
			"renames no-renames",
		args: "r*",
	},
	"log":         {short: "pusiEFPrzgqc", shortV: "nLSGU", num: true, long: gitRange + " " + gitDiffs, args: "r*"},
	"whatchanged": {short: "pusz", shortV: "nSG", num: true, long: gitRange + " " + gitDiffs, args: "r*"},
	"shortlog":    {short: "nsec", long: "numbered summary email group= " + gitRange, args: "r*"},
	"show":        {short: "pusz", shortV: "USG", long: gitRange + " " + gitDiffs, args: "r*"},
	"diff":        {short: "pusRabwzBCMD", shortV: "USGl", num: true, long: gitDiffs, args: "r*"},
	"diff-tree":   {short: "pusrtmczv", shortV: "USG", long: gitDiffs + " root no-commit-id", args: "r*"},
	"diff-index":  {short: "pusmz", long: gitDiffs, args: "r*"},
	"diff-files":  {short: "pusz", long: gitDiffs, args: "r*"},
	"blame": {
		short: "bclpstfnewMCk", shortV: "L",
		long: "root show-stats porcelain line-porcelain incremental " +
			"date= show-name show-number show-email",
		args: "r*",
	},
	"annotate": {shortV: "L", args: "r*"},
	"grep": {
		short: "aIiwvhHEGPFnlLzocpqW", shortV: "ABCefm", num: true,
		long: "cached untracked no-index exclude-standard no-exclude-standard " +
			"text ignore-case word-regexp invert-match full-name " +
			"extended-regexp basic-regexp perl-regexp fixed-strings " +
			"line-number column files-with-matches name-only files-without-match " +
			"count all-match and or not " +
			"color=? break heading show-function function-context " +
			"max-depth= threads=",
		args: "r*",
	},
	"rev-parse": {
		short: "q",
		long: "verify short=? abbrev-ref=? symbolic symbolic-full-name " +
			"show-toplevel show-prefix show-cdup git-dir git-common-dir absolute-git-dir " +
			"is-inside-work-tree is-inside-git-dir is-bare-repository " +
			"all branches=? tags=? remotes=? " +
			"sq revs-only no-revs flags no-flags " +
			"show-superproject-working-tree path-format=",
		args: "t*",
	},
	"rev-list": {shortV: "n", num: true, long: gitRange, args: "r*"},
	"describe": {
		long: "all tags contains abbrev= " +
			"candidates= exact-match long match= exclude= " +
			"always first-parent dirty=? broken=?",
		args: "t*",
	},
	"name-rev":   {long: "tags refs= all name-only always", args: "t*"},
	"merge-base": {short: "a", long: "all octopus independent is-ancestor fork-point", args: "t*"},
	"ls-files": {
		short: "cdmoisuktvfz", shortV: "xX",
		long: "cached deleted modified others ignored stage unmerged killed " +
			"exclude= exclude-standard error-unmatch " +
			"full-name abbrev=? directory no-empty-directory eol deduplicate",
		args: "r*",
	},
	"ls-tree": {short: "drtlz", long: "name-only name-status object-only long full-name full-tree abbrev=? format=", args: "t*"},
	"branch": {
		short: "arvliq",
		long: "all remotes list show-current verbose " +
			"contains=? no-contains=? merged=? no-merged=? points-at= " +
			"sort= format= color=? no-color column=? no-column ignore-case",
	},
	"tag": {
		short: "li", shortV: "n",
		long: "list contains=? no-contains=? merged=? no-merged=? " +
			"points-at= sort= format= color=? column=? ignore-case",
	},
	"remote": {short: "v", long: "verbose", args: "t*"},
	"stash":  {args: "t*"},
	"reflog": {shortV: "n", num: true, long: gitRange, args: "t*"},
	"for-each-ref": {
		long: "count= sort= format= " +
			"points-at= merged=? no-merged=? contains=? no-contains=? " +
			"ignore-case omit-empty",
		args: "t*",
	},
	"show-ref":      {short: "dqs", long: "head heads tags branches dereference hash=? verify abbrev=? quiet exists", args: "t*"},
	"cat-file":      {short: "tsep", args: "tt"},
	"count-objects": {short: "vH", long: "verbose human-readable"},
	"version":       {long: "build-options"},
	"check-ignore":  {short: "qvn", long: "quiet verbose non-matching no-index", args: "r*"},
	"cherry":        {short: "v", long: "abbrev=?", args: "t*"},
	"worktree":      {short: "v", long: "porcelain verbose", args: "t*"},
	"show-branch":   {long: "all remotes current topo-order list", args: "t*"},
	"verify-pack":   {short: "vs", args: "r*"},
}
