package main

import (
	"context"
	"errors"
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

// run is the program.
func run(ctx context.Context, arguments []string) error {
	flags := flag.NewFlagSet("routing", flag.ContinueOnError)
	rounds := flags.Int("rounds", 7, "how often each row is measured")
	file := flags.String("routes", "../routing/testdata/github.txt", "the routes, in a `file`")
	hostile := flags.Bool("hostile", false, "measure how the time of a call grows with paths that mean harm")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if *hostile {
		return printThreats(ctx, os.Stdout)
	}
	all, err := readEndpoints(*file)
	if err != nil {
		return err
	}
	return errors.Join(
		compareStacks(os.Stdout, all, *rounds),
		compareChoices(os.Stdout, all, *rounds),
		shareOfWalks(ctx, os.Stdout),
	)
}
