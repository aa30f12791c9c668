package main

import (
	"context"
	"flag"
	"fmt"
	"os"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the program. The arguments say which role it has.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("nodes", flag.ContinueOnError)
	nodes := flags.Int("nodes", 4, "how many nodes there are")
	streams := flags.Int("streams", 18_000, "how many streams each node has")
	events := flags.Int("events", 50, "how many events are published")
	size := flags.Int("size", 100, "how many `bytes` of data an event has")
	held := flags.Bool("held", false, "hold the streams, and do not park them")
	as := flags.String("as", "", "be the process of a `role`")
	at := flags.String("at", "", "as that process, the `address` of what it needs")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *as != "" {
		return serve(ctx, role{*as, *at, *held}, os.Stdin, os.Stdout)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	start := func(r role) (*part, error) { return startProcess(ctx, program, r) }
	found, err := field{start, *nodes, *streams, *events, *size, *held}.measure()
	if err != nil {
		return err
	}
	return found.print(os.Stdout)
}
