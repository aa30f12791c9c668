//go:build unix

package static

import "syscall"

// nonblocking lets a named pipe be opened without waiting for its other end. It
// changes nothing for a file.
const nonblocking = syscall.O_NONBLOCK
