package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/chitor-go/chitor/bench/usage"
)

// A doer is a process, seen from inside.
type doer struct {
	address string
	obey    func(order) (answer, error)
	stop    func() error
}

// serve is a process: it does what in says until that ends.
func serve(ctx context.Context, r role, in io.Reader, out io.Writer) (err error) {
	d, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	answers := json.NewEncoder(out)
	if err := answers.Encode(answer{Address: d.address}); err != nil {
		return err
	}
	for orders := json.NewDecoder(in); ; {
		var o order
		switch err := orders.Decode(&o); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("read an order: %w", err)
		}
		done, err := d.obey(o)
		if err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
		if o.Measure {
			if err := done.measure(); err != nil {
				return err
			}
		}
		if err := answers.Encode(done); err != nil {
			return err
		}
	}
}

func (r role) start(ctx context.Context) (*doer, error) {
	switch r.name {
	case publishing:
		return startPublisher(ctx)
	case serving:
		return startNode(ctx, r.at, r.held)
	case reading:
		return startClients(r.at)
	default:
		return nil, fmt.Errorf("there is no role %q", r.name)
	}
}

// measure says what this process has used.
func (a *answer) measure() (err error) {
	if a.Used, err = usage.Measure(); err != nil {
		return err
	}
	usage.Settle()
	a.Settled, err = usage.Measure()
	return err
}
