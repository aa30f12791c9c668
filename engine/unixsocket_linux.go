package engine

import (
	"io/fs"
	"syscall"
)

// limitMode gives a socket its mode before it has a file, which gets at most
// that: the umask takes away from it.
func limitMode(socket syscall.RawConn, mode fs.FileMode) error {
	if mode == 0 {
		return nil
	}
	var modeErr error
	if err := socket.Control(func(fd uintptr) { modeErr = syscall.Fchmod(int(fd), uint32(mode.Perm())) }); err != nil {
		return err
	}
	return modeErr
}
