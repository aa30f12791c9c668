//go:build unix

package engine

import (
	"errors"
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

// checkListens returns an error if a socket does not listen. Who accepts there
// would learn it too late.
func checkListens(socket *os.File) error {
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var listens int
	var optionErr error
	err = raw.Control(func(descriptor uintptr) {
		listens, optionErr = syscall.GetsockoptInt(int(descriptor), syscall.SOL_SOCKET, syscall.SO_ACCEPTCONN)
	})
	switch {
	case err != nil:
		return err
	case optionErr != nil:
		return os.NewSyscallError("getsockopt", optionErr)
	case listens == 0:
		return errors.New("it does not listen: the .socket unit has ListenStream= and no Accept=yes")
	}
	return nil
}
