package eventsource_test

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// An encoder is what a proxy compresses by.
type encoder interface {
	io.WriteCloser
	Flush() error
}

func gzipped(t *testing.T, text string) string {
	t.Helper()
	var encoded bytes.Buffer
	return written(t, gzip.NewWriter(&encoded), &encoded, text)
}

func deflated(t *testing.T, text string) string {
	t.Helper()
	var encoded bytes.Buffer
	return written(t, zlib.NewWriter(&encoded), &encoded, text)
}

func written(t *testing.T, into encoder, encoded *bytes.Buffer, text string) string {
	t.Helper()
	_, err := io.WriteString(into, text)
	require.NoError(t, err)
	require.NoError(t, into.Close())
	return encoded.String()
}

// inCoding is a step whose responses have a Content-Encoding, one line for each
// value.
func inCoding(step http.HandlerFunc, codings ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Content-Encoding"] = codings
		step(w, r)
	}
}

// A proxy may compress what was asked for as it is.
func TestCodingsAreUndone(t *testing.T) {
	const text = "data: a\n\ndata: b\n\n"
	for name, test := range map[string]struct {
		codings []string
		body    string
	}{
		"gzip":               {[]string{"gzip"}, gzipped(t, text)},
		"x-gzip":             {[]string{"X-GZip"}, gzipped(t, text)},
		"deflate":            {[]string{"deflate"}, deflated(t, text)},
		"identity":           {[]string{"identity"}, text},
		"none":               {[]string{""}, text},
		"identity and gzip":  {[]string{"identity, gzip"}, gzipped(t, text)},
		"lines":              {[]string{"", "gzip", "identity"}, gzipped(t, text)},
		"members":            {[]string{"gzip"}, gzipped(t, "data: a\n") + gzipped(t, "") + gzipped(t, "\ndata: b\n\n")},
		"gzip of nothing":    {[]string{"gzip"}, gzipped(t, "") + gzipped(t, text)},
		"stored, not packed": {[]string{"gzip"}, stored(t, text)},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				for _, pieces := range [][]string{{test.body}, strings.Split(test.body, "")} {
					h := start(t, protocol, inCoding(answers(pieces...), test.codings...))
					events, err := collect(h.stream(attempts(0)))
					assert.NoError(t, err)
					assert.Equal(t, []string{"a", "b"}, data(events))
				}
			})
		})
	}
}

func stored(t *testing.T, text string) string {
	t.Helper()
	var encoded bytes.Buffer
	into, err := gzip.NewWriterLevel(&encoded, flate.NoCompression)
	require.NoError(t, err)
	return written(t, into, &encoded, text)
}

// What cannot be read is an error that says so, and is not asked for again.
func TestCodingsThatCannotBeRead(t *testing.T) {
	const text = "data: a\n\n"
	packed := gzipped(t, text)
	var raw bytes.Buffer
	into, err := flate.NewWriter(&raw, flate.BestCompression)
	require.NoError(t, err)
	bare := written(t, into, &raw, text)
	const refused = "open event stream: expected no content coding, gzip or deflate but was "
	const failed = "read event stream: the body is not in the content coding "
	for name, test := range map[string]struct {
		codings []string
		body    string
		events  int
		want    string
	}{
		"unknown":          {[]string{"br"}, text, 0, refused + `"br"`},
		"two":              {[]string{"gzip, gzip"}, gzipped(t, packed), 0, refused + `"gzip, gzip"`},
		"two lines":        {[]string{"deflate", "gzip"}, packed, 0, refused + `"deflate, gzip"`},
		"one is unknown":   {[]string{"gzip, zstd"}, packed, 0, refused + `"gzip, zstd"`},
		"of great length":  {[]string{strings.Repeat("x", 200)}, text, 0, refused + `"` + strings.Repeat("x", 100) + `"`},
		"not gzip":         {[]string{"gzip"}, text + strings.Repeat(text, 10), 0, failed + "gzip: gzip: invalid header"},
		"not deflate":      {[]string{"deflate"}, strings.Repeat(text, 10), 0, failed + "deflate: zlib: invalid header"},
		"deflate, bare":    {[]string{"deflate"}, bare, 0, failed + "deflate: zlib: invalid header"},
		"damaged":          {[]string{"gzip"}, packed[:10] + strings.Repeat("\xff", 20), 0, failed + "gzip: flate: corrupt input before offset 1"},
		"a wrong checksum": {[]string{"gzip"}, packed[:len(packed)-8] + "checksum", 1, failed + "gzip: gzip: invalid checksum"},
		"more than gzip":   {[]string{"gzip"}, packed + "and more than that", 1, failed + "gzip: gzip: invalid header"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, inCoding(answers(test.body), test.codings...))
				events, err := collect(h.stream())
				assert.EqualError(t, err, test.want)
				assert.Len(t, events, test.events)
				assert.Len(t, h.received(), 1)
				var response *eventsource.ResponseError
				assert.Equal(t, strings.HasPrefix(test.want, refused), errors.As(err, &response))
			})
		})
	}
}

