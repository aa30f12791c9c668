package main

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// usage is what a process has used since it began.
type usage struct {
	CPU        time.Duration // of the program and of the system on its behalf
	Objects    uint64        // that were allocated
	Bytes      uint64        // of them
	RSS        int64         // now, in bytes
	Goroutines int           // now
}

// measure measures this process.
func measure() (usage, error) {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		return usage{}, fmt.Errorf("measure: %w", err)
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	rss, err := resident()
	return usage{
		CPU:        time.Duration(used.Utime.Nano() + used.Stime.Nano()),
		Objects:    memory.Mallocs,
		Bytes:      memory.TotalAlloc,
		RSS:        rss,
		Goroutines: runtime.NumGoroutine(),
	}, err
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
