package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
)

// Request returns what a client sends.
func Request(browser bool) string { return request(browser) }

// Listen measures streams that have joined a hub, with server and clients in this
// process, and returns what a stream takes of the heap in each wave.
func Listen(ctx context.Context, variant string, secure bool, sessions, waves int) (objects []int64, err error) {
	var out bytes.Buffer
	ended := make(chan error, 1)
	start := func(address string) (*clients, error) {
		orders, in := io.Pipe()
		said, answers := io.Pipe()
		go func() {
			err := (&crowd{address: address, request: request(true), secure: secure}).holdClients(ctx, orders, answers)
			ended <- errors.Join(err, answers.CloseWithError(err))
		}()
		return newClients(in, said, func() { _ = in.Close() }), nil
	}
	err = listening{variant: variant, sessions: sessions, secure: secure, waves: waves}.serve(ctx, start, &out)
	if err := errors.Join(err, <-ended); err != nil {
		return nil, err
	}
	var found hall
	if err := json.Unmarshal(out.Bytes(), &found); err != nil {
		return nil, err
	}
	for _, w := range found.Waves {
		objects = append(objects, w.Open.Objects)
	}
	return objects, nil
}

// Judge says what is wrong with a stream that takes so much memory, in a process
// with so many goroutines.
func Judge(scenery, variant string, rss int64, goroutines int) error {
	for _, s := range scenes() {
		if s.name == scenery {
			return s.judge(variant, []hall{{Waves: []wave{{Goroutines: goroutines}, {Again: rss}}}})
		}
	}
	return errors.New("there is no such scene")
}
