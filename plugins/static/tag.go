package static

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The bounds of what tags are made of by reading.
const (
	maxHashed = 256 << 20 // the size of a file
	maxTags   = 4096      // how many are remembered
)

// tags makes the entity tags of a content and remembers those for which a file
// had to be read.
type tags struct {
	source source
	hash   bool // wherever it is possible

	mu    sync.Mutex // guards known
	known map[string]*tag
}

// A tag is what was read of a file while it had that time and size.
type tag struct {
	time time.Time
	size int64
	once sync.Once
	text string // "" if it could not be read
}

// of returns the tag of a file that is stored under a name, in quotes, or "" if
// it has none. It is strong: the bytes of two files of one name and one tag are
// the same.
func (t *tags) of(stored string, f File) string {
	modified, size := f.Info.ModTime(), f.Info.Size()
	if entry, is := f.Info.Sys().(*zip.FileHeader); is && !t.hash {
		return fmt.Sprintf(`"%08x-%x%s"`, entry.CRC32, size, f.Coding)
	}
	if (t.hash || isNoTime(modified)) && size <= maxHashed {
		if hashed := t.read(stored, modified, size); hashed != "" {
			return `"` + hashed + `"`
		}
	}
	if isNoTime(modified) {
		return ""
	}
	return `"` + strconv.FormatInt(modified.UnixNano(), 36) + "-" + strconv.FormatInt(size, 36) + string(f.Coding) + `"`
}

// isNoTime is how net/http takes a time.
func isNoTime(t time.Time) bool { return t.IsZero() || t.Equal(time.Unix(0, 0)) }

// read returns what a file holds as a tag. Of several who ask for one only the
// first reads it, and the others wait.
func (t *tags) read(stored string, modified time.Time, size int64) string {
	t.mu.Lock()
	found := t.known[stored]
	if found == nil || !found.time.Equal(modified) || found.size != size {
		found = &tag{time: modified, size: size}
		t.remember(stored, found)
	}
	t.mu.Unlock()
	found.once.Do(func() { found.text = found.sum(t.source, stored) })
	if found.text == "" { // the next one may have more luck
		t.mu.Lock()
		if t.known[stored] == found {
			delete(t.known, stored)
		}
		t.mu.Unlock()
	}
	return found.text
}

func (t *tags) remember(stored string, added *tag) {
	if t.known == nil {
		t.known = map[string]*tag{}
	}
	for name := range t.known {
		if len(t.known) < maxTags {
			break
		}
		delete(t.known, name)
	}
	t.known[stored] = added
}

// forget drops what was read of a source that is another one now.
func (t *tags) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.known = nil
}

// sum returns the beginning of the SHA-256 of a file, or "" if it cannot be
// read, which whoever sends it will find out, or is another one than t is of:
// the one that is sent was open before.
func (t *tag) sum(s source, name string) string {
	file, info, err := s.open(name)
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // it was only read
	if info.IsDir() {
		return ""
	}
	read := sumOf(file)
	if info, err = file.Stat(); err != nil || info.Size() != t.size || !info.ModTime().Equal(t.time) {
		return ""
	}
	return read
}

func sumOf(file fs.File) string {
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return ""
	}
	return hex.EncodeToString(hash.Sum(nil)[:16])
}

// quoted returns a tag as it is sent: what a user has given without quotes is
// put into them.
func quoted(tag string) string {
	if tag == "" || strings.HasPrefix(tag, `"`) || strings.HasPrefix(tag, `W/"`) {
		return tag
	}
	return `"` + tag + `"`
}
