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
	flags := flag.NewFlagSet("cost", flag.ContinueOnError)
	events := flags.Int("events", 2_000_000, "how many events a flood has, of all streams together")
	rounds := flags.Int("rounds", 5, "how often each variant is measured")
	before := flags.String("before", "", "measure this `program` as well, built from an earlier commit")
	serve := flags.String("serve", "", "be the process that serves a `variant`")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *serve != "" {
		return serveStreams(ctx, *serve, *events/streams(flood), os.Stdin, os.Stdout)
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	servers := []server{{"chitor", program, chitor}, {"one write per event", program, handWritten}}
	if *before != "" {
		servers = append(servers, server{"before", *before, chitor})
	}
	return compare(ctx, os.Stdout, servers, *events, *rounds)
}
