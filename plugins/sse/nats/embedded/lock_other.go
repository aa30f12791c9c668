//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd || windows)

package embedded

import (
	"io"
	"os"
)

// lock only makes the file: these systems have no lock that ends with its
// process.
func lock(path string) (io.Closer, error) {
	//nolint:gosec // the directory is the configured one
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
}
