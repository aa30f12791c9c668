//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package embedded

import (
	"io"
	"os"
	"syscall"
)

// lock locks a file until it is closed or the process ends, and makes it if
// there is none.
func lock(path string) (io.Closer, error) {
	//nolint:gosec // the directory is the configured one
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = file.Close()
		return nil, &os.PathError{Op: "lock", Path: path, Err: err}
	}
	return file, nil
}
