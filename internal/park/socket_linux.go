package park

import (
	"net"
	"os"
	"syscall"
	"unsafe"
)

// socketBelow returns the socket of a connection, or nil, and whether the
// connection is that socket, which may be written to directly.
func socketBelow(conn net.Conn) (raw syscall.RawConn, direct bool) {
	for direct = true; ; direct = false {
		if socket, ok := conn.(syscall.Conn); ok {
			if raw, err := socket.SyscallConn(); err == nil {
				return raw, direct
			}
		}
		layer, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			return nil, false
		}
		conn = layer.NetConn()
	}
}

// prepare makes the functions that sockets call.
func (s *scratch) prepare() {
	s.write = s.writeTo
	s.poll = s.pollOut
}

// writeTo writes to a socket once. It never asks to be called again.
func (s *scratch) writeTo(fd uintptr) bool {
	for {
		n, err := syscall.Write(int(fd), s.piece)
		switch err {
		case nil:
			s.n = n
		case syscall.EINTR:
			continue
		case syscall.EAGAIN:
		default:
			s.err = os.NewSyscallError("write", err)
		}
		return true
	}
}

// pollfd is struct pollfd of poll(2), which package syscall lacks.
type pollfd struct {
	fd      int32
	events  int16
	revents int16
}

const pollOut = 0x4

// pollOut asks a socket whether it can be written to, or has failed, which a
// write will tell.
func (s *scratch) pollOut(fd uintptr) {
	asked := pollfd{fd: int32(fd), events: pollOut}
	var now syscall.Timespec
	//nolint:gosec // the system call takes addresses
	n, _, _ := syscall.RawSyscall6(syscall.SYS_PPOLL,
		uintptr(unsafe.Pointer(&asked)), 1, uintptr(unsafe.Pointer(&now)), 0, 0, 0)
	s.room = n == 1
}

// drainLimit is how much a client may have sent that is read before the end.
const drainLimit = 64 << 10

// drain reads what lies in a socket without waiting, and reports whether there
// was anything.
func drain(raw syscall.RawConn) (some bool) {
	_ = raw.Read(func(fd uintptr) bool {
		ignored := make([]byte, 512)
		for read := 0; read < drainLimit; {
			n, err := syscall.Read(int(fd), ignored)
			if err == syscall.EINTR {
				continue
			}
			if err != nil || n <= 0 {
				break
			}
			some = true
			read += n
		}
		return true
	})
	return some
}
