package static

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
)

// A folder is a directory of the operating system, which nothing is served from
// outside of: os.Root resolves the names. It stays the directory that it was
// when its path leads to another one, so the path is looked at again and again.
type folder struct {
	path    string // as it was given, absolute from start on
	look    interval
	renewed func()

	mu   sync.RWMutex // guards what follows
	root *os.Root
	info fs.FileInfo // of root
}

func (s *folder) start(renewed func()) error {
	given := s.path
	absolute, err := filepath.Abs(given)
	if err != nil {
		return fmt.Errorf("directory %q: %w", given, err)
	}
	s.path, s.renewed = absolute, renewed
	root, info, err := openRoot(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("directory %q is not there: create it, or run the program where it is; %s was looked for: %w", given, s.path, err)
	case err != nil:
		return fmt.Errorf("directory %q: %w", given, err)
	}
	s.root, s.info = root, info
	s.look.over()
	return nil
}

func openRoot(path string) (*os.Root, fs.FileInfo, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, nil, err
	}
	if !info.IsDir() { // to open a named pipe would block
		return nil, nil, fmt.Errorf("%s is not a directory", path)
	}
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, nil, err
	}
	if info, err = root.Stat("."); err != nil {
		return nil, nil, errors.Join(err, root.Close())
	}
	return root, info, nil
}

func (s *folder) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.root.Close()
}

func (s *folder) tree() fs.FS {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.root.FS()
}

func (s *folder) open(name string) (fs.File, fs.FileInfo, error) {
	if runtime.GOOS == "windows" && !isForWindows(name) {
		return nil, nil, missing(name)
	}
	if s.look.over() {
		s.renew()
	}
	s.mu.RLock()
	file, err := s.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonblocking, 0)
	s.mu.RUnlock()
	if err != nil {
		return nil, nil, plainly(err, name)
	}
	return fileOrFolder(file, name)
}

// plainly makes an error of os.Root itself, which is that a name leads out of
// it, one of a file that is not there.
func plainly(err error, name string) error {
	var failed *fs.PathError
	var code syscall.Errno
	if errors.As(err, &failed) && !errors.As(failed.Err, &code) && !errors.Is(err, os.ErrClosed) {
		return missing(name)
	}
	return err
}

// renew opens the directory again if the path leads to another one than it did.
// Where it leads to none, what was open stays: somebody may be replacing it.
func (s *folder) renew() {
	found, err := os.Stat(s.path)
	s.mu.RLock()
	same := err != nil || os.SameFile(found, s.info)
	s.mu.RUnlock()
	if same {
		return
	}
	root, info, err := openRoot(s.path)
	if err != nil {
		return
	}
	s.mu.Lock()
	old := s.root
	s.root, s.info = root, info
	s.mu.Unlock()
	_ = old.Close() // what was opened in it stays open
	s.renewed()
}
