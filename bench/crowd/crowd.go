// Package crowd has clients that only count: many event streams that one thread
// reads, as cheap as can be, to leave the machine to the server. It needs Linux.
package crowd

import (
	"bytes"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"slices"
	"syscall"
	"time"

	"github.com/chitor-go/chitor/bench/hubs"
)

const (
	readAtOnce   = 256 << 10
	eventsAtOnce = 256
)

// request is what each client sends.
const request = "GET " + hubs.Path + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"

// A Crowd is the readers of many streams, which count a mark in what arrives. All
// of it belongs to one goroutine.
type Crowd struct {
	epoll   int
	fds     []int
	readers []io.Reader // of what the sockets carry, without TLS
	counts  []int       // of the mark, by client
	secure  bool
	mark    []byte
	buffer  []byte
	ready   []syscall.EpollEvent
}

// New returns a crowd without clients, which speak TLS if it is secure.
func New(secure bool) (*Crowd, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make clients: %w", err)
	}
	return &Crowd{
		epoll: epoll, secure: secure, mark: make([]byte, 1),
		buffer: make([]byte, readAtOnce), ready: make([]syscall.EpollEvent, eventsAtOnce),
	}, nil
}

// Open opens n more streams.
func (c *Crowd) Open(to netip.AddrPort, n int) error {
	for range n {
		client := len(c.fds)
		if err := c.add(to, client); err != nil {
			return fmt.Errorf("open stream %d: %w", client, err)
		}
	}
	return nil
}

func (c *Crowd) add(to netip.AddrPort, client int) error {
	s, err := connect(to, client/perAddress)
	if err != nil {
		return err
	}
	c.fds, c.counts = append(c.fds, s.fd), append(c.counts, 0)
	var stream io.ReadWriter = s
	if c.secure {
		stream = tls.Client(s, hubs.ClientSecurity())
	}
	c.readers = append(c.readers, stream)
	if _, err := io.WriteString(stream, request); err != nil {
		return err
	}
	if err := syscall.SetNonblock(s.fd, true); err != nil {
		return err
	}
	event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(client)}
	return syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, s.fd, &event)
}

// Len returns how many streams there are.
func (c *Crowd) Len() int { return len(c.fds) }

// Count says what is counted from now on.
func (c *Crowd) Count(mark byte) {
	c.mark[0] = mark
	clear(c.counts)
}

// Counts returns how many marks each client has.
func (c *Crowd) Counts() []int { return slices.Clone(c.counts) }

// All tells whether every client has so many marks.
func (c *Crowd) All(marks int) bool {
	return !slices.ContainsFunc(c.counts, func(count int) bool { return count < marks })
}

// Total returns how many marks there are in all.
func (c *Crowd) Total() (marks int) {
	for _, count := range c.counts {
		marks += count
	}
	return marks
}

// Await reads until there are so many marks in all, or nothing has arrived for a
// time.
func (c *Crowd) Await(marks int, quiet time.Duration) error {
	for got := c.Total(); got < marks; {
		n, err := syscall.EpollWait(c.epoll, c.ready, int(quiet.Milliseconds()))
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil {
			return fmt.Errorf("wait for events: %w", err)
		}
		if n == 0 {
			return nil
		}
		for _, event := range c.ready[:n] {
			found, err := c.read(int(event.Fd))
			if err != nil {
				return fmt.Errorf("read stream %d: %w", event.Fd, err)
			}
			got += found
		}
	}
	return nil
}

// read reads what has arrived for a client: once, or with TLS until nothing is
// left, since what TLS has read ahead is not in the socket any more.
func (c *Crowd) read(client int) (marks int, err error) {
	for {
		n, err := c.readers[client].Read(c.buffer)
		found := bytes.Count(c.buffer[:n], c.mark)
		c.counts[client] += found
		marks += found
		if errors.Is(err, syscall.EAGAIN) {
			return marks, nil
		}
		if err != nil || !c.secure {
			return marks, err
		}
	}
}

// Close resets all streams.
func (c *Crowd) Close() {
	for _, fd := range c.fds {
		_ = syscall.Close(fd)
	}
	_ = syscall.Close(c.epoll)
}
