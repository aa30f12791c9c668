package partialcontent

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/httpheader"
)

// A multipart is what is sent for several ranges: multipart/byteranges (RFC 9110
// section 14.6).
type multipart struct {
	boundary string
	ranges   []httpheader.ByteRange // ascending, apart from each other
	heads    []string               // what comes before each of them
	tail     string                 // what comes after the last one
	length   int64                  // of all of it
}

// newMultipart returns what is sent for ranges of a body of that length and
// type.
func newMultipart(ranges []httpheader.ByteRange, length int64, contentType string) *multipart {
	m := &multipart{boundary: rand.Text(), ranges: ranges}
	delimiter := "--" + m.boundary
	if contentType != "" && !strings.ContainsAny(contentType, "\r\n") {
		contentType = "Content-Type: " + contentType + "\r\n"
	} else {
		contentType = ""
	}
	for i, r := range ranges {
		head := delimiter + "\r\n" + contentType + "Content-Range: " + contentRange(r, length) + "\r\n\r\n"
		if i > 0 {
			head = "\r\n" + head
		}
		m.heads = append(m.heads, head)
		m.length += int64(len(head)) + r.Len()
	}
	m.tail = "\r\n" + delimiter + "--\r\n"
	m.length += int64(len(m.tail))
	return m
}

// send makes the response one of several ranges.
func (m *multipart) send(out *app.Outgoing) {
	out.Status = http.StatusPartialContent
	out.Header["Content-Type"] = []string{"multipart/byteranges; boundary=" + m.boundary}
	out.Wrap(func(next io.Writer) app.BodyWriter { return &parts{multipart: m, next: next} })
}

// parts lets the ranges of the body that is written through, with what stands
// between them.
type parts struct {
	*multipart

	next    io.Writer
	current int   // the range that comes next, or is under way
	at      int64 // how much of the body has come
}

func (p *parts) Write(data []byte) (int, error) {
	end := p.at + int64(len(data))
	for p.current < len(p.ranges) {
		r := p.ranges[p.current]
		first, last := max(r.First, p.at), min(r.Last+1, end)
		if first >= last {
			break
		}
		if first == r.First {
			if _, err := io.WriteString(p.next, p.heads[p.current]); err != nil {
				return 0, err
			}
		}
		if _, err := p.next.Write(data[first-p.at : last-p.at]); err != nil {
			return 0, err
		}
		if last <= r.Last {
			break
		}
		p.current++
	}
	p.at = end
	return len(data), nil
}

// Length returns the length of all parts.
func (p *parts) Length() int64 { return p.length }

func (p *parts) Flush() error { return nil }
func (p *parts) Abort()       {}

// Close ends the last part. It fails if the body was shorter than it was said to
// be.
func (p *parts) Close() error {
	if missing := len(p.ranges) - p.current; missing > 0 {
		return fmt.Errorf("send ranges: %d of %d are missing: %w", missing, len(p.ranges), io.ErrUnexpectedEOF)
	}
	_, err := io.WriteString(p.next, p.tail)
	return err
}
