package claude

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// sysProcAttr: a process group of its own, so that one signal reaches the CLI
// and its plain children; SIGTERM when ctpipe dies, which the CLI passes on to
// its Bash children (SIGKILL would leave them behind).
func sysProcAttr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGTERM}
}

// awaitExit blocks until a child has exited, and leaves it a zombie.
func awaitExit(pid int) {
	for {
		err := unix.Waitid(unix.P_PID, pid, nil, unix.WEXITED|unix.WNOWAIT, nil)
		if err != unix.EINTR {
			return
		}
	}
}

// procKey is a process, told apart from a later one with the same pid by its
// start time (clock ticks since boot, /proc/PID/stat field 22).
type procKey struct {
	pid  int
	born uint64
}

// kill sends SIGKILL if the process is still that one and alive. The pidfd
// holds on to the process between the check and the signal; where the kernel
// has none (before 5.3, or forbidden by a sandbox) a tiny gap remains.
func (k procKey) kill() bool {
	fd, err := unix.PidfdOpen(k.pid, 0)
	if err == nil {
		defer unix.Close(fd)
	} else if err == unix.ESRCH {
		return false
	}
	if st, ok := stat(k.pid); !ok || st.born != k.born || st.zombie {
		return false
	}
	if err != nil {
		return unix.Kill(k.pid, unix.SIGKILL) == nil
	}
	return unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0) == nil
}

func bornAt(pid int) uint64 {
	st, _ := stat(pid)
	return st.born
}

// procStat is what we need of /proc/PID/stat.
type procStat struct {
	pid, parent int
	born        uint64
	zombie      bool
}

// stat reads /proc/PID/stat. The second field, the program's name, may itself
// hold spaces and brackets: fields are counted from the last bracket.
func stat(pid int) (procStat, bool) {
	data, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return procStat{}, false
	}
	_, rest, ok := strings.Cut(string(data[max(0, bytes.LastIndexByte(data, ')')):]), ") ")
	fields := strings.Fields(rest)
	if !ok || len(fields) < 20 {
		return procStat{}, false
	}
	parent, err1 := strconv.Atoi(fields[1])
	born, err2 := strconv.ParseUint(fields[19], 10, 64)
	return procStat{pid: pid, parent: parent, born: born, zombie: fields[0] == "Z"}, err1 == nil && err2 == nil
}

// processes lists all processes that this one may see.
func processes() []procStat {
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	list := make([]procStat, 0, len(dirs))
	for _, dir := range dirs {
		pid, err := strconv.Atoi(filepath.Base(dir))
		if err != nil {
			continue
		}
		if st, ok := stat(pid); ok {
			list = append(list, st)
		}
	}
	return list
}

// descendants lists the living children, grandchildren and so on of a
// process, and with a mark also the strays that carry it.
func descendants(pid int, born uint64, mark string) []procKey {
	all := processes()
	family := map[int]bool{pid: bornAt(pid) == born}
	if !family[pid] {
		return nil
	}
	var found []procKey
	for grown := true; grown; {
		grown = false
		for _, st := range all {
			if family[st.parent] && !family[st.pid] {
				family[st.pid], grown = true, true
				found = append(found, procKey{st.pid, st.born})
			}
		}
	}
	if mark != "" {
		found = append(found, markedOf(all, born, mark)...)
	}
	return found
}

// marked lists processes that inherited the mark of a CLI born at born. It
// finds those that were orphaned before anyone looked (setsid and a double
// fork), unless they changed their environment.
func marked(born uint64, mark string) []procKey { return markedOf(processes(), born, mark) }

func markedOf(all []procStat, born uint64, mark string) []procKey {
	want := []byte(markVar + "=" + mark)
	var found []procKey
	for _, st := range all {
		if st.born < born || st.pid == os.Getpid() {
			continue
		}
		env, err := os.ReadFile("/proc/" + strconv.Itoa(st.pid) + "/environ")
		if err == nil && bytes.Contains(env, want) {
			found = append(found, procKey{st.pid, st.born})
		}
	}
	return found
}
