package sse_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// A ledger is a middleware that notes what each flush of a stream sends, with the
// time since it was made: "1ms a b" are two events, or beats, in one write.
type ledger struct {
	began time.Time
	fault func(text string) error // what a flush of text ends with, nil if with nothing

	mu    sync.Mutex
	lines []string
}

func newLedger() *ledger { return &ledger{began: time.Now()} }

func (l *ledger) around(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next.ServeHTTP(&ledgerWriter{ResponseWriter: w, ledger: l}, r)
	})
}

// noted returns what was flushed by now.
func (l *ledger) noted() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string{}, l.lines...)
}

// note notes the first words of what was flushed, which are data or comments.
func (l *ledger) note(text string) {
	var words []string
	for line := range strings.Lines(text) {
		name, value, _ := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if name == "data" || name == "" && value != "" {
			words = append(words, strings.Fields(value)[0])
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, fmt.Sprint(time.Since(l.began), " ", strings.Join(words, " ")))
}

// A ledgerWriter is used by one goroutine at a time, as every response writer.
type ledgerWriter struct {
	http.ResponseWriter
	ledger *ledger
	text   strings.Builder // since the last flush
}

func (w *ledgerWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *ledgerWriter) Write(p []byte) (int, error) {
	w.text.Write(p)
	return w.ResponseWriter.Write(p)
}

func (w *ledgerWriter) FlushError() error {
	text := w.text.String()
	w.text.Reset()
	if text != "" {
		w.ledger.note(text)
		if fault := w.ledger.fault; fault != nil {
			if err := fault(text); err != nil {
				return err
			}
		}
	}
	return http.NewResponseController(w.ResponseWriter).Flush()
}
