package static

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// An archive is one that is open, with an index of its entries. It is closed
// when nobody uses it: who has opened a file of it, and the source of which it
// is the current one.
type archive struct {
	file    *os.File
	info    fs.FileInfo
	entries map[string]*zip.File
	folders map[string][]string // the names right below each
	leftOut []string            // the entries that are not served
	users   atomic.Int64
}

func openArchive(path string) (*archive, error) {
	if info, err := os.Stat(path); err != nil {
		return nil, err
	} else if !info.Mode().IsRegular() { // to open a named pipe would block
		return nil, fmt.Errorf("%s is not a file", path)
	}
	file, err := os.Open(path) //nolint:gosec // it is the program's own
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	reader, err := zip.NewReader(file, info.Size())
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // those are left out
		return nil, errors.Join(fmt.Errorf("read %s: %w", path, err), file.Close())
	}
	a := &archive{file: file, info: info, entries: map[string]*zip.File{}, folders: map[string][]string{".": nil}}
	a.users.Store(1)
	a.index(reader.File)
	return a, nil
}

// index files the entries that are served. Of two of one name the last counts,
// as in most tools that unpack.
func (a *archive) index(entries []*zip.File) {
	for _, entry := range entries {
		name, folder := strings.CutSuffix(entry.Name, "/")
		plain := fs.ValidPath(name) && name != "." && !strings.Contains(name, `\`)
		switch {
		case plain && folder:
			a.addFolder(name)
		case plain && isReadable(entry):
			if a.entries[name] != nil {
				a.leftOut = append(a.leftOut, name)
			}
			a.entries[name] = entry
			a.addTo(path.Dir(name), name)
		default:
			a.leftOut = append(a.leftOut, entry.Name)
		}
	}
}

// isReadable reports whether an entry is a file whose bytes can be read: not
// one that is encrypted, compressed in another way, or longer than it may be.
func isReadable(entry *zip.File) bool {
	const encrypted = 1
	if !entry.Mode().IsRegular() || entry.Flags&encrypted != 0 || entry.UncompressedSize64 > 1<<62 {
		return false
	}
	switch entry.Method {
	case zip.Store:
		return entry.CompressedSize64 == entry.UncompressedSize64
	case zip.Deflate:
		return true
	default:
		return false
	}
}

func (a *archive) addFolder(name string) {
	if _, known := a.folders[name]; !known {
		a.folders[name] = nil
		a.addTo(path.Dir(name), name)
	}
}

func (a *archive) addTo(folder, name string) {
	if _, known := a.folders[folder]; !known {
		a.addFolder(folder)
	}
	a.folders[folder] = append(a.folders[folder], path.Base(name))
}

// open opens a file or folder, and releases the archive when that is closed.
func (a *archive) open(name string) (fs.File, fs.FileInfo, error) {
	file, info, err := a.find(name)
	if err != nil {
		a.release()
	}
	return file, info, err
}

func (a *archive) find(name string) (fs.File, fs.FileInfo, error) {
	entry, is := a.entries[name]
	if !is {
		names, isFolder := a.folders[name]
		if !isFolder {
			return nil, nil, missing(name)
		}
		folder := &folderOfArchive{name: name, archive: a, names: names}
		return folder, folder, nil
	}
	info := entryInfo{entry.FileInfo(), &entry.FileHeader}
	if entry.Method == zip.Store {
		offset, err := entry.DataOffset()
		if err != nil {
			return nil, nil, fmt.Errorf("open %s: %w", name, err)
		}
		section := io.NewSectionReader(a.file, offset, int64(entry.UncompressedSize64))
		return &storedFile{section, info, a}, info, nil
	}
	reader, err := entry.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("open %s: %w", name, err)
	}
	return &entryFile{reader, info, a}, info, nil
}

// release gives back what a user has held.
func (a *archive) release() {
	if a.users.Add(-1) == 0 {
		_ = a.file.Close() // it was only read
	}
}

// folderOfArchive is a folder of an archive, and its own description.
type folderOfArchive struct {
	name    string
	archive *archive
	names   []string // what remains to be read of it
}

func (f *folderOfArchive) Name() string               { return path.Base(f.name) }
func (f *folderOfArchive) Size() int64                { return 0 }
func (f *folderOfArchive) Mode() fs.FileMode          { return fs.ModeDir | 0o555 }
func (f *folderOfArchive) ModTime() time.Time         { return time.Time{} }
func (f *folderOfArchive) IsDir() bool                { return true }
func (f *folderOfArchive) Sys() any                   { return nil }
func (f *folderOfArchive) Stat() (fs.FileInfo, error) { return f, nil }
func (f *folderOfArchive) Read([]byte) (int, error)   { return 0, missing(f.name) }

func (f *folderOfArchive) Close() error {
	f.archive.release()
	return nil
}

// ReadDir is for walks, which read a folder once.
func (f *folderOfArchive) ReadDir(int) ([]fs.DirEntry, error) {
	sorted := slices.Clone(f.names)
	slices.Sort(sorted)
	found := make([]fs.DirEntry, 0, len(sorted))
	for _, name := range slices.Compact(sorted) {
		whole := path.Join(f.name, name)
		if entry, is := f.archive.entries[whole]; is {
			found = append(found, fs.FileInfoToDirEntry(entryInfo{entry.FileInfo(), &entry.FileHeader}))
		} else {
			found = append(found, fs.FileInfoToDirEntry(&folderOfArchive{name: whole}))
		}
	}
	f.names = nil
	return found, nil
}
