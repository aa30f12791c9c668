package park

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"syscall"
)

// A watch is an epoll instance. The runtime waits for it as for a socket, so
// that its goroutine holds no thread.
type watch struct {
	file *os.File
	raw  syscall.RawConn
}

func newWatch() (*watch, error) {
	fd, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("epoll_create1", err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		_ = syscall.Close(fd)
		return nil, os.NewSyscallError("fcntl", err)
	}
	file := os.NewFile(uintptr(fd), "epoll")
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("epoll: %w", err)
	}
	return &watch{file: file, raw: raw}, nil
}

// add has the watch look at the socket of c. A client that has gone by then is
// seen as well. One event is enough.
func (w *watch) add(c *Conn) error {
	return w.control(c, syscall.EPOLL_CTL_ADD, &syscall.EpollEvent{
		Events: syscall.EPOLLRDHUP | syscall.EPOLLONESHOT,
		Fd:     int32(c.slot),
		Pad:    int32(c.number),
	})
}

// remove ends that. A socket that somebody has closed has been removed.
func (w *watch) remove(c *Conn) { _ = w.control(c, syscall.EPOLL_CTL_DEL, nil) }

func (w *watch) control(c *Conn, operation int, event *syscall.EpollEvent) error {
	var failed error
	err := w.raw.Control(func(epfd uintptr) {
		err := c.raw.Control(func(fd uintptr) {
			failed = os.NewSyscallError("epoll_ctl", syscall.EpollCtl(int(epfd), operation, int(fd), event))
		})
		if err != nil {
			failed = err
		}
	})
	if err != nil {
		return err
	}
	return failed
}

// run tells p of the clients that have gone, until the watch is closed. It
// belongs to nobody's work, whoever has parked first.
func (w *watch) run(p *Poller) {
	pprof.SetGoroutineLabels(context.Background())
	events := make([]syscall.EpollEvent, 128)
	for {
		n := 0
		err := w.raw.Read(func(epfd uintptr) bool {
			n = wait(int(epfd), events)
			return n != 0
		})
		if err != nil || n < 0 {
			return // it is closed
		}
		for _, event := range events[:n] {
			p.saw(uint32(event.Fd), uint32(event.Pad))
		}
	}
}

// wait returns how many events there are, none of which it waits for.
func wait(epfd int, events []syscall.EpollEvent) int {
	for {
		if n, err := syscall.EpollWait(epfd, events, 0); err != syscall.EINTR {
			return n
		}
	}
}

func (w *watch) close() { _ = w.file.Close() }
