//go:build !unix

package engine

import (
	"errors"
	"os"
)

// openInherited fails: other systems pass no descriptors on.
func openInherited(uintptr, string) (*os.File, error) { return nil, errors.ErrUnsupported }

func checkListens(*os.File) error { return nil }
