package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strings"
	"time"

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
	flags := flag.NewFlagSet("idle", flag.ContinueOnError)
	sessions := flags.Int("sessions", 0, "how many sessions are open: 10,000, or 15,000 if they are listening")
	rounds := flags.Int("rounds", 5, "how often each variant is measured")
	period := flags.Duration("period", 30*time.Second, "the `time` between two beats")
	stalled := flags.Bool("stalled", false, "stop the process until all beats are due, so that they fall together")
	breakdown := flags.Bool("breakdown", false, "say what the heap holds instead, as exactly as the allocator knows")
	listens := flags.Bool("listening", false, "measure streams that have joined a hub")
	names := flags.String("variants", strings.Join(hubs.Variants(), ","), "the `names` of the hubs to measure, with commas")
	places := flags.String("scenes", "curl,browser,tls,heartbeat,waves", "the `names` of what their streams are like, with commas")
	against := flags.String("against", "", "measure the hub of this `program` as well, built from an earlier commit")
	check := flags.Bool("check", false, "fail if a stream of Chitor's hub takes more than it may")
	secure := flags.Bool("tls", false, "as one of the processes, have streams over TLS")
	browser := flags.Bool("browser", false, "as one of the processes, have the clients of a browser")
	waves := flags.Int("waves", 0, "as the process that serves, open all streams so often")
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
	if *sessions == 0 && *listens {
		*sessions = 15_000
	}
	if *sessions == 0 {
		*sessions = 10_000
	}
	if *serve != "" && *breakdown {
		runtime.MemProfileRate = 1
	}
	companions := company{program, *against, list(*names), list(*places), *sessions, *rounds, *period, *check}
	switch {
	case *hold != "":
		return (&crowd{address: *hold, request: request(*browser), secure: *secure}).holdClients(ctx, os.Stdin, os.Stdout)
	case *serve != "" && *listens:
		start := func(address string) (*clients, error) { return startClients(ctx, program, address, *secure, *browser) }
		return listening{*serve, *sessions, *period, *secure, *waves, *breakdown}.serve(ctx, start, os.Stdout)
	case *listens && *breakdown:
		return companions.printBreakdown(ctx, os.Stdout)
	case *listens:
		return companions.compare(ctx, os.Stdout)
	case *serve != "":
		return task{*serve, *sessions, *period, *atBeat, false, *breakdown}.serve(ctx, program, os.Stdout)
	case *breakdown:
		return printBreakdown(ctx, os.Stdout, program, *sessions, *period)
	default:
		return compare(ctx, os.Stdout, program, *sessions, *rounds, *period, *stalled)
	}
}
