package crowd

import (
	"errors"
	"io"
	"net"
	"net/netip"
	"syscall"
)

const (
	perAddress  = 10_000 // clients of one address, which has some 28,000 ports
	addressOnly = 24     // IP_BIND_ADDRESS_NO_PORT: the port is chosen when the other end is known
)

// A socket is what crypto/tls uses of a connection. When it does not block,
// reading what is not there yet is an error that is temporary, after which
// crypto/tls goes on.
type socket struct {
	net.Conn // none

	fd int
}

// connect connects from one of several loopback addresses.
func connect(to netip.AddrPort, from int) (socket, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return socket{}, err
	}
	steps := []func() error{
		func() error { return syscall.SetsockoptInt(fd, syscall.IPPROTO_IP, addressOnly, 1) },
		func() error { // its close is a reset, after which no port is kept waiting
			return syscall.SetsockoptLinger(fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
		},
		func() error {
			return syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(2 + from)}})
		},
		func() error {
			return syscall.Connect(fd, &syscall.SockaddrInet4{Addr: to.Addr().As4(), Port: int(to.Port())})
		},
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return socket{}, errors.Join(err, syscall.Close(fd))
		}
	}
	return socket{fd: fd}, nil
}

func (s socket) Read(b []byte) (int, error) {
	n, err := syscall.Read(s.fd, b)
	switch {
	case err != nil:
		return 0, err
	case n == 0:
		return 0, io.EOF
	}
	return n, nil
}

func (s socket) Write(b []byte) (int, error) { return syscall.Write(s.fd, b) }
