package static

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A zipFile is an archive at a path. When another one is there, that one is
// opened, and the old one is closed when nobody reads from it any more. Where
// there is none, or one that cannot be read, the old one stays.
type zipFile struct {
	path    string // as it was given, absolute from start on
	log     *slog.Logger
	look    interval
	renewed func()

	mu      sync.RWMutex // guards what follows
	current *archive
	seen    fs.FileInfo // of the file that was opened last, or could not be
}

func (s *zipFile) start(renewed func()) error {
	given := s.path
	absolute, err := filepath.Abs(given)
	if err != nil {
		return fmt.Errorf("archive %q: %w", given, err)
	}
	s.path, s.renewed = absolute, renewed
	s.current, err = openArchive(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("archive %q is not there: create it, or run the program where it is; %s was looked for: %w", given, s.path, err)
	case err != nil:
		return fmt.Errorf("archive %q: %w", given, err)
	}
	s.seen = s.current.info
	s.tellLeftOut()
	s.look.over()
	return nil
}

func (s *zipFile) tellLeftOut() {
	if left := s.current.leftOut; len(left) > 0 {
		s.log.Warn("an archive has entries that are not served: their names lead elsewhere, or stand twice, or they cannot be read",
			"archive", s.path, "entries", len(left), "first", left[0])
	}
}

func (s *zipFile) stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.current.release()
	return nil
}

// hold returns the archive, which the caller releases.
func (s *zipFile) hold() *archive {
	s.mu.RLock()
	defer s.mu.RUnlock()
	s.current.users.Add(1)
	return s.current
}

func (s *zipFile) open(name string) (fs.File, fs.FileInfo, error) {
	if s.look.over() {
		s.renew()
	}
	return s.hold().open(name)
}

func (s *zipFile) tree() fs.FS { return openFS{s} }

// renew opens the file again if it is not the one that was opened last.
func (s *zipFile) renew() {
	found, err := os.Stat(s.path)
	if err != nil {
		return
	}
	s.mu.Lock()
	same := os.SameFile(found, s.seen) && found.Size() == s.seen.Size() && found.ModTime().Equal(s.seen.ModTime())
	s.seen = found
	s.mu.Unlock()
	if same {
		return
	}
	opened, err := openArchive(s.path)
	if err != nil {
		s.log.Warn("an archive has changed and cannot be read: what it was is served", "archive", s.path, "error", err)
		return
	}
	s.mu.Lock()
	old := s.current
	s.current, s.seen = opened, opened.info
	s.mu.Unlock()
	old.release()
	s.tellLeftOut()
	s.renewed()
}

// openFS opens by a source that is current.
type openFS struct{ source source }

func (f openFS) Open(name string) (fs.File, error) {
	file, _, err := f.source.open(name)
	return file, err
}

// entryInfo describes an entry. A time that is the first year of the format
// stands for none: tools write it so that equal files make equal archives.
type entryInfo struct {
	fs.FileInfo
	entry *zip.FileHeader
}

func (i entryInfo) ModTime() time.Time {
	if modified := i.entry.Modified; modified.Year() > 1980 {
		return modified
	}
	return time.Time{}
}

// An entryFile is a compressed entry that is being read. It does not seek, so
// it has no ranges: to read up to one would cost as much as to send all of it.
type entryFile struct {
	io.ReadCloser
	info    entryInfo
	archive *archive
}

func (f *entryFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *entryFile) Close() error {
	err := f.ReadCloser.Close()
	f.archive.release()
	return err
}

// A storedFile is an entry that is stored without compression, which seeks.
type storedFile struct {
	*io.SectionReader
	info    entryInfo
	archive *archive
}

func (f *storedFile) Stat() (fs.FileInfo, error) { return f.info, nil }

func (f *storedFile) Close() error {
	f.archive.release()
	return nil
}
