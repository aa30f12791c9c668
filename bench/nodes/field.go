package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Marks, with which the data of an event begins: of those that only show that a
// client is there, of the last of those, and of those that are measured.
const (
	hello    = '^'
	greeted  = '$'
	measured = '~'
)

// hellos is how many events are published until each client has had one.
const hellos = 60

// A field is what is measured.
type field struct {
	start   func(role) (*part, error)
	nodes   int
	streams int // of each node
	events  int
	size    int // of their data
	held    bool
}

// A scene is all processes.
type scene struct {
	field

	publisher *part
	nodes     []*part
	clients   []*part // of each node
}

// measure measures once, with fresh processes.
func (f field) measure() (found report, err error) {
	s := &scene{field: f}
	defer func() { err = errors.Join(err, s.stop()) }()
	if err := s.begin(); err != nil {
		return found, err
	}
	empty, err := measureAll(s.nodes)
	if err != nil {
		return found, err
	}
	kernel, err := kernelMemory()
	if err != nil {
		return found, err
	}
	if err := s.open(); err != nil {
		return found, err
	}
	open, err := measureAll(s.nodes)
	if err != nil {
		return found, err
	}
	full, err := kernelMemory()
	if err != nil {
		return found, err
	}
	found = report{field: f, empty: empty, open: open, kernel: full - kernel}
	return found, s.publishAll(&found)
}

// begin starts all processes.
func (s *scene) begin() (err error) {
	if s.publisher, err = s.start(role{name: publishing}); err != nil {
		return err
	}
	for range s.field.nodes {
		node, err := s.start(role{serving, s.publisher.address, s.held})
		if err != nil {
			return err
		}
		s.nodes = append(s.nodes, node)
		clients, err := s.start(role{name: reading, at: node.address})
		if err != nil {
			return err
		}
		s.clients = append(s.clients, clients)
	}
	return nil
}

// stop ends the clients first: then no node has anything to wait for.
func (s *scene) stop() error {
	var failed []error
	for _, p := range slices.Concat(s.clients, s.nodes) {
		failed = append(failed, p.stop())
	}
	if s.publisher != nil {
		failed = append(failed, s.publisher.stop())
	}
	return errors.Join(failed...)
}

// open opens all streams and waits until each gets events.
func (s *scene) open() error {
	if _, err := askAll(s.clients, order{Open: s.streams, Count: hello}); err != nil {
		return err
	}
	for sent := 1; ; sent++ {
		if sent > hellos {
			return errors.New("not all streams get events")
		}
		answers, _, err := s.publish(string(hello), order{Await: sent, Each: 1})
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(answers, func(a answer) bool { return !a.All }) {
			break
		}
	}
	_, err := askAll(s.clients, order{Count: greeted})
	if err == nil {
		_, _, err = s.publish(string(greeted), order{Await: 1, Each: 1, Patient: true})
	}
	return err
}

// publishAll publishes what is measured, each event when all clients have the
// last.
func (s *scene) publishAll(found *report) error {
	if _, err := askAll(s.clients, order{Count: measured}); err != nil {
		return err
	}
	everyone := append(slices.Clone(s.nodes), s.publisher)
	before, err := measureAll(everyone)
	if err != nil {
		return err
	}
	data := string(measured) + strings.Repeat("x", s.size-1)
	for number := range s.events {
		answers, began, err := s.publish(data, order{Await: number + 1, Each: number + 1, Patient: true})
		if err != nil {
			return err
		}
		var half, last time.Duration
		for i, a := range answers {
			if !a.All {
				return fmt.Errorf("not all clients of node %d have event %d", i+1, number+1)
			}
			half, last = max(half, a.Half.Sub(began)), max(last, a.Last.Sub(began))
		}
		found.half, found.last = append(found.half, half), append(found.last, last)
	}
	after, err := measureAll(everyone)
	if err != nil {
		return err
	}
	for i := range everyone {
		found.cpu = append(found.cpu, after[i].Used.CPU-before[i].Settled.CPU)
	}
	return nil
}

// publish publishes an event for which the clients wait already, and returns when
// that began.
func (s *scene) publish(data string, o order) (answers []answer, began time.Time, err error) {
	for _, p := range s.clients {
		if err := p.orders.Encode(o); err != nil {
			return nil, began, err
		}
	}
	published, err := s.publisher.do(order{Publish: data})
	if err != nil {
		return nil, began, err
	}
	answers, err = awaitAll(s.clients)
	return answers, published.Began, err
}

func measureAll(parts []*part) ([]answer, error) { return askAll(parts, order{Measure: true}) }

// askAll lets all do something at once and waits until they have.
func askAll(parts []*part, o order) ([]answer, error) {
	for _, p := range parts {
		if err := p.orders.Encode(o); err != nil {
			return nil, err
		}
	}
	return awaitAll(parts)
}

func awaitAll(parts []*part) ([]answer, error) {
	answers, failures := make([]answer, len(parts)), make([]error, len(parts))
	for i, p := range parts {
		answers[i], failures[i] = p.await()
	}
	return answers, errors.Join(failures...)
}
