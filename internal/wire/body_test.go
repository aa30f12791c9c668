package wire_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/wire"
)

var errTooLate = errors.New("the body did not arrive in time")

// openWithBody begins an exchange whose request has a body.
func openWithBody(t *testing.T, s http.ResponseWriter, body *silentBody) (*wire.Wire, *http.Request) {
	t.Helper()
	r := request(t, 1, http.MethodPost, body)
	made := limits()
	made.BodyFailed = func(err error) error { return errors.Join(errTooLate, err) }
	w := &wire.Wire{}
	w.Open(made, s, r)
	return w, r
}

func TestEachReadHasItsOwnTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w, r := openWithBody(t, s, &silentBody{})
		defer w.Close()
		for range 2 {
			_, err := r.Body.Read(make([]byte, 4))
			require.NoError(t, err)
			time.Sleep(time.Hour) // the handler's own time
		}
		assert.Equal(t, []string{"read deadline 1m0s", "read deadline lifted", "read deadline 1h1m0s", "read deadline lifted"}, s.seen())
		w.SetReadTimeout(time.Second)
		_, err := r.Body.Read(make([]byte, 4))
		require.NoError(t, err)
		assert.Equal(t, []string{"read deadline 2h0m1s", "read deadline lifted"}, s.seen())
		w.SetReadTimeout(0)
		_, err = r.Body.Read(make([]byte, 4))
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		assert.Empty(t, s.seen(), "a deadline that a handler has set stands")
	})
}

func TestABodyThatIsTooLateStaysSo(t *testing.T) {
	body := &silentBody{silent: true}
	w, r := openWithBody(t, newServer(), body)
	defer w.Close()
	_, err := r.Body.Read(make([]byte, 4))
	require.ErrorIs(t, err, errTooLate)
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
	assert.Equal(t, 1, body.closed, "or the server would wait for the rest of it")
	body.silent = false
	_, again := r.Body.Read(make([]byte, 4))
	assert.Equal(t, err, again)
}

func TestABodyIsClosedUnderTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w, r := openWithBody(t, s, &silentBody{})
		require.NoError(t, r.Body.Close())
		assert.Equal(t, []string{"read deadline 1m0s", "read deadline lifted"}, s.seen())
		require.NoError(t, w.Flush(t.Context()))
		assert.NotContains(t, s.seen(), "read deadline 1m0s", "nothing is awaited any more")
		w.Finish()
		w.Close()
		_ = s.SetWriteDeadline(time.Time{})
	})
}

// TestTheHeadWaitsForTheBody, as net/http's does over HTTP/1.1: the deadline for
// what is sent comes after that of the body, until the head has left.
func TestTheHeadWaitsForTheBody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w, _ := openWithBody(t, s, &silentBody{})
		defer w.Close()
		ctx := t.Context()
		w.WriteHeader(ctx, http.StatusEarlyHints)
		assert.Equal(t, []string{"read deadline 1m0s", "write deadline 1m10s", "head 103", "read deadline lifted", "write deadline lifted"}, s.seen(),
			"hints are not the head")
		w.WriteHeader(ctx, http.StatusOK)
		require.NoError(t, w.Flush(ctx))
		assert.Equal(t, []string{"head 200", "read deadline 1m0s", "write deadline 1m10s", "flush", "read deadline lifted", "write deadline lifted"}, s.seen())
		require.NoError(t, w.Flush(ctx))
		assert.Equal(t, []string{"write deadline 10s", "flush", "write deadline lifted"}, s.seen(), "the head has left")
		w.Finish()
		assert.Equal(t, []string{"read deadline 1m0s", "write deadline 1m10s"}, s.seen(), "net/http reads the rest at the end")
		_ = s.SetWriteDeadline(time.Time{})
	})
}

func TestNoLimitForWritingLeavesTheOneForReading(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w, _ := openWithBody(t, s, &silentBody{})
		defer w.Close()
		w.SetWriteTimeout(-1)
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, []string{"read deadline 1m0s", "flush", "read deadline lifted"}, s.seen())
	})
}

