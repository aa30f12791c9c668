package engine

import (
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
)

// The environment by which a process is told of the sockets that were opened for
// it: sd_listen_fds(3).
const (
	listenPID   = "LISTEN_PID"
	listenFDs   = "LISTEN_FDS"
	listenNames = "LISTEN_FDNAMES"
	// listenParent stands in for LISTEN_PID where a server hands its sockets to
	// its successor, whose PID it cannot know before that runs: the PID of the
	// parent.
	listenParent = "CHITOR_LISTEN_PARENT"
)

const firstInherited = 3 // the descriptor after standard input, output and error

// A heritage is what this process knows of what it was started with.
type heritage struct {
	lookup      func(variable string) (string, bool)
	unset       func(variable string) error
	pid, parent int
	open        func(descriptor uintptr, name string) (*os.File, error)
}

// ownHeritage returns that of this process.
func ownHeritage() heritage {
	return heritage{lookup: os.LookupEnv, unset: os.Unsetenv, pid: os.Getpid(), parent: os.Getppid(), open: openInherited}
}

// An inheritedSocket is a socket that was open when the process began. Its owner
// closes the file.
type inheritedSocket struct {
	name string // of LISTEN_FDNAMES, "unknown" without
	file *os.File
}

// sockets returns the sockets that are meant for this process, in their order,
// and unsets the variables, so that no process that is started from here takes
// them for its own. A second call finds nothing.
func (h heritage) sockets() ([]inheritedSocket, error) {
	if !h.isForThisProcess() {
		return nil, nil
	}
	text, _ := h.lookup(listenFDs)
	names, _ := h.lookup(listenNames)
	for _, variable := range []string{listenPID, listenParent, listenFDs, listenNames} {
		_ = h.unset(variable) // fails for names that cannot be one
	}
	count, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is no number of sockets", listenFDs, text)
	}
	var named []string
	if names != "" {
		named = strings.Split(names, ":")
	}
	found := make([]inheritedSocket, 0, count)
	for i := range int(count) {
		name := "unknown" // as in systemd
		if i < len(named) {
			name = named[i]
		}
		file, err := h.open(uintptr(firstInherited+i), name)
		if err != nil {
			closeInherited(found)
			return nil, fmt.Errorf("inherited socket %q: %w", name, err)
		}
		found = append(found, inheritedSocket{name, file})
	}
	return found, nil
}

func (h heritage) isForThisProcess() bool {
	return h.names(listenPID, h.pid) || h.names(listenParent, h.parent)
}

func (h heritage) names(variable string, pid int) bool {
	text, set := h.lookup(variable)
	return set && text == strconv.Itoa(pid)
}

// listen returns the listener of a socket that accepts connections, and closes
// the file.
func (i inheritedSocket) listen() (net.Listener, error) {
	err := checkListens(i.file)
	var listener net.Listener
	if err == nil {
		listener, err = net.FileListener(i.file) // of a copy of the descriptor
	}
	_ = i.file.Close()
	if err != nil {
		return nil, fmt.Errorf("inherited socket %q: %w", i.name, err)
	}
	return listener, nil
}

func closeInherited(sockets []inheritedSocket) {
	for _, socket := range sockets {
		_ = socket.file.Close() // whoever opened it has it still
	}
}
