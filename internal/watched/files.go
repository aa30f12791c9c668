package watched

import (
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// Files are where names of files are looked for: in the resources, if there are
// any and the name is one of them, and then in the file system, where one that is
// no absolute path is below the working directory.
type Files struct {
	Resources fs.FS        // nil without
	Logger    *slog.Logger // for files that have changed
}

func (f Files) open(name string) (fs.File, error) {
	if path := filepath.ToSlash(filepath.Clean(name)); f.Resources != nil && fs.ValidPath(path) {
		if file, err := f.Resources.Open(path); !errors.Is(err, fs.ErrNotExist) {
			return file, err
		}
	}
	return os.Open(name) //nolint:gosec // whoever sets up a server names its files
}

// read returns what is in a file, and its state before that was read, which is
// nil for one that cannot be opened.
func (f Files) read(name string) ([]byte, fs.FileInfo, error) {
	file, err := f.open(name)
	if err != nil {
		return nil, nil, err // names the operation and the file
	}
	defer func() { _ = file.Close() }() // it was only read
	state, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	data, err := io.ReadAll(file)
	return data, state, err
}

// state returns the state of a file, or nil if it cannot be opened.
func (f Files) state(name string) fs.FileInfo {
	file, err := f.open(name)
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }() // it was only looked at
	state, err := file.Stat()
	if err != nil {
		return nil
	}
	return state
}

// isSame reports whether a file has not changed between two states: neither its
// length nor its time has, and it is still the same one, as far as its system
// tells.
func isSame(before, now fs.FileInfo) bool {
	if before == nil || now == nil {
		return before == nil && now == nil
	}
	tells := os.SameFile(before, before)
	return before.Size() == now.Size() && before.ModTime().Equal(now.ModTime()) && (!tells || os.SameFile(before, now))
}
