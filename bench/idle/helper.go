package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
)

// clients is the other end of the process with the clients.
type clients struct {
	orders  *json.Encoder
	answers *bufio.Reader
	stop    func() // ends the process, whatever it does
}

// startClients starts the process with the clients of a server.
func startClients(ctx context.Context, program, address string, secure, browser bool) (*clients, error) {
	command := exec.CommandContext(ctx, program, "-hold", address,
		"-tls="+strconv.FormatBool(secure), "-browser="+strconv.FormatBool(browser))
	command.Stderr = os.Stderr
	in, inErr := command.StdinPipe()
	out, outErr := command.StdoutPipe()
	if err := errors.Join(inErr, outErr, command.Start()); err != nil {
		return nil, fmt.Errorf("start the clients: %w", err)
	}
	return newClients(in, out, func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}), nil
}

func newClients(in io.Writer, out io.Reader, stop func()) *clients {
	return &clients{json.NewEncoder(in), bufio.NewReader(out), stop}
}

// do lets the clients do something and waits until they have.
func (c *clients) do(o order) error {
	if err := c.orders.Encode(o); err != nil {
		return fmt.Errorf("tell the clients: %w", err)
	}
	return c.wait()
}

func (c *clients) wait() error {
	if said, err := c.answers.ReadString('\n'); err != nil || said != done {
		return fmt.Errorf("the clients said %q, not %q: %w", said, done, err)
	}
	return nil
}
