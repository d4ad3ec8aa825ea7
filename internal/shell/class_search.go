package shell

import "ctpipe/pipeline"

var grepSpec = spec{short: "EFGPivwxcLlqsonHhbaITUZzRry", shortV: "eABCmdD", shortP: "f", num: true, long: greps}

var rgSpec = spec{
	short: "acFHhiIlLnNoPpqsSuUvVwx0.b", shortV: "ABCEegjmMtTrd", shortP: "f",
	long: "" +
		"after-context= before-context= context= " +
		"case-sensitive ignore-case smart-case fixed-strings " +
		"count count-matches color= colors= " +
		"column line-number no-line-number " +
		"only-matching pretty quiet replace= " +
		"hidden no-hidden " +
		"no-ignore no-ignore-vcs no-ignore-parent unrestricted " +
		"follow no-follow " +
		"glob= iglob= type= type-not= type-list " +
		"files files-with-matches files-without-match " +
		"heading no-heading with-filename no-filename invert-match " +
		"json max-columns= max-columns-preview " +
		"max-count= max-depth= maxdepth= max-filesize= " +
		"multiline multiline-dotall " +
		"no-config no-messages null passthru pcre2 " +
		"regexp= file=@ " +
		"sort= sortr= stats text " +
		"threads= trim vimgrep " +
		"word-regexp line-regexp one-file-system crlf " +
		"encoding= engine= " +
		"byte-offset context-separator= field-match-separator= " +
		"include-zero line-buffered no-unicode",
}

var agSpec = spec{
	short: "acfFilLnoQqrRsSuUvwW0H", shortV: "ABCGgmp",
	long: "hidden nocolor color nogroup group numbers " +
		"files-with-matches literal ignore= depth= stats word-regexp",
}

// grep: a pattern first, unless -e or -f gives it; -r reads whole trees.
func classGrep(a *analyzer, k call, p *pipeline.Command, i int) {
	a.search(&grepSpec, k, p, i, false, func(r *scan) bool { return r.has("-r", "-R", "--recursive", "--dereference-recursive") })
}

func classRg(a *analyzer, k call, p *pipeline.Command, i int) {
	a.search(&rgSpec, k, p, i, true, func(*scan) bool { return true })
}

func classAg(a *analyzer, k call, p *pipeline.Command, i int) {
	a.search(&agSpec, k, p, i, true, func(*scan) bool { return true })
}

// search classifies the greps. hides: hidden files are skipped unless asked for.
func (a *analyzer) search(s *spec, k call, p *pipeline.Command, i int, hides bool, deep func(*scan) bool) {
	r := s.scan(k.args())
	p.Class = pipeline.ClassRead
	if r.bad != "" {
		p.Class = pipeline.ClassUnknown
	}
	files := r.pos
	if !r.has("-e", "-f", "--regexp", "--file", "--files", "--type-list") && len(files) > 0 {
		if files[0].glob { // the shell may make several words of it
			a.argPath(files[0], Path{Cmd: i}, k.sc)
		}
		files = files[1:]
	}
	all := r.has("-u", "-.", "--hidden", "--unrestricted", "--no-ignore", "-g", "--glob", "--iglob", "-U", "-a", "-f", "--file")
	base := Path{Cmd: i, Recursive: deep(&r), NoHidden: hides && !all, Names: r.has("--files")}
	if base.Recursive && len(files) == 0 && !r.has("--type-list") {
		a.argPath(field{text: "."}, base, k.sc)
	}
	for _, w := range files {
		a.argPath(w, base, k.sc)
	}
	for _, w := range r.read {
		a.argPath(w, Path{Cmd: i}, k.sc)
	}
	a.unknownArgs(&r, k, i)
}

// findTests are the words of a find expression that only look; the value says
// how many words follow.
var findTests = map[string]int{
	"-name": 1, "-iname": 1, "-path": 1, "-ipath": 1, "-wholename": 1, "-iwholename": 1,
	"-regex": 1, "-iregex": 1, "-regextype": 1,
	"-type": 1, "-xtype": 1, "-size": 1,
	"-mtime": 1, "-mmin": 1, "-atime": 1, "-amin": 1, "-ctime": 1, "-cmin": 1,
	"-newer": 1, "-anewer": 1, "-cnewer": 1,
	"-newermt": 1, "-newerat": 1, "-newerct": 1, "-newermm": 1,
	"-perm": 1, "-user": 1, "-group": 1, "-uid": 1, "-gid": 1,
	"-maxdepth": 1, "-mindepth": 1, "-depth": 0, "-d": 0,
	"-xdev": 0, "-mount": 0, "-empty": 0,
	"-print": 0, "-print0": 0, "-printf": 1,
	"-prune": 0, "-not": 0, "!": 0, "(": 0, ")": 0, "-a": 0, "-o": 0, "-and": 0, "-or": 0, ",": 0,
	"-readable": 0, "-writable": 0, "-executable": 0,
	"-links": 1, "-inum": 1, "-samefile": 1,
	"-ls": 0, "-quit": 0,
	"-true": 0, "-false": 0,
	"-daystart": 0, "-follow": 0, "-noleaf": 0,
	"-nouser": 0, "-nogroup": 0, "-fstype": 1,
	"-lname": 1, "-ilname": 1, "-used": 1,
	"-warn": 0, "-nowarn": 0,
}

func classFind(a *analyzer, k call, p *pipeline.Command, i int) {
	p.Class = pipeline.ClassRead
	args, starts := k.args(), 0
	n := 0
	for n < len(args) && (args[n].text == "-H" || args[n].text == "-L" || args[n].text == "-P") {
		n++
	}
	for ; n < len(args) && !expression(args[n].text); n++ {
		a.argPath(args[n], Path{Cmd: i, Names: true}, k.sc)
		starts++
	}
	if starts == 0 {
		a.argPath(field{text: "."}, Path{Cmd: i, Names: true}, k.sc)
	}
	for ; n < len(args); n++ {
		w := args[n]
		more, ok := findTests[w.text]
		switch {
		case w.glob || n+more < len(args) && more > 0 && args[n+more].glob:
			p.Class = pipeline.ClassUnknown // the shell may put any words here
		case ok:
			if n+more < len(args) && namesFile(w.text) {
				a.argPath(args[n+1], Path{Cmd: i, Names: true}, k.sc)
			}
			n += more
			continue
		case w.text == "-delete":
			p.Class = worse(p.Class, pipeline.ClassWrite)
			a.argPath(field{text: "."}, Path{Cmd: i, Write: true}, k.sc)
		case w.text == "-fprint" || w.text == "-fprint0" || w.text == "-fprintf" || w.text == "-fls":
			p.Class = worse(p.Class, pipeline.ClassWrite)
			if n+1 < len(args) {
				n++
				a.argPath(args[n], Path{Cmd: i, Write: true}, k.sc)
			}
		case w.text == "-exec" || w.text == "-execdir" || w.text == "-ok" || w.text == "-okdir":
			p.Class = pipeline.ClassExec
			return
		default:
			p.Class = worse(p.Class, pipeline.ClassUnknown)
		}
	}
	if p.Class == pipeline.ClassWrite {
		for j := range a.f.Paths {
			if a.f.Paths[j].Cmd == i {
				a.f.Paths[j].Write = true
			}
		}
	}
}

// namesFile reports the tests that look at a file of their own.
func namesFile(test string) bool {
	return test == "-newer" || test == "-anewer" || test == "-cnewer" || test == "-samefile"
}

func expression(w string) bool {
	return w == "(" || w == ")" || w == "!" || w == "," || len(w) > 1 && w[0] == '-'
}
