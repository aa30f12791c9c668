package compression

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/chitor-go/chitor/app"
)

// readerMemory is what a reader of gzip or deflate holds at most, with its
// input's buffer, and what any reader is taken to hold that does not say more.
const readerMemory = 96 << 10

// keptMemory is what a stage may hold that waits for the next body. A larger
// one is left to the garbage collector.
const keptMemory = 1 << 20

// A decoder is a content coding that the bodies of requests may have, with the
// stages that wait for the next body.
type decoder struct {
	name      string
	newReader func() (Reader, error)
	budget    *budget   // of all decoders of the installation
	stages    sync.Pool // of *stage
}

// take returns a stage that decodes what it reads from source, at most limit
// bytes if that is positive. What the stage holds is taken from the budget.
func (d *decoder) take(source io.Reader, limit int64) (*stage, error) {
	s, _ := d.stages.Get().(*stage)
	if s == nil {
		made, err := d.newStage()
		if err != nil {
			return nil, err
		}
		s = made
	}
	if !d.budget.take(s.held) {
		d.stages.Put(s)
		return nil, d.budget.full
	}
	s.feed.Reader, s.limit, s.left = source, limit, limit
	return s, nil
}

func (d *decoder) newStage() (*stage, error) {
	reader, err := d.newReader()
	if err != nil {
		return nil, &app.Error{Status: http.StatusInternalServerError, Err: fmt.Errorf("compression: open %s reader: %w", d.name, err)}
	}
	s := &stage{decoder: d, reader: reader, held: readerMemory}
	s.input = bufio.NewReader(&s.feed)
	if reader, ok := reader.(BudgetReader); ok {
		reader.SetBudget(s.hold)
	}
	return s, nil
}