func TestWhichBodiesAreLimited(t *testing.T) {
	own := &http.Server{ReadTimeout: time.Second}
	tests := map[string]struct {
		change func(*http.Request)
		server func(*server) http.ResponseWriter
		want   bool
	}{
		"a body":                      {nil, nil, true},
		"of unknown length":           {func(r *http.Request) { r.ContentLength = -1 }, nil, true},
		"none":                        {func(r *http.Request) { r.ContentLength = 0 }, nil, false},
		"a tunnel":                    {func(r *http.Request) { r.Method = http.MethodConnect }, nil, false},
		"the server has a limit":      {func(r *http.Request) { withServer(r, own) }, nil, false},
		"the server has none":         {func(r *http.Request) { withServer(r, &http.Server{}) }, nil, true},
		"nothing sets deadlines":      {nil, func(s *server) http.ResponseWriter { return opaque{s} }, false},
		"deadlines are found further": {nil, func(s *server) http.ResponseWriter { return unwrapping{s} }, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := newServer()
			r := request(t, 1, http.MethodPost, &silentBody{})
			if test.change != nil {
				test.change(r)
			}
			var writer http.ResponseWriter = s
			if test.server != nil {
				writer = test.server(s)
			}
			w := open(t, writer, r)
			defer w.Close()
			_, _ = r.Body.Read(make([]byte, 4))
			assert.Equal(t, test.want, len(s.seen()) > 0)
		})
	}
}

// withServer makes r a request that server serves.
func withServer(r *http.Request, server *http.Server) {
	*r = *r.WithContext(context.WithValue(r.Context(), http.ServerContextKey, server))
}

func TestABodyIsLimitedOnce(t *testing.T) {
	s := newServer()
	r := request(t, 1, http.MethodPost, &silentBody{})
	outer := open(t, s, r)
	defer outer.Close()
	limited := r.Body
	inner := open(t, s, r)
	defer inner.Close()
	assert.Same(t, limited, r.Body)
}

func TestABodyThatOutlivesTheExchangeSetsNoDeadline(t *testing.T) {
	s := newServer()
	w, r := openWithBody(t, s, &silentBody{})
	w.Finish()
	w.Close()
	s.seen()
	_, err := io.ReadFull(r.Body, make([]byte, 10))
	require.NoError(t, err)
	require.NoError(t, r.Body.Close())
	assert.Empty(t, s.seen(), "the connection may be another request's")
	_ = s.SetWriteDeadline(time.Time{})
}

// TestWaitingUsesUpWhatBytesGiveBack: the deadline of each read is what is left.
func TestWaitingUsesUpWhatBytesGiveBack(t *testing.T) {
	tests := map[string]struct {
		rate  int64
		waits []time.Duration // of one read each, which brings ten bytes
		want  []time.Duration // that a read may take
	}{
		"no rate: any byte gives all back": {0, []time.Duration{50 * time.Second, 59 * time.Second}, []time.Duration{time.Minute, time.Minute, time.Minute}},
		"a byte a second":                  {1, []time.Duration{50 * time.Second, 19 * time.Second}, []time.Duration{time.Minute, 20 * time.Second, 11 * time.Second}},
		"no more than the whole":           {1, []time.Duration{5 * time.Second, 0}, []time.Duration{time.Minute, time.Minute, time.Minute}},
		"ten bytes a second":               {10, []time.Duration{50 * time.Second, time.Second}, []time.Duration{time.Minute, 11 * time.Second, 11 * time.Second}},
		"more than there was":              {10, []time.Duration{time.Hour}, []time.Duration{time.Minute, time.Second}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, made, body := newServer(), limits(), &silentBody{}
				made.ReadRate = test.rate
				r := request(t, 1, http.MethodPost, body)
				w := &wire.Wire{}
				w.Open(made, s, r)
				defer w.Close()
				began := time.Now()
				for i, want := range test.want {
					at := time.Since(began)
					body.after = 0
					if i < len(test.waits) {
						body.after = test.waits[i]
					}
					_, err := r.Body.Read(make([]byte, 10))
					require.NoError(t, err)
					assert.Equal(t, []string{"read deadline " + (at + want).String(), "read deadline lifted"}, s.seen())
				}
			})
		})
	}
}

