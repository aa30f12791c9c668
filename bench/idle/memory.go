package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
)

// memory is what a process uses, in bytes.
type memory struct {
	Heap    int64 // spans of the heap in use
	Objects int64 // of them what objects take, and not what is left between them
	Stack   int64 // spans of goroutines' stacks in use
	Runtime int64 // what the runtime has from the system and has not given back
	RSS     int64 // what the system counts, the program's own pages included
}

// settled collects garbage, gives what is free back to the system, and
// measures.
func settled() (memory, error) {
	runtime.GC()
	runtime.GC() // the second collection empties pools
	debug.FreeOSMemory()
	m := sample()
	rss, err := status("VmRSS")
	m.RSS = rss
	return m, err
}

// sample measures everything but the RSS.
func sample() memory {
	values := []metrics.Sample{
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/heap/unused:bytes"},
		{Name: "/memory/classes/heap/stacks:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
	}
	metrics.Read(values)
	n := func(i int) int64 { return int64(values[i].Value.Uint64()) }
	return memory{Heap: n(0) + n(1), Objects: n(0), Stack: n(2), Runtime: n(3) - n(4)}
}

// status reads a size from the system's status of this process.
func status(name string) (int64, error) {
	text, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, err
	}
	for line := range bytes.Lines(text) {
		fields := bytes.Fields(line)
		if len(fields) == 3 && string(fields[0]) == name+":" {
			kib, err := strconv.ParseInt(string(fields[1]), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("/proc/self/status has no %s", name)
}

// resetPeak makes the system forget the highest RSS so far.
func resetPeak() error { return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) }

// peak returns the highest RSS since resetPeak was called.
func peak() (int64, error) { return status("VmHWM") }

// atLeast returns the greater value of each kind.
func (m memory) atLeast(other memory) memory {
	return memory{
		max(m.Heap, other.Heap), max(m.Objects, other.Objects), max(m.Stack, other.Stack),
		max(m.Runtime, other.Runtime), max(m.RSS, other.RSS),
	}
}

// per returns what one of n sessions has added to what was there before.
func (m memory) per(n int, before memory) memory {
	share := func(now, then int64) int64 { return (now - then) / int64(n) }
	return memory{
		share(m.Heap, before.Heap), share(m.Objects, before.Objects), share(m.Stack, before.Stack),
		share(m.Runtime, before.Runtime), share(m.RSS, before.RSS),
	}
}
