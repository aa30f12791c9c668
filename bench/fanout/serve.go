package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strings"

	"github.com/chitor-go/chitor/bench/hubs"
	"github.com/chitor-go/chitor/bench/usage"
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
func serve(ctx context.Context, variant string, secure bool, in io.Reader, out io.Writer) (err error) {
	h, err := hubs.Start(ctx, variant, hubs.Options{Secure: secure})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Stop()) }()
	defer pprof.StopCPUProfile()
	answers := json.NewEncoder(out)
	if err := answers.Encode(h.Address); err != nil {
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
		if err := obey(h, c, &number, answers); err != nil {
			return err
		}
	}
}

// obey does what a command says. The events are numbered.
func obey(h *hubs.Hub, c command, number *int, answers *json.Encoder) error {
	data := ""
	if c.Publish > 0 {
		data = marked(c.Mark, c.Size)
	}
	for range c.Publish {
		*number++
		if err := h.Publish(*number, data); err != nil {
			return fmt.Errorf("publish event %d: %w", *number, err)
		}
	}
	if c.Measure {
		now, err := usage.Measure()
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

// marked returns the data of an event, in which its mark occurs once.
func marked(mark byte, size int) string { return string(mark) + strings.Repeat("x", size-1) }
