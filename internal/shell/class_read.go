package shell

const greps = "" +
	"extended-regexp fixed-strings basic-regexp perl-regexp " +
	"regexp= file=@ " +
	"ignore-case no-ignore-case " +
	"invert-match word-regexp line-regexp " +
	"count color=? colour=? " +
	"files-without-match files-with-matches " +
	"max-count= only-matching quiet silent no-messages " +
	"byte-offset with-filename no-filename " +
	"label= line-number initial-tab null " +
	"after-context= before-context= context= " +
	"text binary-files= exclude= exclude-dir= include= " +
	"recursive dereference-recursive " +
	"line-buffered null-data"

const sums = "binary tag text zero ignore-missing quiet status strict warn check"

// readers are programs that only read, with every flag that keeps it so.
var readers = map[string]*spec{
	"ls": {
		short: "aAbBcCdDfFgGhHiIklLmnNopqQrRsStTuUvwxXZ1",
		long: "all almost-all " +
			"author escape color=? classify=? directory " +
			"full-time group-directories-first no-group " +
			"human-readable si inode size reverse recursive time= " +
			"sort= format= time-style= " +
			"hide= ignore= width= indicator-style=",
		args: "r*", names: true,
	},
	"cat": {
		short: "AbeEnstTuv",
		long:  "show-all number-nonblank show-ends number squeeze-blank show-tabs show-nonprinting",
		args:  "r*",
	},
	"tac":  {short: "br", shortV: "s", long: "before regex separator=", args: "r*"},
	"nl":   {short: "p", shortV: "bdfhilnsvw", args: "r*"},
	"head": {short: "qvz", shortV: "nc", num: true, long: "lines= bytes= quiet silent verbose zero-terminated", args: "r*"},
	"tail": {
		short: "fFqvzr", shortV: "ncs", num: true,
		long: "lines= bytes= follow=? " +
			"retry quiet silent verbose zero-terminated sleep-interval= pid=",
		args: "r*",
	},
	"wc": {short: "cmlLw", long: "bytes chars lines words max-line-length total=", args: "r*"},
	"cut": {
		short: "nsz", shortV: "bcdf",
		long: "bytes= characters= delimiter= fields= " +
			"complement only-delimited output-delimiter= zero-terminated",
		args: "r*",
	},
	"paste":    {short: "sz", shortV: "d", long: "delimiters= serial zero-terminated", args: "r*"},
	"fold":     {short: "bs", shortV: "w", long: "bytes spaces width=", args: "r*"},
	"fmt":      {short: "cstu", shortV: "wpg", num: true, args: "r*"},
	"expand":   {short: "i", shortV: "t", long: "initial tabs=", args: "r*"},
	"unexpand": {short: "a", shortV: "t", long: "all first-only tabs=", args: "r*"},
	"column":   {short: "txeJLn", shortV: "scNoRHWl", long: "table separator= output-separator= table-columns= json", args: "r*"},
	"comm":     {short: "123z", long: "check-order nocheck-order output-delimiter= total zero-terminated", args: "rr"},
	"join":     {short: "iz", shortV: "aejotv12", args: "rr"},
	"tr":       {short: "cCdst", long: "complement delete squeeze-repeats truncate-set1", args: "tt"},
	"sort": {
		short: "bdfghiMnRrsuVzcCm", shortV: "ktS",
		long: "ignore-leading-blanks dictionary-order ignore-case " +
			"general-numeric-sort human-numeric-sort " +
			"ignore-nonprinting month-sort numeric-sort reverse sort= version-sort stable " +
			"key= field-separator= unique zero-terminated " +
			"check=? merge parallel=",
		args: "r*",
	},
	"uniq": {
		short: "cdDiuz", shortV: "fsw",
		long: "count repeated all-repeated=? skip-fields= group=? " +
			"ignore-case skip-chars= unique zero-terminated check-chars=",
		args: "r",
	},
	"rev":       {args: "r*"},
	"od":        {short: "abcdfilosxv", shortV: "AjNStw", args: "r*"},
	"hexdump":   {short: "bcCdoxv", shortV: "nse", args: "r*"},
	"xxd":       {short: "abeEipuC", shortV: "cglsoR", args: "r"},
	"strings":   {short: "afow", shortV: "ntse", num: true, long: "all bytes= radix= encoding=", args: "r*"},
	"base64":    {short: "diD", shortV: "w", long: "decode ignore-garbage wrap=", args: "r"},
	"base32":    {short: "di", shortV: "w", long: "decode ignore-garbage wrap=", args: "r"},
	"cksum":     {shortV: "a", long: "algorithm= " + sums, args: "r*"},
	"sum":       {short: "rs", args: "r*"},
	"md5sum":    {short: "btzw", long: sums, args: "r*"},
	"sha1sum":   {short: "btzw", long: sums, args: "r*"},
	"sha224sum": {short: "btzw", long: sums, args: "r*"},
	"sha256sum": {short: "btzw", long: sums, args: "r*"},
	"sha384sum": {short: "btzw", long: sums, args: "r*"},
	"sha512sum": {short: "btzw", long: sums, args: "r*"},
	"b2sum":     {short: "btzw", shortV: "l", long: sums, args: "r*"},
	"shasum":    {short: "btzpUs", shortV: "a", long: "algorithm=", args: "r*"},
	"diff": {
		short: "abBcdeEiNnpqrstTuwyZ0", shortV: "CUWIxSFL", num: true, shortP: "X",
		long: "normal brief report-identical-files " +
			"context=? unified=? " +
			"ed rcs side-by-side " +
			"width= left-column suppress-common-lines " +
			"show-c-function show-function-line= " +
			"label= expand-tabs initial-tab " +
			"recursive no-dereference new-file unidirectional-new-file ignore-file-name-case " +
			"exclude= starting-file= " +
			"ignore-case ignore-tab-expansion ignore-trailing-space ignore-space-change ignore-all-space ignore-blank-lines " +
			"ignore-matching-lines= strip-trailing-cr " +
			"text color=? minimal",
		args: "RR",
	},
	"cmp":  {short: "bls", shortV: "in", long: "print-bytes bytes= ignore-initial= verbose quiet silent", args: "rrtt"},
	"stat": {short: "LftxnqsFr", shortV: "c", long: "dereference file-system format= printf= terse", args: "r*", names: true},
	"du": {
		short: "0abcDhHklLmPsSx", shortV: "dtB",
		long: "null all apparent-size bytes total dereference-args " +
			"max-depth= human-readable si summarize one-file-system " +
			"threshold= exclude= time=?",
		args: "r*", names: true,
	},
	"df": {
		short: "ahHiklmPTx", shortV: "tB",
		long: "all human-readable si inodes local portability " +
			"type= exclude-type= print-type total output=?",
		args: "r*", names: true,
	},
	"tree": {
		short: "adfinpqugshDFCANQJXrtvcUx", shortV: "LPI",
		long: "dirsfirst noreport prune gitignore filelimit= matchdirs ignore-case du si",
		args: "r*", names: true,
	},
	"file": {
		short: "bhiLkNsv0r", shortV: "FP",
		long: "brief mime mime-type mime-encoding no-dereference dereference separator=",
		args: "r*",
	},
	"pwd":      {short: "LP"},
	"printf":   {args: "t*"},
	"true":     {args: "t*"},
	"false":    {args: "t*"},
	":":        {args: "t*"},
	"exit":     {args: "t"},
	"return":   {args: "t"},
	"break":    {args: "t"},
	"continue": {args: "t"},
	"cal":      {short: "13yjmsw", args: "tt"},
	"whoami":   {},
	"logname":  {},
	"tty":      {short: "s"},
	"arch":     {},
	"nproc":    {long: "all ignore="},
	"hostid":   {},
	"id":       {short: "agGnruzZ", args: "t"},
	"groups":   {args: "t*"},
	"uname": {
		short: "asnrvmpio",
		long: "all kernel-name nodename kernel-release kernel-version " +
			"machine processor operating-system",
	},
	"hostname": {short: "sfidAI"},
	"uptime":   {short: "ps"},
	"free":     {short: "bkmghtlw", shortV: "sc", long: "human mega giga total wide"},
	"lscpu":    {short: "aebcpsxJy"},
	"lsblk":    {short: "abdDfiJlmnOpPrStvx", shortV: "oe"},
	"which":    {short: "as", args: "t*"},
	"type":     {short: "afptP", args: "t*"},
	"whereis":  {short: "bms", args: "t*"},
	"command":  {short: "pvV", args: "t*"},
	"basename": {short: "az", shortV: "s", long: "multiple suffix= zero", args: "t*"},
	"dirname":  {short: "z", args: "t*"},
	"realpath": {
		short: "eLmPqsz",
		long: "canonicalize-existing canonicalize-missing logical physical " +
			"quiet strip no-symlinks zero relative-to= relative-base=",
		args: "r*", names: true,
	},
	"readlink": {short: "femnqsvz", args: "r*", names: true},
	"seq":      {short: "w", shortV: "fs", args: "ttt"},
	"sleep":    {args: "t*"},
	"cd":       {short: "L", args: "r", names: true},
	"diffstat": {short: "bcCElmqrRsuvw", shortV: "DfnNpSw", args: "r*"},
	"egrep":    nil,
	"fgrep":    nil,
}
