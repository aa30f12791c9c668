package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/bench/usage"
)

// The roles.
const (
	publishing = "publisher" // has the NATS server too
	serving    = "node"
	reading    = "clients"
)

// A role is what a process does.
type role struct {
	name string
	at   string // of a node: the URL of NATS; of clients: the address of their node
	held bool   // the streams of a node
}

// An order is a line of JSON that a process is told.
type order struct {
	Open    int    // clients: open so many streams
	Count   byte   // clients: forget what was counted, and count this mark
	Await   int    // clients: wait for so many marks of each, counted together
	Each    int    // clients: say whether each has so many
	Patient bool   // clients: for as long as it takes
	Publish string // publisher: the data of an event
	Measure bool   // settle and say what was used
}

// An answer is what it answers with. The first says that it has started.
type answer struct {
	Address string      // of what has started
	All     bool        // clients: each has as many marks as was asked
	Half    time.Time   // clients: when half of it was there
	Last    time.Time   // clients: when all of it was there
	Began   time.Time   // publisher: when it began to publish
	Used    usage.Usage // since the process began, before it settled
	Settled usage.Usage
	Open    int // node: streams
}

// A part is a process, seen from the program that has started it.
type part struct {
	address string
	orders  *json.Encoder
	answers *json.Decoder
	stop    func() error // lets it end, and waits for that
}

// startProcess starts this program in a role.
func startProcess(ctx context.Context, program string, r role) (*part, error) {
	command := exec.CommandContext(ctx, program, "-as", r.name, "-at", r.at, "-held="+strconv.FormatBool(r.held))
	command.Stderr = os.Stderr
	in, inErr := command.StdinPipe()
	out, outErr := command.StdoutPipe()
	if err := errors.Join(inErr, outErr, command.Start()); err != nil {
		return nil, fmt.Errorf("start the %s: %w", r.name, err)
	}
	return newPart(r, in, out, func() error { return errors.Join(in.Close(), command.Wait()) })
}

// newPart waits until a process has started.
func newPart(r role, in io.Writer, out io.Reader, stop func() error) (*part, error) {
	p := &part{orders: json.NewEncoder(in), answers: json.NewDecoder(out), stop: stop}
	var started answer
	if err := p.answers.Decode(&started); err != nil {
		return nil, fmt.Errorf("start the %s: %w", r.name, errors.Join(err, stop()))
	}
	p.address = started.Address
	return p, nil
}

// do lets it do something and waits until it has.
func (p *part) do(o order) (answer, error) {
	if err := p.orders.Encode(o); err != nil {
		return answer{}, err
	}
	return p.await()
}

func (p *part) await() (a answer, err error) { return a, p.answers.Decode(&a) }
