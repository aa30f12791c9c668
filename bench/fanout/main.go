package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/chitor-go/chitor/bench/hubs"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the program. The arguments say which role it has.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("fanout", flag.ContinueOnError)
	clients := flags.Int("clients", 1000, "how many `clients` there are")
	events := flags.Int("events", 200, "how many `events` are published in a row")
	size := flags.Int("size", 100, "how many `bytes` of data an event has")
	rounds := flags.Int("rounds", 5, "how often each variant is measured")
	single := flags.Int("deliveries", 100_000, "how many `deliveries` are measured at least where each event waits for the last")
	names := flags.String("variants", strings.Join(hubs.Variants(), ","), "the `names` of what is measured, with commas; "+
		"others are compared with the first")
	secure := flags.Bool("tls", false, "measure streams over TLS 1.3")
	growth := flags.Bool("growth", false, "measure more and more clients, up to 18,000")
	plot := flags.String("plot", "", "draw the growth to a `file`, as SVG")
	profile := flags.String("profile", "", "write a profile of the CPU of the server to a `file`")
	serving := flags.String("serve", "", "be the process that serves a `variant`")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *serving != "" {
		return serve(ctx, *serving, *secure, os.Stdin, os.Stdout)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	c := comparison{
		start: func(variant string) (*server, error) { return startProcess(ctx, program, variant, *secure) },
		names: strings.Split(*names, ","), rounds: *rounds, deliveries: *single, profile: *profile,
	}
	if *growth {
		found, err := c.grow(sizes(), load{events: *events, size: *size})
		if err != nil {
			return err
		}
		if err := found.print(os.Stdout); err != nil || *plot == "" {
			return err
		}
		return os.WriteFile(*plot, found.draw(), 0o644)
	}
	found, err := c.compare(*clients, load{events: *events, size: *size})
	if err != nil {
		return err
	}
	return found.print(os.Stdout)
}