func TestABodyThatIsDiscardedGetsNoTimeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, body := newServer(), &silentBody{after: 25 * time.Second, length: 3}
		w, r := openWithBody(t, s, body)
		defer w.Close()
		small := struct{ io.Reader }{iotest.OneByteReader(r.Body)} // as what lies around a body
		require.NoError(t, w.Discard(small))
		assert.Equal(t, []string{
			"read deadline 1m0s", "read deadline lifted", "read deadline 1m0s", "read deadline lifted", "read deadline 1m0s", "read deadline lifted",
			"read deadline 1m15s", "read deadline lifted", "read deadline 1m15s", "read deadline lifted",
		}, s.seen(), "and then nothing is left")
	})
}

// TestWhatLiesInThePlaceOfABodyIsDiscardedWithIt: net/http would read what is
// left of the body itself.
func TestWhatLiesInThePlaceOfABodyIsDiscardedWithIt(t *testing.T) {
	for name, test := range map[string]struct {
		replace func(body io.Reader) io.Reader
		read    int
		err     error
	}{
		"closed":       {func(io.Reader) io.Reader { return iotest.ErrReader(http.ErrBodyReadAfterClose) }, 30, nil},
		"empty":        {func(io.Reader) io.Reader { return http.NoBody }, 30, nil},
		"a part of it": {func(body io.Reader) io.Reader { return io.LimitReader(body, 15) }, 30, nil},
		"it fails":     {func(io.Reader) io.Reader { return iotest.ErrReader(errTooLate) }, 0, errTooLate},
	} {
		for _, nested := range []bool{false, true} {
			t.Run(map[bool]string{false: name, true: name + ", in a wire inside"}[nested], func(t *testing.T) {
				body := &silentBody{length: 30}
				w, r := openWithBody(t, newServer(), body)
				defer w.Close()
				if nested {
					w = open(t, newServer(), r)
					defer w.Close()
				}
				require.ErrorIs(t, w.Discard(test.replace(r.Body)), test.err)
				assert.Equal(t, test.read, body.read)
			})
		}
	}
}

func TestFullDuplexLeavesTheBodyAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newServer()
		w, r := openWithBody(t, s, &silentBody{})
		defer w.Close()
		require.ErrorIs(t, w.EnableFullDuplex(), http.ErrNotSupported)
		require.NoError(t, w.Discard(r.Body))
		assert.NotEmpty(t, s.seen())
		s.duplex = true
		require.NoError(t, w.EnableFullDuplex())
		require.NoError(t, w.Discard(iotest.ErrReader(errTooLate)))
		w.WriteHeader(t.Context(), http.StatusOK)
		require.NoError(t, w.Flush(t.Context()))
		assert.Equal(t, []string{"head 200", "write deadline 10s", "flush", "write deadline lifted"}, s.seen(), "nobody waits for the body")
		w.Finish()
		assert.Equal(t, []string{"read deadline 1m0s", "write deadline 1m10s"}, s.seen(), "net/http reads the rest at the end")
		_ = s.SetWriteDeadline(time.Time{})
	})
}

// TestABodyBesideItsResponseMayBeSilent: the limit ends when the head has left,
// and comes back for what net/http reads at the end.
func TestABodyBesideItsResponseMayBeSilent(t *testing.T) {
	for name, begin := range map[string]func(*server, *http.Request){
		"HTTP/2":                    func(_ *server, r *http.Request) { r.ProtoMajor = 2 },
		"full duplex over HTTP/1.1": func(s *server, _ *http.Request) { s.duplex = true },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, r := newServer(), request(t, 1, http.MethodPost, &silentBody{})
				begin(s, r)
				w := open(t, s, r)
				defer w.Close()
				_ = w.EnableFullDuplex()
				read := func() []string {
					s.seen()
					_, err := r.Body.Read(make([]byte, 1))
					require.NoError(t, err)
					return s.seen()
				}
				limited := []string{"read deadline 1m0s", "read deadline lifted"}
				w.WriteHeader(t.Context(), http.StatusEarlyHints)
				assert.Equal(t, limited, read())
				w.WriteHeader(t.Context(), http.StatusOK)
				assert.Equal(t, limited, read(), "the head is given, and has not left")
				require.NoError(t, w.Flush(t.Context()))
				assert.Empty(t, read(), "a deadline that a handler has set stands")
				require.NoError(t, r.Body.Close())
				assert.Equal(t, limited, s.seen())
			})
		})
	}
}
