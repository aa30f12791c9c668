package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// A server is a variant of a program.
type server struct{ name, program, variant string }

// A result is one measurement.
type result struct {
	cpu  time.Duration   // of the server, for each event
	late []time.Duration // how long events were on their way, sorted
}

// compare measures all servers by turns and prints a table.
func compare(ctx context.Context, out io.Writer, servers []server, events, rounds int) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, path := range []string{flood, backlog, pairs} {
		results := map[string][]result{}
		for range rounds {
			for _, s := range servers {
				measured, err := s.measure(ctx, path, events)
				if err != nil {
					return fmt.Errorf("%s of %s: %w", path, s.name, err)
				}
				results[s.name] = append(results[s.name], measured)
			}
			slices.Reverse(servers)
		}
		for _, name := range slices.Sorted(maps.Keys(results)) {
			measured := results[name]
			_, _ = fmt.Fprintf(table, "%s\t%s\tCPU per event %s", path[1:], name, spread(measured, func(r result) time.Duration { return r.cpu }))
			if path == pairs {
				for _, percent := range []int{50, 99} {
					_, _ = fmt.Fprintf(table, "\t%d %% arrive within %s", percent, spread(measured, func(r result) time.Duration {
						return r.late[len(r.late)*percent/100]
					}))
				}
			}
			_, _ = fmt.Fprintln(table)
		}
	}
	return table.Flush()
}

// spread returns the median of some results and, in brackets, the extremes.
func spread(results []result, of func(result) time.Duration) string {
	slices.SortFunc(results, func(a, b result) int { return cmp.Compare(of(a), of(b)) })
	return fmt.Sprintf("%v [%v to %v]", of(results[len(results)/2]), of(results[0]), of(results[len(results)-1]))
}

// measure runs a server for one flood.
func (s server) measure(ctx context.Context, path string, events int) (result, error) {
	command := exec.CommandContext(ctx, s.program, "-serve", s.variant, "-events", strconv.Itoa(events))
	input, err := command.StdinPipe()
	if err != nil {
		return result{}, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return result{}, err
	}
	if err := command.Start(); err != nil {
		return result{}, err
	}
	got, err := s.read(ctx, output, path)
	_ = input.Close()
	if err := errors.Join(err, command.Wait()); err != nil {
		return result{}, err
	}
	cpu := command.ProcessState.UserTime() + command.ProcessState.SystemTime()
	return result{cpu / time.Duration(got.events), got.late}, nil
}

// read reads the streams of a server whose process tells its address.
func (s server) read(ctx context.Context, output io.Reader, path string) (received, error) {
	address, err := bufio.NewReader(output).ReadString('\n')
	if err != nil {
		return received{}, fmt.Errorf("the server does not begin: %w", err)
	}
	return readStreams(ctx, "http://"+strings.TrimSpace(address)+path, streams(path))
}
