package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime/pprof"
)

// A command is what the clients say to the server: one line of JSON, as are the
// answers.
type command struct {
	Publish int    // so many events
	Mark    byte   // that begin so
	Size    int    // and have so many bytes of data
	Measure bool   // answer what has been used
	Profile string // write a profile to this file
}

// serve serves a variant, says at which address, and does what in says until that
// ends.
func serve(ctx context.Context, variant string, in io.Reader, out io.Writer) (err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	h, err := start(ctx, variant, listener)
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { err = errors.Join(err, h.stop()) }()
	defer pprof.StopCPUProfile()
	answers := json.NewEncoder(out)
	if err := answers.Encode(listener.Addr().String()); err != nil {
		return err
	}
	number := 0
	for commands := json.NewDecoder(in); ; {
		var c command
		switch err := commands.Decode(&c); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read a command: %w", err)
		}
		if err := h.obey(c, &number, answers); err != nil {
			return err
		}
	}
}

// obey does what a command says. The events are numbered.
func (h *hub) obey(c command, number *int, answers *json.Encoder) error {
	data := ""
	if c.Publish > 0 {
		data = marked(c.Mark, c.Size)
	}
	for range c.Publish {
		*number++
		if err := h.publish(*number, data); err != nil {
			return fmt.Errorf("publish event %d: %w", *number, err)
		}
	}
	if c.Measure {
		now, err := measure()
		if err != nil {
			return err
		}
		return answers.Encode(now)
	}
	if c.Profile == "" {
		return nil
	}
	file, err := os.Create(c.Profile)
	if err != nil {
		return err
	}
	return pprof.StartCPUProfile(file)
}
