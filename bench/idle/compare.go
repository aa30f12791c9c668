package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"time"
)

// measure does a task in a process of its own.
func (t task) measure(ctx context.Context, program string) (found report, err error) {
	command := exec.CommandContext(ctx, program, "-serve", t.variant, "-sessions", strconv.Itoa(t.sessions),
		"-period", t.period.String(), "-beat="+strconv.FormatBool(t.atBeat), "-breakdown="+strconv.FormatBool(t.breakdown))
	command.Stderr = os.Stderr
	out, err := command.StdoutPipe()
	if err != nil {
		return found, err
	}
	if err := command.Start(); err != nil {
		return found, err
	}
	defer func() { err = errors.Join(err, command.Wait()) }()
	reports := json.NewDecoder(out)
	if err := reports.Decode(&found); err != nil || !t.atBeat {
		return found, err
	}
	if !t.stalled {
		return found, reports.Decode(&found)
	}
	// The process is stopped until the beat of every session is due, so that
	// all beats fall together.
	if err := command.Process.Signal(syscall.SIGSTOP); err != nil {
		return found, err
	}
	select {
	case <-time.After(t.period + time.Second):
	case <-ctx.Done():
	}
	if err := command.Process.Signal(syscall.SIGCONT); err != nil {
		return found, err
	}
	return found, reports.Decode(&found)
}

// results are the values of each variant and state, one for each round.
type results map[string]map[string][]memory

// states are the states that are measured, in the order of the table.
func states() []string { return []string{"no heartbeat", "between beats", "at a beat"} }

func variants() []string { return []string{handWritten, behindChi, embedded, mounted} }

// compare measures all variants in turn and prints the medians.
func compare(ctx context.Context, out io.Writer, program string, sessions, rounds int, period time.Duration, stalled bool) error {
	found := results{}
	for _, variant := range variants() {
		found[variant] = map[string][]memory{}
	}
	for range rounds {
		names := variants()
		rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		for _, variant := range names {
			silent, err := task{variant: variant, sessions: sessions}.measure(ctx, program)
			if err != nil {
				return err
			}
			beating, err := task{variant: variant, sessions: sessions, period: period, atBeat: true, stalled: stalled}.measure(ctx, program)
			if err != nil {
				return err
			}
			for i, m := range []memory{silent.Open, beating.Open, beating.Beat} {
				state := states()[i]
				found[variant][state] = append(found[variant][state], m)
			}
		}
	}
	return found.print(out)
}

// kinds are the ways to count, in the order of the table.
func kinds() map[string]func(memory) int64 {
	return map[string]func(memory) int64{
		"1 heap and stacks": func(m memory) int64 { return m.Heap + m.Stack },
		"2 of it stacks":    func(m memory) int64 { return m.Stack },
		"3 runtime":         func(m memory) int64 { return m.Runtime },
		"4 resident":        func(m memory) int64 { return m.RSS },
	}
}

func (r results) print(out io.Writer) error {
	for _, state := range states() {
		for _, variant := range variants() {
			fmt.Fprintf(out, "%-14s %-16s", state, variant)
			for _, kind := range slices.Sorted(maps.Keys(kinds())) {
				size := kinds()[kind]
				value, base := median(r[variant][state], size), median(r[handWritten][state], size)
				fmt.Fprintf(out, "  %s %6.2f KiB %.3f", kind[2:], value/1024, value/base)
			}
			if _, err := fmt.Fprintln(out); err != nil {
				return err
			}
		}
	}
	return nil
}

func median(values []memory, size func(memory) int64) float64 {
	sizes := make([]int64, len(values))
	for i, m := range values {
		sizes[i] = size(m)
	}
	slices.Sort(sizes)
	return float64(sizes[len(sizes)/2])
}

// printBreakdown prints what the heap of each variant holds.
func printBreakdown(ctx context.Context, out io.Writer, program string, sessions int, period time.Duration) error {
	for _, variant := range variants() {
		found, err := task{variant: variant, sessions: sessions, period: period, breakdown: true}.measure(ctx, program)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%s: heap %d, stacks %d of %.2f goroutines\n", variant, found.Open.Heap, found.Open.Stack, found.Goroutines)
		printOwners(out, found.Owners)
	}
	return nil
}

func printOwners(out io.Writer, owners []owner) {
	for _, o := range owners {
		fmt.Fprintf(out, "%8.0f  %5.2f  %s\n", o.Bytes, o.Objects, o.Name)
	}
}
