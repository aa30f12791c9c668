package reference

import (
	"context"
	"net/http"
	"sync"
	"time"
)

// WriteTimeout is how long the write of one event may take.
const WriteTimeout = 10 * time.Second

// A Stream is an open event stream. Its methods may be called from any
// goroutine.
type Stream struct {
	w          http.ResponseWriter
	controller *http.ResponseController

	mu  sync.Mutex // orders writes, guards buf and err
	buf []byte
	err error
}

// Handler serves an event stream: the head is flushed, a comment is sent at
// once and every period (0 sends none), and the stream ends when serve returns.
func Handler(period time.Duration, serve func(context.Context, *Stream) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		header.Set("Content-Type", "text/event-stream")
		header.Set("Cache-Control", "no-store, no-transform")
		header.Set("X-Accel-Buffering", "no")
		w.WriteHeader(http.StatusOK)
		if r.Method == http.MethodHead {
			return
		}
		s := &Stream{w: w, controller: http.NewResponseController(w)}
		if err := s.write(nil); err != nil {
			return
		}
		if period > 0 {
			defer s.beat(period)()
		}
		if err := serve(r.Context(), s); err != nil && r.Context().Err() == nil {
			panic(http.ErrAbortHandler)
		}
		_ = s.controller.SetWriteDeadline(time.Now().Add(WriteTimeout))
	})
}

// Send writes one event and flushes it.
func (s *Stream) Send(id, event, data string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return s.err
	}
	b := s.buf[:0]
	if event != "" {
		b = appendLines(b, "event: ", event)
	}
	b = appendLines(b, "data: ", data)
	if id != "" {
		b = appendLines(b, "id: ", id)
	}
	s.buf = append(b, "\r\n"...)
	s.err = s.write(s.buf)
	return s.err
}

// write sends bytes under a deadline and lifts it.
func (s *Stream) write(b []byte) error {
	_ = s.controller.SetWriteDeadline(time.Now().Add(WriteTimeout))
	if len(b) > 0 {
		if _, err := s.w.Write(b); err != nil {
			return err
		}
	}
	if err := s.controller.Flush(); err != nil {
		return err
	}
	return s.controller.SetWriteDeadline(time.Time{})
}

// beat sends the heartbeat until the function that it returns is called. That
// waits for a beat that is being sent.
func (s *Stream) beat(period time.Duration) (stop func()) {
	var mu sync.Mutex
	var stopped bool
	var timer *time.Timer
	mu.Lock()
	timer = time.AfterFunc(0, func() {
		mu.Lock()
		defer mu.Unlock()
		if stopped {
			return
		}
		s.mu.Lock()
		if s.err == nil {
			s.err = s.write([]byte(": heartbeat\r\n\r\n"))
		}
		s.mu.Unlock()
		timer.Reset(period)
	})
	mu.Unlock()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		stopped = true
		timer.Stop()
	}
}

// appendLines writes a value, one line for each of its lines, whether they end
// in CR, LF or both.
func appendLines(b []byte, name, value string) []byte {
	for {
		end := 0
		for end < len(value) && value[end] != '\r' && value[end] != '\n' {
			end++
		}
		b = append(append(append(b, name...), value[:end]...), "\r\n"...)
		if end == len(value) {
			return b
		}
		if value[end] == '\r' && end+1 < len(value) && value[end+1] == '\n' {
			end++
		}
		value = value[end+1:]
	}
}
