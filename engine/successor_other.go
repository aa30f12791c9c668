//go:build !unix

package engine

import (
	"context"
	"errors"
	"os"
)

func restartSignals() []os.Signal { return nil }

func (s *Server) startSuccessor(context.Context) (pid int, err error) {
	return 0, errors.ErrUnsupported
}

func openReady(uintptr) *os.File { return nil }
