package encode_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	ginsse "github.com/gin-contrib/sse"
	"github.com/launchdarkly/eventsource"
	r3sse "github.com/r3labs/sse/v2"
	gosse "github.com/tmaxmax/go-sse"

	"github.com/chitor-go/chitor/bench/reference"
	"github.com/chitor-go/chitor/plugins/sse"
)

// event is what is encoded.
type event struct{ id, name, data string }

func short() event { return event{"1234567890", "update", strings.Repeat("x", 100)} }

// lines is 4 KiB of text in 64 lines, like the answer of a language model.
func lines() event {
	line := "The quick brown fox jumps over the lazy dog, once more, and on.\n"
	return event{"1234567890", "update", strings.TrimSuffix(strings.Repeat(line, 64), "\n")}
}

// An encoder encodes its event once more and returns the bytes, which are valid
// until its next call.
type encoder func() []byte

// variants are the encoders that are compared.
func variants(tb testing.TB, e event) map[string]encoder {
	tb.Helper()
	return map[string]encoder{
		"chitor":          chitor(tb, e),
		"go-sse":          goSSE(tb, e),
		"go-sse-prepared": goSSEPrepared(tb, e),
		"r3labs":          r3labs(tb, e),
		"gin-contrib":     ginContrib(tb, e),
		"launchdarkly":    launchDarkly(tb, e),
		"fprintf":         fprintf(e),
		"reference":       handWritten(tb, e),
	}
}

// check does what require.NoError does, in less time.
func check(tb testing.TB, err error) {
	if err != nil {
		tb.Fatal(err)
	}
}

func chitor(tb testing.TB, e event) encoder {
	var buffer []byte
	return func() []byte {
		encoded, err := sse.Event{ID: e.id, Event: e.name, Data: e.data}.AppendText(buffer[:0])
		check(tb, err)
		buffer = encoded
		return buffer
	}
}

// into returns an encoder that writes to one buffer again and again.
func into(encode func(w *bytes.Buffer)) encoder {
	var buffer bytes.Buffer
	return func() []byte {
		buffer.Reset()
		encode(&buffer)
		return buffer.Bytes()
	}
}

func goSSE(tb testing.TB, e event) encoder {
	return into(func(w *bytes.Buffer) {
		message := &gosse.Message{ID: gosse.ID(e.id), Type: gosse.Type(e.name)}
		message.AppendData(e.data)
		_, err := message.WriteTo(w)
		check(tb, err)
	})
}

// goSSEPrepared splits the data into lines only once, as for many clients.
func goSSEPrepared(tb testing.TB, e event) encoder {
	message := &gosse.Message{ID: gosse.ID(e.id), Type: gosse.Type(e.name)}
	message.AppendData(e.data)
	return into(func(w *bytes.Buffer) {
		_, err := message.WriteTo(w)
		check(tb, err)
	})
}

func ginContrib(tb testing.TB, e event) encoder {
	return into(func(w *bytes.Buffer) {
		check(tb, ginsse.Encode(w, ginsse.Event{Id: e.id, Event: e.name, Data: e.data}))
	})
}

type darkly struct{ event }

func (e darkly) Id() string    { return e.id } //nolint:revive // the library's name for it
func (e darkly) Event() string { return e.name }
func (e darkly) Data() string  { return e.data }

func launchDarkly(tb testing.TB, e event) encoder {
	var buffer bytes.Buffer
	encoder := eventsource.NewEncoder(&buffer, false) // one for each connection
	return func() []byte {
		buffer.Reset()
		check(tb, encoder.Encode(darkly{e}))
		return buffer.Bytes()
	}
}

func fprintf(e event) encoder {
	return into(func(w *bytes.Buffer) {
		fmt.Fprintf(w, "id: %s\nevent: %s\n", e.id, e.name)
		for line := range strings.SplitSeq(e.data, "\n") {
			fmt.Fprintf(w, "data: %s\n", line)
		}
		fmt.Fprint(w, "\n")
	})
}

// recorder is a response writer that keeps what is written until it is cleared,
// and counts flushes in flushed if that is not nil.
type recorder struct {
	bytes.Buffer
	header  http.Header
	flushed chan struct{}
}

func (r *recorder) Header() http.Header                { return r.header }
func (r *recorder) WriteHeader(int)                    {}
func (r *recorder) SetWriteDeadline(_ time.Time) error { return nil }
func (r *recorder) Flush() {
	if r.flushed != nil {
		r.flushed <- struct{}{}
	}
}

// serve serves a stream until the test ends.
func serve(tb testing.TB, w http.ResponseWriter, handler http.Handler, target string) {
	ctx, cancel := context.WithCancel(tb.Context())
	var serving sync.WaitGroup
	serving.Go(func() { handler.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodGet, target, nil)) })
	tb.Cleanup(func() {
		cancel()
		serving.Wait()
	})
}

// r3labs can only be used through its server: this is one publication to one
// client, with two goroutines in between.
func r3labs(tb testing.TB, e event) encoder {
	server := r3sse.New()
	server.SplitData = true   // or lines break the event
	server.AutoReplay = false // or all events are kept for ever
	server.CreateStream("stream")
	w := &recorder{header: http.Header{}, flushed: make(chan struct{})}
	serve(tb, w, server, "/?stream=stream")
	<-w.flushed
	return func() []byte {
		w.Reset()
		server.Publish("stream", &r3sse.Event{ID: []byte(e.id), Event: []byte(e.name), Data: []byte(e.data)})
		<-w.flushed
		return w.Bytes()
	}
}

// handWritten can only be used through its stream: this includes a lock, a flush
// that does nothing, and reading the clock twice.
func handWritten(tb testing.TB, e event) encoder {
	w := &recorder{header: http.Header{}}
	streams := make(chan *reference.Stream)
	serve(tb, w, reference.Handler(0, func(ctx context.Context, s *reference.Stream) error {
		streams <- s
		<-ctx.Done()
		return nil
	}), "/")
	stream := <-streams
	return func() []byte {
		w.Reset()
		check(tb, stream.Send(e.id, e.name, e.data))
		return w.Bytes()
	}
}
