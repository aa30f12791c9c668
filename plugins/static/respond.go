package static

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"net/http"
	"os"
	"path"
	"strings"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// serve answers a call for a file, or passes it on.
func (s *content) serve(c *app.Call) error {
	if s.config.Skip != nil && s.config.Skip(c) {
		return app.ErrPass
	}
	asked, plain := requested(c, s.config.DotFiles)
	if !plain {
		return s.respondMissing(c, "")
	}
	wanted, kept := asked, keepNot
	if s.config.Assets != nil {
		wanted.name, kept = s.config.Assets.plainName(asked.name)
	}
	opened, err := s.find(wanted)
	switch {
	case err == nil:
		return s.respond(c, opened, kept)
	case errors.Is(err, errExcluded):
		return c.RespondStatus(http.StatusForbidden)
	case errors.Is(err, fs.ErrPermission):
		return &app.Error{Status: http.StatusForbidden, Err: fmt.Errorf("serve a file: %w", err)}
	case isMissing(err):
		return s.respondMissing(c, asked.name)
	default:
		return fmt.Errorf("serve a file: %w", err)
	}
}

// respondMissing answers for what is not there, if it is configured to. The name
// is "" where the path could be none.
func (s *content) respondMissing(c *app.Call, name string) error {
	if s.config.Default != "" {
		opened, err := s.openFile(s.config.Default)
		if err == nil {
			return s.respond(c, opened, keepNot)
		}
		if !isMissing(err) {
			return fmt.Errorf("serve the default file: %w", err)
		}
	}
	if s.config.Fallback != nil && name != "" {
		if name == "." {
			name = ""
		}
		if err := s.config.Fallback(c, name); err != nil {
			return err
		}
	}
	if c.Answered() {
		return nil
	}
	return app.ErrPass
}

// respond answers with a file, which is closed then.
func (s *content) respond(c *app.Call, opened *found, kept keep) error {
	handed := false
	defer func() { // also when a function of the configuration panics
		if !handed {
			_ = opened.file.Close() // it was only read
		}
	}()
	if opened.index && s.config.RedirectFolders {
		if location, needed := withSlash(c); needed {
			return c.RespondPermanentRedirect(location)
		}
	}
	if kept == keepForever && !s.config.Assets.isAsLoaded(opened.sent) {
		kept = keepChecked
	}
	if len(s.config.PreCompressed) > 0 {
		httpheader.AddVary(c.Header(), "Accept-Encoding")
		opened = s.variantOf(opened, c.Request.Header["Accept-Encoding"])
	}
	before := s.headerBefore(c)
	s.describe(c.Header(), opened, kept)
	if s.config.Modify != nil {
		if err := s.config.Modify(c, opened.sent); err != nil || c.Answered() {
			if errors.Is(err, app.ErrPass) { // what answers is no such file
				clear(c.Header())
				maps.Copy(c.Header(), before)
			}
			return err
		}
	}
	modified := opened.sent.Info.ModTime()
	if s.config.LastModified != nil {
		modified = s.config.LastModified(opened.sent)
	}
	handed = true
	return c.RespondFile(only{opened, modified}, opened.sent.Name)
}

// headerBefore returns the header of a response that Modify may pass on.
func (s *content) headerBefore(c *app.Call) http.Header {
	if s.config.Modify == nil {
		return nil
	}
	return c.Header().Clone()
}

// withSlash returns the location of the folder that a call has asked for with a
// slash at its end, and whether it has no slash there. It looks at the path as
// it arrived: a middleware that takes slashes away would make a circle.
func withSlash(c *app.Call) (location string, needed bool) {
	u := c.Arrived().URL
	escaped := u.EscapedPath()
	if escaped == "" || strings.HasSuffix(escaped, "/") {
		return "", false
	}
	location = "./" + path.Base(escaped) + "/"
	if u.RawQuery != "" {
		location += "?" + u.RawQuery
	}
	return location, true
}

// variantOf returns the stored variant of a file that the client prefers, if
// there is one, and closes the file then.
func (s *content) variantOf(plain *found, lines []string) *found {
	if lines == nil {
		return plain
	}
	for _, coding := range accepted(s.config.PreCompressed, lines) {
		variant, err := s.openFile(plain.sent.Name + "." + coding.extension())
		if err != nil {
			continue
		}
		_ = plain.file.Close() // it was only read
		variant.sent.Name, variant.sent.Coding = plain.sent.Name, coding
		return variant
	}
	return plain
}

// describe sets the headers of a file but for those of [app.Call.RespondFile].
func (s *content) describe(header http.Header, opened *found, kept keep) {
	sent := opened.sent
	if sent.Coding != "" {
		header.Set("Content-Encoding", string(sent.Coding))
	}
	if s.config.ContentType != nil {
		if contentType := s.config.ContentType(sent); contentType != "" {
			header.Set("Content-Type", contentType)
		}
	}
	control := ""
	if s.config.CacheControl != nil {
		control = s.config.CacheControl(sent)
	}
	switch {
	case kept == keepForever:
		control = "public, max-age=31536000, immutable"
	case control == "" && (kept == keepChecked || s.config.Assets != nil):
		control = "no-cache"
	}
	if control != "" {
		header.Set("Cache-Control", control)
	}
	if tag := s.tagOf(opened); tag != "" {
		header.Set("ETag", tag)
	}
}

func (s *content) tagOf(opened *found) string {
	if s.config.ETag != nil {
		return quoted(s.config.ETag(opened.sent))
	}
	return s.tags.of(opened.stored, opened.sent)
}

// only is a file system of one file, which is open already.
type only struct {
	*found

	modified time.Time
}

// Open returns the file as it was when its headers were made: it may have
// changed since, and another length would go with another tag. A file of the
// operating system stays one, so that it is sent without copying it.
func (o only) Open(string) (fs.File, error) {
	info := o.sent.Info
	if !info.ModTime().Equal(o.modified) {
		info = datedInfo{info, o.modified}
	}
	switch file := o.file.(type) {
	case *os.File:
		return describedFile{file, info}, nil
	case io.Seeker:
		return describedSeeker{o.file, file, info}, nil
	default:
		return described{o.file, info}, nil
	}
}

type datedInfo struct {
	fs.FileInfo
	modified time.Time
}

func (i datedInfo) ModTime() time.Time { return i.modified }

// These are files with a description of their own.
type (
	described struct {
		fs.File
		info fs.FileInfo
	}
	describedSeeker struct {
		fs.File
		io.Seeker
		info fs.FileInfo
	}
	describedFile struct {
		*os.File
		info fs.FileInfo
	}
)

func (f described) Stat() (fs.FileInfo, error)       { return f.info, nil }
func (f describedSeeker) Stat() (fs.FileInfo, error) { return f.info, nil }
func (f describedFile) Stat() (fs.FileInfo, error)   { return f.info, nil }

// Seek takes the size for what it was.
func (f describedFile) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		offset, whence = offset+f.info.Size(), io.SeekStart
	}
	return f.File.Seek(offset, whence)
}
