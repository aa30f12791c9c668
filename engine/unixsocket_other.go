//go:build !linux

package engine

import (
	"io/fs"
	"syscall"
)

// limitMode does nothing: elsewhere a socket has no mode before it has a file.
func limitMode(syscall.RawConn, fs.FileMode) error { return nil }
