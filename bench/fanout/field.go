package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/bench/crowd"
	"github.com/chitor-go/chitor/bench/usage"
)

// Marks, with which the data of an event begins: of those that only show that a
// client is there, of the last of those, and of those that are measured.
const (
	hello    = '^'
	greeted  = '$'
	measured = '~'
)

// Limits of the waiting, while nothing arrives.
const (
	patience  = 30 * time.Second
	helloWait = 100 * time.Millisecond // until the next hello is published
	hellos    = 600
)

// A load is what is published while is measured.
type load struct {
	events int // in a row
	rows   int // each when all clients have received the last
	size   int // of the data of an event, in bytes
}

// A cost is what the server spends on a delivery.
type cost struct {
	Time    float64 // in microseconds, of all its processors together
	CPU     float64 // in microseconds
	Objects float64 // allocated
	Bytes   float64 // of them
	RSS     float64 // of one client, in bytes
}

// A field is a server with its clients.
type field struct {
	server  *server
	clients *crowd.Crowd
	empty   usage.Usage // of the server, before the clients came
}

func newField(server *server) (*field, error) {
	clients, err := crowd.New(server.secure)
	if err != nil {
		return nil, errors.Join(err, server.stop())
	}
	f := &field{server: server, clients: clients}
	if f.empty, err = server.measure(); err != nil {
		return nil, errors.Join(err, f.stop())
	}
	return f, nil
}

func (f *field) stop() error {
	f.clients.Close()
	return f.server.stop()
}

// grow opens streams until there are n, and waits until each gets events. Not
// every server sends the head of a stream before, so events are published until
// the first of them has arrived everywhere.
func (f *field) grow(n int) error {
	if err := f.clients.Open(f.server.address, n-f.clients.Len()); err != nil {
		return err
	}
	f.clients.Count(hello)
	for sent := 1; !f.clients.All(1); sent++ {
		if sent > hellos {
			return fmt.Errorf("of %d streams not all get events", n)
		}
		if err := f.server.publish(1, hello, 1); err != nil {
			return err
		}
		if err := f.clients.Await(sent*n, helloWait); err != nil {
			return err
		}
	}
	return f.send(1, greeted, 1)
}

// send has events sent, and waits until every client has received all of them.
func (f *field) send(events int, mark byte, size int) error {
	f.clients.Count(mark)
	if err := f.server.publish(events, mark, size); err != nil {
		return err
	}
	if err := f.clients.Await(events*f.clients.Len(), patience); err != nil {
		return err
	}
	if !f.clients.All(events) {
		return fmt.Errorf("%d clients have received %d events and not %d each", f.clients.Len(), f.clients.Total(), events)
	}
	return nil
}

// carry measures a load.
func (f *field) carry(l load) (cost, error) {
	before, err := f.server.measure()
	if err != nil {
		return cost{}, err
	}
	began := time.Now()
	for range l.rows {
		if err := f.send(l.events, measured, l.size); err != nil {
			return cost{}, err
		}
	}
	took := time.Since(began)
	after, err := f.server.measure()
	clients := float64(f.clients.Len())
	each := func(n float64) float64 { return n / (float64(l.events*l.rows) * clients) }
	return cost{
		Time:    each(float64(took.Nanoseconds()) / 1000),
		CPU:     each(float64((after.CPU - before.CPU).Nanoseconds()) / 1000),
		Objects: each(float64(after.Objects - before.Objects)),
		Bytes:   each(float64(after.Bytes - before.Bytes)),
		RSS:     float64(after.RSS-f.empty.RSS) / clients,
	}, err
}
