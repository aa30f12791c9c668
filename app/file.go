package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"github.com/chitor-go/chitor/internal/httpheader"
)

// RespondFile answers with a file of fsys, or of the operating system if fsys
// is nil; there names need not be local. The type is that of [ContentTypeOf]
// unless Content-Type is set already. A file that does not exist, is a directory
// or has no valid name is an [Error] with 404.
//
// To GET and HEAD, unless a status was set, it answers conditions and ranges as
// RFC 9110 section 13.2.2 orders them: 304 and 412 by the time of the file, which
// is sent as Last-Modified, and by the ETag that was set, if one was; 206 or 416
// for a Range that If-Range does not take back. A file system whose files do not
// seek, and a Content-Encoding that was set without an ETag, have no ranges, and
// who asks for more than 200 at once gets the whole file.
//
// Ktor: respondFile, with ConditionalHeaders and PartialContent.
func (c *Call) RespondFile(fsys fs.FS, name string) error {
	if err := c.unanswerable(); err != nil {
		return err
	}
	file, err := open(fsys, name)
	if err != nil {
		if isNoFile(err) {
			return &Error{Status: http.StatusNotFound, Err: fmt.Errorf("respond with file: %w", err)}
		}
		return fmt.Errorf("respond with file: %w", err)
	}
	info, err := file.Stat()
	if err != nil {
		return fmt.Errorf("respond with file: %w", errors.Join(err, file.Close()))
	}
	if !info.Mode().IsRegular() {
		err := errors.Join(fmt.Errorf("respond with file: %s is not a file", name), file.Close())
		return &Error{Status: http.StatusNotFound, Err: err}
	}
	c.defaultType(ContentTypeOf(name))
	if set := c.Status(); set != 0 && set != http.StatusOK || c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		return c.Respond(sized{file, info.Size()})
	}
	c.Header().Del("Content-Length") // it depends on the range
	return c.Respond(conditional{file, info})
}

func open(fsys fs.FS, name string) (fs.File, error) {
	if fsys == nil {
		return os.Open(filepath.Clean(name))
	}
	return fsys.Open(name)
}

// isNoFile reports whether an error of opening says that there is no such file,
// or that there cannot be one: a file is not a directory, and systems refuse
// names with NUL bytes and long ones.
func isNoFile(err error) bool {
	for _, none := range []error{fs.ErrNotExist, fs.ErrInvalid, syscall.EINVAL, syscall.ENOTDIR, syscall.ENAMETOOLONG} {
		if errors.Is(err, none) {
			return true
		}
	}
	return false
}

// sized is a reader whose length is known.
type sized struct {
	io.ReadCloser
	length int64
}

// conditional is a file of which a call may get a part, or nothing.
type conditional struct {
	fs.File
	info fs.FileInfo
}

// stream lets net/http look at conditions and ranges, below our commit.
func (f conditional) stream(c *Call) Stream {
	return func(w http.ResponseWriter) error {
		defer f.Close() //nolint:errcheck // it was only read
		r, content := c.Request, f.content(c)
		_, whole := content.(unseekable)
		whole = whole || w.Header()["Content-Encoding"] != nil && w.Header()["Etag"] == nil
		w = fileWriter{w, f.info.Size(), whole}
		if whole || r.Method != http.MethodGet || asksForTooMany(r) { // RFC 9110 section 14.2
			r = withoutRange(r)
		}
		http.ServeContent(w, r, "", f.info.ModTime(), content)
		return nil
	}
}

// content returns the file as http.ServeContent wants it. Of several ranges it
// reads on a goroutine of its own, where nobody recovers a foreign file.
func (f conditional) content(c *Call) io.ReadSeeker {
	seeker, seeks := f.File.(io.ReadSeeker)
	switch {
	case !seeks:
		return unseekable{f.File, f.info.Size()}
	case strings.Contains(c.Request.Header.Get("Range"), ","):
		return recoveredFile{seeker}
	default:
		return seeker
	}
}

// maxFileRanges is how many ranges of a file a request may ask for, which is
// what Apache allows. http.ServeContent has no limit, and puts more than a
// hundred bytes around each single one.
const maxFileRanges = 200

func asksForTooMany(r *http.Request) bool {
	return strings.Count(r.Header.Get("Range"), ",") >= maxFileRanges
}

func withoutRange(r *http.Request) *http.Request {
	if r.Header["Range"] == nil {
		return r
	}
	copied := *r
	copied.Header = r.Header.Clone()
	copied.Header.Del("Range")
	return &copied
}

// unseekable is a file that is read from its beginning to its end. It can say
// how long it is, which is all that http.ServeContent asks of one without
// ranges.
type unseekable struct {
	io.Reader
	size int64
}

func (u unseekable) Seek(offset int64, whence int) (int64, error) {
	if whence == io.SeekEnd {
		return u.size + offset, nil
	}
	return offset, nil
}

// recoveredFile is a file whose panics are errors.
type recoveredFile struct{ io.ReadSeeker }

func (f recoveredFile) Read(p []byte) (n int, err error) {
	err = recovered(func(p []byte) (err error) {
		n, err = f.ReadSeeker.Read(p)
		return err
	}, p)
	return n, err
}

// fileWriter is the writer of a file. To one that is encoded http.ServeContent
// gives no length, in case that somebody else is encoding it. A cache that was
// told to keep the file must not keep 412 or 416 in its place, and what
// describes the file is wrong about the nothing that 412 has for a body.
type fileWriter struct {
	http.ResponseWriter

	length int64
	whole  bool // without ranges
}

func (w fileWriter) WriteHeader(status int) {
	header := w.Header()
	if w.whole {
		header.Del("Accept-Ranges")
	}
	if status == http.StatusPreconditionFailed {
		deleteRepresentation(header)
	}
	if status >= http.StatusBadRequest {
		httpheader.DeleteKeeping(header)
	}
	if status == http.StatusOK && header["Content-Length"] == nil {
		header.Set("Content-Length", strconv.FormatInt(w.length, 10))
	}
	w.ResponseWriter.WriteHeader(status)
}

// ReadFrom lets net/http send the file without copying it.
func (w fileWriter) ReadFrom(r io.Reader) (int64, error) { return io.Copy(w.ResponseWriter, r) }

func (w fileWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
