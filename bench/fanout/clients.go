package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
	"time"
)

const (
	perAddress   = 10_000 // clients of one address, which has some 28,000 ports
	addressOnly  = 24     // IP_BIND_ADDRESS_NO_PORT: the port is chosen when the other end is known
	readAtOnce   = 256 << 10
	eventsAtOnce = 256
)

// request is what each client sends.
const request = "GET /events?stream=" + topic + " HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"

// marked returns the data of an event, in which its mark occurs once.
func marked(mark byte, size int) string { return string(mark) + strings.Repeat("x", size-1) }

// clients are the readers of all streams. They are as cheap as can be, to leave
// the machine to the server: one thread, which counts a mark in what arrives.
type clients struct {
	epoll  int
	fds    []int
	counts []int // of the mark, by client
	mark   []byte
	buffer []byte
	ready  []syscall.EpollEvent
}

func newClients() (*clients, error) {
	epoll, err := syscall.EpollCreate1(syscall.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("make clients: %w", err)
	}
	return &clients{
		epoll: epoll, mark: make([]byte, 1),
		buffer: make([]byte, readAtOnce), ready: make([]syscall.EpollEvent, eventsAtOnce),
	}, nil
}

// open opens n more streams.
func (c *clients) open(to netip.AddrPort, n int) error {
	for range n {
		client := len(c.fds)
		fd, err := connect(to, client/perAddress)
		if err != nil {
			return fmt.Errorf("open stream %d: %w", client, err)
		}
		c.fds, c.counts = append(c.fds, fd), append(c.counts, 0)
		event := syscall.EpollEvent{Events: syscall.EPOLLIN, Fd: int32(client)}
		if err := syscall.EpollCtl(c.epoll, syscall.EPOLL_CTL_ADD, fd, &event); err != nil {
			return fmt.Errorf("open stream %d: %w", client, err)
		}
	}
	return nil
}

// connect opens a stream from one of several loopback addresses.
func connect(to netip.AddrPort, from int) (int, error) {
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
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
		func() error { _, err := syscall.Write(fd, []byte(request)); return err },
		func() error { return syscall.SetNonblock(fd, true) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return -1, errors.Join(err, syscall.Close(fd))
		}
	}
	return fd, nil
}

// count says what is counted from now on.
func (c *clients) count(mark byte) {
	c.mark[0] = mark
	clear(c.counts)
}

// all tells whether every client has so many marks.
func (c *clients) all(marks int) bool {
	return !slices.ContainsFunc(c.counts, func(count int) bool { return count < marks })
}

// total returns how many marks there are in all.
func (c *clients) total() (marks int) {
	for _, count := range c.counts {
		marks += count
	}
	return marks
}

// await reads until there are so many marks in all, or nothing has arrived for a
// time.
func (c *clients) await(marks int, quiet time.Duration) error {
	for got := c.total(); got < marks; {
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
				return err
			}
			got += found
		}
	}
	return nil
}

// read reads once what has arrived for a client.
func (c *clients) read(client int) (marks int, err error) {
	n, err := syscall.Read(c.fds[client], c.buffer)
	if err != nil {
		return 0, fmt.Errorf("read stream %d: %w", client, err)
	}
	if n == 0 {
		return 0, fmt.Errorf("stream %d has ended", client)
	}
	marks = bytes.Count(c.buffer[:n], c.mark)
	c.counts[client] += marks
	return marks, nil
}

// close resets all streams.
func (c *clients) close() {
	for _, fd := range c.fds {
		_ = syscall.Close(fd)
	}
	_ = syscall.Close(c.epoll)
}
