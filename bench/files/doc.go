// Package files measures what a file costs in comparison with
// http.FileServerFS: over loopback, where net/http hands files to the kernel.
package files
