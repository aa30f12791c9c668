package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the program. The arguments say which role it has.
func run(ctx context.Context, arguments []string, out io.Writer) error {
	flags := flag.NewFlagSet("startup", flag.ContinueOnError)
	rounds := flags.Int("rounds", 51, "how often each variant is started")
	serve := flags.String("serve", "", "be a `variant`")
	address := flags.String("address", "", "where it listens")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *serve != "" {
		return serveVariant(*serve, *address)
	}
	return compare(ctx, out, *rounds)
}

func compare(ctx context.Context, out io.Writer, rounds int) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	took := map[string][]time.Duration{}
	for range rounds {
		for _, v := range variants {
			one, err := measure(ctx, program, v.name)
			if err != nil {
				return fmt.Errorf("%s: %w", v.name, err)
			}
			took[v.name] = append(took[v.name], one)
		}
	}
	for _, v := range variants {
		all := took[v.name]
		slices.Sort(all)
		fmt.Fprintf(out, "%-40s %5.1f ms [%.1f to %.1f]\n", v.name,
			milliseconds(all[len(all)/2]), milliseconds(all[0]), milliseconds(all[len(all)-1]))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }

// measure starts a variant, asks it once, and ends it.
func measure(ctx context.Context, program, variant string) (time.Duration, error) {
	address, err := freeAddress(ctx)
	if err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, program, "-serve", variant, "-address", address)
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, err
	}
	err = ask(ctx, address)
	took := time.Since(began)
	_ = command.Process.Kill()
	_ = command.Wait() // it was killed
	return took, err
}

func freeAddress(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// ask connects as soon as somebody listens, and reads one response.
func ask(ctx context.Context, address string) error {
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
		if err == nil {
			return exchange(conn)
		}
		select {
		case <-time.After(50 * time.Microsecond): // the server needs the processor
		case <-ctx.Done():
			return err
		}
	}
}

func exchange(conn net.Conn) error {
	defer func() { _ = conn.Close() }() // all was read
	if _, err := conn.Write([]byte("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")); err != nil {
		return err
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	return response.Body.Close()
}
