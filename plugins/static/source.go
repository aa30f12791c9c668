package static

import (
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"syscall"
	"time"
)

// A source is where the files of a content are. Between start and stop it is
// used by any goroutine.
type source interface {
	// start opens the source. Renewed is called whenever the source has found
	// out that it is another one.
	start(renewed func()) error
	stop() error
	// open opens a file or folder. What is not there, or is neither, is an error
	// that isMissing knows.
	open(name string) (fs.File, fs.FileInfo, error)
	// tree returns all of it, for a walk.
	tree() fs.FS
}

// isMissing reports whether an error of opening says that there is no such file,
// or that there cannot be one.
func isMissing(err error) bool {
	for _, missing := range []error{
		fs.ErrNotExist, fs.ErrInvalid, syscall.EINVAL, syscall.ENOTDIR, syscall.ENAMETOOLONG, syscall.ELOOP,
		syscall.ENXIO, syscall.ENODEV, // sockets, and devices that are none
	} {
		if errors.Is(err, missing) {
			return true
		}
	}
	return false
}

func missing(name string) error { return &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist} }

// fileOrFolder returns what was opened with its description, if it can be
// served.
func fileOrFolder(file fs.File, name string) (fs.File, fs.FileInfo, error) {
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		err = missing(name)
	}
	if err != nil {
		return nil, nil, errors.Join(err, file.Close())
	}
	return file, info, nil
}

// resources are a file system of the program's own.
type resources struct{ fsys fs.FS }

func (s resources) start(func()) error { return nil }
func (s resources) stop() error        { return nil }
func (s resources) tree() fs.FS        { return s.fsys }

// open looks first where looking is cheap: a directory of the operating system
// may hold what blocks when it is opened.
func (s resources) open(name string) (fs.File, fs.FileInfo, error) {
	if looker, able := s.fsys.(fs.StatFS); able {
		info, err := looker.Stat(name)
		if err == nil && !info.Mode().IsRegular() && !info.IsDir() {
			err = missing(name)
		}
		if err != nil {
			return nil, nil, err
		}
	}
	file, err := s.fsys.Open(name)
	if err != nil {
		return nil, nil, err
	}
	if file == nil {
		return nil, nil, fmt.Errorf("open %s: the file system returned nil", name)
	}
	return fileOrFolder(file, name)
}

// lookInterval is how often a source is compared with what is at its path.
const lookInterval = time.Second

// An interval lets one of those who ask pass in each lookInterval.
type interval struct{ next atomic.Int64 }

func (i *interval) over() bool {
	now, next := time.Now().UnixNano(), i.next.Load()
	return now >= next && i.next.CompareAndSwap(next, now+int64(lookInterval))
}
