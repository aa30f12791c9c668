package main

import (
	"context"
	"errors"
	"io"

	"github.com/chitor-go/chitor/bench/hubs"
)

// Marks serves a variant in this process, sends rows of events to clients, and
// returns how many events each client has received, the greetings left out.
func Marks(ctx context.Context, variant string, secure bool, clients, events int) (received []int, err error) {
	f, err := fieldHere(ctx, variant, secure)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	if err := f.grow(clients); err != nil {
		return nil, err
	}
	if err := f.send(events, measured, 100); err != nil {
		return nil, err
	}
	received = f.clients.Counts()
	return received, f.send(1, greeted, 100)
}

// Objects returns how many objects are allocated for each delivery, in this
// process, when rows of events are sent to clients.
func Objects(ctx context.Context, variant string, clients, events, rows int) (objects float64, err error) {
	f, err := fieldHere(ctx, variant, false)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	if err := f.grow(clients); err != nil {
		return 0, err
	}
	c, err := f.carry(load{events: events, rows: rows, size: 100})
	return c.Objects, err
}

// fieldHere is newField with a server in this process.
func fieldHere(ctx context.Context, variant string, secure bool) (*field, error) {
	commands, in := io.Pipe()
	out, answers := io.Pipe()
	done := make(chan error, 1)
	go func() {
		err := serve(ctx, variant, secure, commands, answers)
		done <- errors.Join(err, answers.CloseWithError(err))
	}()
	s, err := newServer(in, out, secure, func() error { return errors.Join(in.Close(), <-done) })
	if err != nil {
		return nil, err
	}
	return newField(s)
}

// Draw draws a growth in which each variant costs the same at every size.
func Draw(cpu float64) []byte {
	g := growth{names: hubs.Variants(), sizes: sizes()}
	for range g.sizes {
		t := newTable(g.names)
		for _, of := range t.costs {
			of.FlatOut, of.OneAtATime = []cost{{CPU: cpu}}, []cost{{CPU: cpu}}
		}
		g.tables = append(g.tables, t)
	}
	return g.draw()
}
