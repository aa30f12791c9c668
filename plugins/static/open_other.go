//go:build !unix

package static

// nonblocking is nothing where no name of a file is that of a pipe.
const nonblocking = 0
