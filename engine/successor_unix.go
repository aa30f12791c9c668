//go:build unix

package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func restartSignals() []os.Signal { return []os.Signal{syscall.SIGUSR2} }

// startSuccessor starts the program again, with the sockets of this server, and
// waits until it serves. It returns its PID.
//
// The sockets are passed as systemd does (sd_listen_fds(3)), behind them a pipe
// into which the successor writes a byte.
func (s *Server) startSuccessor(ctx context.Context) (pid int, err error) {
	if os.Getpid() == 1 {
		return 0, errors.New("process 1 cannot be replaced")
	}
	sockets, names, err := s.openSockets()
	defer func() {
		for _, socket := range sockets {
			_ = syscall.Close(int(socket)) // copies
		}
	}()
	if err != nil {
		return 0, err
	}
	ready, tell, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer func() { _ = ready.Close() }() // it was read from
	environment := append(withoutInheritance(os.Environ()),
		listenParent+"="+strconv.Itoa(os.Getpid()),
		listenFDs+"="+strconv.Itoa(len(sockets)),
		listenNames+"="+strings.Join(names, ":"),
		readyFD+"="+strconv.Itoa(firstInherited+len(sockets)))
	files := slices.Concat([]uintptr{0, 1, 2}, sockets, []uintptr{tell.Fd()})
	as := &syscall.ProcAttr{Files: files, Env: environment}
	// Package os makes descriptors block that it hands on. These are the sockets
	// that this process accepts from.
	pid, err = syscall.ForkExec(program(), os.Args, as) //nolint:gosec // its own program
	_ = tell.Close()                                    // the successor has it
	if err != nil {
		return 0, fmt.Errorf("start %s: %w", program(), err)
	}
	process, err := os.FindProcess(pid)
	if err != nil {
		return 0, err
	}
	if err := s.awaitSuccessor(ctx, ready); err != nil {
		_ = process.Kill() // unless it has ended
		state, waitErr := process.Wait()
		return 0, errors.Join(fmt.Errorf("the new process, PID %d, %v: %w", pid, state, err), waitErr)
	}
	return pid, process.Release()
}

// awaitSuccessor waits for a byte in the pipe.
func (s *Server) awaitSuccessor(ctx context.Context, ready *os.File) error {
	if s.startup > 0 {
		if err := ready.SetReadDeadline(time.Now().Add(s.startup)); err != nil {
			return err
		}
	}
	defer context.AfterFunc(ctx, func() { _ = ready.SetReadDeadline(time.Unix(1, 0)) })()
	_, err := ready.Read(make([]byte, 1))
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("it does not serve after the %v of engine.StartupTimeout", s.startup)
	case errors.Is(err, io.EOF):
		return errNotReady
	default:
		return err
	}
}

// openSockets returns copies of what listens, and names by which the successor
// finds them.
func (s *Server) openSockets() (sockets []uintptr, names []string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.bound {
		listener, ok := b.listener.(syscall.Conn)
		if b.key == "" || !ok {
			continue
		}
		socket, err := copyOf(listener)
		if err != nil {
			return sockets, nil, fmt.Errorf("hand over %s: %w", b.url, err)
		}
		sockets, names = append(sockets, socket), append(names, url.QueryEscape(b.key))
	}
	return sockets, names, nil
}

// copyOf returns another descriptor of a socket, which no process inherits that
// is not meant to.
func copyOf(socket syscall.Conn) (uintptr, error) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return 0, err
	}
	var copied int
	var copyErr error
	err = raw.Control(func(descriptor uintptr) {
		syscall.ForkLock.RLock()
		defer syscall.ForkLock.RUnlock()
		if copied, copyErr = syscall.Dup(int(descriptor)); copyErr == nil {
			syscall.CloseOnExec(copied)
		}
	})
	return uintptr(copied), errors.Join(err, os.NewSyscallError("dup", copyErr))
}

// program returns what to start: the program by the name that it was started by,
// which may be a link that leads somewhere else by now.
func program() string {
	if found, err := exec.LookPath(os.Args[0]); err == nil {
		return found
	}
	if found, err := os.Executable(); err == nil {
		return found
	}
	return os.Args[0]
}

// withoutInheritance returns an environment that names no sockets.
func withoutInheritance(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return slices.Contains([]string{listenPID, listenParent, listenFDs, listenNames, readyFD}, name)
	})
}

// openReady returns the pipe that the process before this one waits at.
func openReady(descriptor uintptr) *os.File {
	syscall.CloseOnExec(int(descriptor))
	return os.NewFile(descriptor, "ready")
}
