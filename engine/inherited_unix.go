//go:build unix

package engine

import (
	"os"
	"syscall"
)

// openInherited returns the file of a descriptor that was open when the process
// began, if it is a socket. Processes that are started from here do not get it.
func openInherited(descriptor uintptr, name string) (*os.File, error) {
	syscall.CloseOnExec(int(descriptor))
	if _, err := syscall.GetsockoptInt(int(descriptor), syscall.SOL_SOCKET, syscall.SO_TYPE); err != nil {
		return nil, os.NewSyscallError("getsockopt", err)
	}
	if err := syscall.SetNonblock(int(descriptor), true); err != nil {
		return nil, os.NewSyscallError("setnonblock", err)
	}
	return os.NewFile(descriptor, name), nil
}
