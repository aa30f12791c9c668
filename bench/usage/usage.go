// Package usage says what a process has used.
package usage

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"
)

// Usage is what a process has used since it began.
type Usage struct {
	CPU        time.Duration // of the program and of the system on its behalf
	Objects    uint64        // that were allocated
	Bytes      uint64        // of them
	Heap       uint64        // bytes of objects now, garbage included
	RSS        int64         // now, in bytes
	Goroutines int           // now
}

// Measure measures this process.
func Measure() (Usage, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return Usage{}, fmt.Errorf("measure: %w", err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	rss, err := resident()
	return Usage{
		CPU:        time.Duration(used.Utime.Nano() + used.Stime.Nano()),
		Objects:    memory.Mallocs,
		Bytes:      memory.TotalAlloc,
		Heap:       memory.HeapAlloc,
		RSS:        rss,
		Goroutines: runtime.NumGoroutine(),
	}, err
}

// Settle collects garbage and gives what is free back to the system.
func Settle() {
	runtime.GC() // debug.FreeOSMemory makes a second collection, which empties pools
	debug.FreeOSMemory()
}

// resident reads how much of this process is in memory.
func resident() (int64, error) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0, err
	}
	fields := bytes.Fields(text)
	if len(fields) < 2 {
		return 0, fmt.Errorf("/proc/self/statm is %q", text)
	}
	pages, err := strconv.ParseInt(string(fields[1]), 10, 64)
	return pages * int64(os.Getpagesize()), err
}
