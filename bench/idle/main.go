package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"time"
)

func main() {
	if err := run(context.Background(), os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run is the program. The arguments say which role it has.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("idle", flag.ContinueOnError)
	sessions := flags.Int("sessions", 10_000, "how many sessions are open")
	rounds := flags.Int("rounds", 5, "how often each variant is measured")
	period := flags.Duration("period", 30*time.Second, "the `time` between two beats")
	stalled := flags.Bool("stalled", false, "stop the process until all beats are due, so that they fall together")
	breakdown := flags.Bool("breakdown", false, "say what the heap holds instead, as exactly as the allocator knows")
	serve := flags.String("serve", "", "be the process that serves a `variant`")
	atBeat := flags.Bool("beat", false, "as that process, wait for the second beat")
	hold := flags.String("hold", "", "be the process with the clients of the server at an `address`")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	switch {
	case *hold != "":
		return holdClients(ctx, *hold, *sessions, *period > 0, os.Stdin, os.Stdout)
	case *serve != "":
		if *breakdown {
			runtime.MemProfileRate = 1
		}
		return task{*serve, *sessions, *period, *atBeat, false, *breakdown}.serve(ctx, program, os.Stdout)
	case *breakdown:
		return printBreakdown(ctx, os.Stdout, program, *sessions, *period)
	default:
		return compare(ctx, os.Stdout, program, *sessions, *rounds, *period, *stalled)
	}
}
