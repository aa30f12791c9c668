package compression

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// A decoder is a content coding that the bodies of requests may have, with the
// stages that wait for the next body.
type decoder struct {
	name      string
	newReader func() (Reader, error)
	stages    sync.Pool // of *stage
}

// take returns a stage that decodes what it reads from source, at most limit
// bytes if that is positive.
func (d *decoder) take(source io.Reader, limit int64) (*stage, error) {
	s, _ := d.stages.Get().(*stage)
	if s == nil {
		reader, err := d.newReader()
		if err != nil {
			return nil, &app.Error{Status: http.StatusInternalServerError, Err: fmt.Errorf("compression: open %s reader: %w", d.name, err)}
		}
		s = &stage{decoder: d, reader: reader}
		s.input = bufio.NewReader(&s.feed)
	}
	s.feed.Reader, s.limit, s.left = source, limit, limit
	return s, nil
}
