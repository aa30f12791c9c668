package engine

import (
	"math"
	"net"
	"syscall"
	"time"
)

// What package syscall lacks, from linux/tcp.h, for every architecture.
const (
	tcpUserTimeout  = 18
	tcpNotSentLowat = 25
)

// setUserTimeout sets how long what was sent may stay unacknowledged, and how
// long a client may keep its window shut; 0 is what the system has set.
func setUserTimeout(socket *net.TCPConn, timeout time.Duration) {
	setOption(socket, tcpUserTimeout, int(min(timeout.Milliseconds(), math.MaxInt32)))
}

// setNotSent sets how many bytes may wait to be sent.
func setNotSent(socket *net.TCPConn, bytes int) { setOption(socket, tcpNotSentLowat, bytes) }

func setOption(socket *net.TCPConn, option, value int) {
	raw, err := socket.SyscallConn()
	if err != nil {
		return // it is gone
	}
	_ = raw.Control(func(fd uintptr) {
		_ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, option, value)
	})
}
