package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"time"
)

// A report is what was found.
type report struct {
	field

	empty, open []answer // of the nodes, before the streams came and with them
	kernel      int64    // bytes that the kernel has for the connections, both ends
	// half and last are for how long each event was on its way: until half of the
	// clients of the slowest node had it, and until all of them did.
	half, last []time.Duration
	cpu        []time.Duration // of the nodes, and last of the publisher
}

// Units.
const (
	kib = 1 << 10
	mib = 1 << 20
)

func (r report) print(out io.Writer) error {
	var text bytes.Buffer
	streams, all := float64(r.streams), float64(r.streams*r.nodes)
	for i := range r.nodes {
		rss, heap := r.open[i].Settled.RSS, r.open[i].Settled.Heap
		fmt.Fprintf(&text, "node %d: %d streams, RSS %.1f MiB before and %.1f with them, %.2f KiB each; heap %.2f KiB each; %d goroutines; "+
			"CPU %.1f ms for an event, %.2f us for a delivery\n",
			i+1, r.open[i].Open, float64(r.empty[i].Settled.RSS)/mib, float64(rss)/mib, float64(rss-r.empty[i].Settled.RSS)/streams/kib,
			(float64(heap)-float64(r.empty[i].Settled.Heap))/streams/kib, r.open[i].Settled.Goroutines,
			r.perEvent(i)/1000, r.perEvent(i)/streams)
	}
	var cpu float64
	for i := range r.nodes {
		cpu += r.perEvent(i)
	}
	fmt.Fprintf(&text, "all nodes: %.0f streams; CPU %.1f ms for an event, %.2f us for a delivery\n", all, cpu/1000, cpu/all)
	fmt.Fprintf(&text, "publisher and NATS: CPU %.1f ms for an event\n", r.perEvent(r.nodes)/1000)
	fmt.Fprintf(&text, "kernel: %.2f KiB for a connection, both of its ends\n", float64(r.kernel)/all/kib)
	fmt.Fprintf(&text, "half of the clients have an event within %s\n", spread(r.half))
	fmt.Fprintf(&text, "the last client has an event within %s\n", spread(r.last))
	_, err := text.WriteTo(out)
	return err
}

// perEvent returns the microseconds that a process has used for an event.
func (r report) perEvent(i int) float64 { return float64(r.cpu[i].Microseconds()) / float64(r.events) }

// spread returns the median of times and, in brackets, the extremes.
func spread(times []time.Duration) string {
	sorted := slices.Sorted(slices.Values(times))
	ms := func(i int) time.Duration { return sorted[i].Round(time.Millisecond) }
	return fmt.Sprintf("%s [%s to %s]", ms(len(sorted)/2), ms(0), ms(len(sorted)-1))
}

// kernelMemory returns what the kernel has in memory for itself, in bytes.
func kernelMemory() (int64, error) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		if fields := bytes.Fields(line); len(fields) == 3 && string(fields[0]) == "Slab:" {
			size, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return size * kib, err
		}
	}
	return 0, fmt.Errorf("/proc/meminfo has no Slab")
}
