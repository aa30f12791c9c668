package main

import (
	"bytes"
	"context"
	"errors"
	"io"
)

// Measure measures with all processes in this one, and returns what is printed.
func Measure(ctx context.Context, nodes, streams, events int, held bool) (printed string, err error) {
	start := func(r role) (*part, error) {
		orders, in := io.Pipe()
		out, answers := io.Pipe()
		done := make(chan error, 1)
		go func() {
			err := serve(ctx, r, orders, answers)
			done <- errors.Join(err, answers.CloseWithError(err))
		}()
		return newPart(r, in, out, func() error { return errors.Join(in.Close(), <-done) })
	}
	found, err := field{start, nodes, streams, events, 100, held}.measure()
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	err = found.print(&out)
	return out.String(), err
}