// A body that ends before its coding does has broken off.
func TestCodedStreamsThatBreakOff(t *testing.T) {
	const text = "data: a\n\n"
	var flushed bytes.Buffer
	into := gzip.NewWriter(&flushed)
	_, _ = io.WriteString(into, text)
	require.NoError(t, into.Flush())
	for name, test := range map[string]struct {
		body   string
		events []string
	}{
		"after an event":     {flushed.String(), []string{"a"}},
		"before the trailer": {gzipped(t, text)[:len(gzipped(t, text))-8], []string{"a"}},
		"in the head":        {gzipped(t, text)[:5], nil},
		"in a second head":   {gzipped(t, text) + gzipped(t, text)[:5], []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				for how, step := range map[string]http.HandlerFunc{"cleanly": answers(test.body), "cut": breaks(test.body)} {
					h := start(t, protocol, inCoding(step, "gzip"), answers("data: again\n\n"))
					var log journal
					events, err := collect(h.stream(log.keep))
					assert.NoError(t, err, how)
					assert.Equal(t, append(test.events, "again"), data(events), how)
					assert.ErrorContains(t, log.errors[0], "read event stream: ", how)

					h = start(t, protocol, inCoding(step, "gzip"))
					_, err = collect(eventsource.New(post(t, strings.NewReader("x")), h.use))
					assert.ErrorContains(t, err, "read event stream: ", how)
				}
			})
		})
	}
}

// What comes of a coding is what counts: the head of gzip is no sign of life.
func TestCodedStreamsThatDeliverNothing(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, repeat(9, inCoding(breaks(gzipped(t, "")[:10]), "gzip"))...)
		_, err := collect(h.stream(attempts(2)))
		assert.Error(t, err)
		assert.Len(t, h.received(), 3)
	})
}

func TestEmptyCodedStreamEndsCleanly(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, inCoding(answers(), "gzip"))
		events, err := collect(h.stream(attempts(0)))
		assert.NoError(t, err)
		assert.Empty(t, events)
	})
}

// Each event comes through a decoder when its last byte has arrived.
func TestCodedEventsArriveAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		coding string
		begin  func(io.Writer) encoder
	}{
		"gzip":              {"gzip", func(w io.Writer) encoder { return gzip.NewWriter(w) }},
		"deflate":           {"deflate", func(w io.Writer) encoder { return zlib.NewWriter(w) }},
		"a member for each": {"gzip", func(w io.Writer) encoder { return &memberwise{gzip.NewWriter(w), w} }},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, inCoding(func(w http.ResponseWriter, r *http.Request) {
					answers()(w, r)
					into := test.begin(w)
					for i := range 4 {
						_, err := fmt.Fprintf(into, "data: %d\n\n", i)
						assert.NoError(t, err)
						assert.NoError(t, into.Flush())
						send(w, "")
						time.Sleep(time.Minute)
					}
					assert.NoError(t, into.Close())
				}, test.coding))
				n := 0
				for event, err := range h.stream(attempts(0)).Events() {
					require.NoError(t, err)
					assert.Equal(t, fmt.Sprint(n), event.Data)
					assert.Equal(t, time.Duration(n)*time.Minute, time.Since(h.began))
					n++
				}
				assert.Equal(t, 4, n)
			})
		})
	}
}

// memberwise begins a new member after each flush.
type memberwise struct {
	*gzip.Writer
	into io.Writer
}

func (m *memberwise) Flush() error { return m.Close() }

func (m *memberwise) Close() error {
	err := m.Writer.Close()
	m.Reset(m.into)
	return err
}

// A limit holds for what is read, not for what has been sent: 8 MiB come as 8
// KiB.
func TestLimitHoldsAfterDecoding(t *testing.T) {
	var bodies []string
	for _, endless := range []string{"data: " + strings.Repeat("x", 8<<20), strings.Repeat("data: x\n", 1<<20), ":" + strings.Repeat("x", 8<<20)} {
		bodies = append(bodies, gzipped(t, "data: a\n\n"+endless))
	}
	overEach(t, func(t *testing.T, protocol string) {
		for _, body := range bodies {
			require.Less(t, len(body), 32<<10)
			h := start(t, protocol, inCoding(answers(body), "gzip"))
			events, err := collect(h.stream())
			assert.Len(t, events, 1)
			var limit *sse.LimitError
			assert.ErrorAs(t, err, &limit)
			assert.Len(t, h.received(), 1)
		}
	})
}

func TestReadTimeoutOfACodedStream(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for _, begin := range []string{"", gzipped(t, "data: a\n\n")[:5], gzipped(t, "data: a\n\n")} {
			h := start(t, protocol, inCoding(stays(begin), "gzip"))
			_, err := collect(h.stream(attempts(0), func(c *eventsource.Config) { c.ReadTimeout = 20 * time.Second }))
			assert.ErrorIs(t, err, os.ErrDeadlineExceeded)
			assert.EqualError(t, err, "read event stream: silent for 20s: i/o timeout")
			assert.Equal(t, 20*time.Second, time.Since(h.began))
		}
	})
}

// The body of an error is for people.
func TestBodiesOfErrorsAreDecoded(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		for coding, test := range map[string]struct{ body, want string }{
			"gzip":    {gzipped(t, "go away"), "go away"},
			"deflate": {deflated(t, strings.Repeat("no ", 10_000)), strings.Repeat("no ", 10_000)[:4<<10]},
			"br":      {"\x0b\x03", "\x0b\x03"},
			"":        {"as it is", "as it is"},
		} {
			h := start(t, protocol, inCoding(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusForbidden)
				send(w, test.body)
			}, coding))
			_, err := collect(h.stream())
			assert.EqualError(t, err, "open event stream: expected status 200 but was 403")
			var response *eventsource.ResponseError
			require.ErrorAs(t, err, &response)
			assert.Equal(t, test.want, string(response.Body), coding)
		}
	})
}
