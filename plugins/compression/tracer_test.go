package compression_test

import (
	"io"
	"slices"
	"strings"
	"sync"
	"testing/synctest"

	"github.com/chitor-go/chitor/plugins/compression"
)

// A tracer makes writers that note what is done with them, and fail where they
// are told to.
type tracer struct {
	fails   string
	failure error

	mu    sync.Mutex
	notes []string
}

// encoder leaves out of the log the writer that is made when the plugin is
// installed.
func (tr *tracer) encoder(name string) compression.Encoder {
	installed := false
	return compression.Encoder{Name: name, NewWriter: func(int) (compression.Writer, error) {
		if installed {
			tr.note("new")
		}
		installed = true
		return &traced{log: tr}, nil
	}}
}

func (tr *tracer) note(entry string) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.notes = append(tr.notes, entry)
	if verb, _, _ := strings.Cut(entry, " "); verb == tr.fails {
		return tr.failure
	}
	return nil
}

// entries returns the log when the server has nothing left to do. It must be
// called in a bubble.
func (tr *tracer) entries() []string {
	synctest.Wait()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return slices.Clone(tr.notes)
}

type traced struct {
	log *tracer
	out io.Writer
}

func (w *traced) Write(p []byte) (int, error) {
	if err := w.log.note("write " + string(p)); err != nil {
		return 0, err
	}
	return w.out.Write(p)
}

func (w *traced) Flush() error { return w.log.note("flush") }

func (w *traced) Close() error { return w.log.note("close") }

func (w *traced) Reset(out io.Writer) {
	w.out = out
	if out == nil {
		w.log.note("unbind")
	} else {
		w.log.note("reset")
	}
}
