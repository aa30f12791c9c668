//go:build !linux

package park

import (
	"errors"
	"net"
	"syscall"
)

// On systems without epoll a goroutine reads from each connection, and each
// write may wait.

func socketBelow(net.Conn) (raw syscall.RawConn, direct bool) { return nil, false }

func (s *scratch) prepare() {
	s.write = func(uintptr) bool { return true }
	s.poll = func(uintptr) {}
}

func drain(syscall.RawConn) bool { return false }

type watch struct{}

func newWatch() (*watch, error) { return nil, errors.ErrUnsupported }

func (w *watch) add(*Conn) error { return errors.ErrUnsupported }

func (w *watch) remove(*Conn) {}

func (w *watch) run(*Poller) {}

func (w *watch) close() {}
