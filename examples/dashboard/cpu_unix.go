//go:build unix

package main

import (
	"syscall"
	"time"
)

// cpuTime returns how much processor time the process has used. The figures of
// package runtime/metrics stand still between two collections of garbage.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
