//go:build unix

package engine

import (
	"math"
	"syscall"
)

// maxFiles returns how many files the process may have open, 0 if there is no
// limit worth the name. Package os has raised it as far as it may be.
func maxFiles() int {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0
	}
	//nolint:unconvert // it is signed on FreeBSD
	if current := uint64(limit.Cur); current < math.MaxInt32 {
		return int(current)
	}
	return 0
}
