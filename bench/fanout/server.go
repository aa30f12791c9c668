package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/netip"
	"os"
	"os/exec"
	"strconv"

	"github.com/chitor-go/chitor/bench/usage"
)

// A server is a process that serves a variant.
type server struct {
	commands *json.Encoder
	answers  *json.Decoder
	address  netip.AddrPort
	secure   bool
	stop     func() error // lets it end, and waits for that
}

// startProcess starts this program as the server of a variant.
func startProcess(ctx context.Context, program, variant string, secure bool) (*server, error) {
	command := exec.CommandContext(ctx, program, "-serve", variant, "-tls="+strconv.FormatBool(secure))
	command.Stderr = os.Stderr
	in, inErr := command.StdinPipe()
	out, outErr := command.StdoutPipe()
	if err := errors.Join(inErr, outErr, command.Start()); err != nil {
		return nil, fmt.Errorf("start a server: %w", err)
	}
	return newServer(in, out, secure, func() error { return errors.Join(in.Close(), command.Wait()) })
}

// newServer waits until a server tells its address.
func newServer(in io.Writer, out io.Reader, secure bool, stop func() error) (*server, error) {
	s := &server{commands: json.NewEncoder(in), answers: json.NewDecoder(out), secure: secure, stop: stop}
	if err := s.answers.Decode(&s.address); err != nil {
		return nil, fmt.Errorf("start a server: %w", errors.Join(err, stop()))
	}
	return s, nil
}

// publish has events published, and does not wait for that.
func (s *server) publish(events int, mark byte, size int) error {
	return s.commands.Encode(command{Publish: events, Mark: mark, Size: size})
}

// measure returns what the process has used.
func (s *server) measure() (now usage.Usage, err error) {
	if err := s.commands.Encode(command{Measure: true}); err != nil {
		return now, err
	}
	return now, s.answers.Decode(&now)
}

// profile has a profile of the CPU written from now on until the server ends.
func (s *server) profile(file string) error {
	return s.commands.Encode(command{Profile: file})
}
