package compression_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// frame is the head of a body of zstd that asks for a window, and a block that
// repeats one byte. A last block may follow it.
func frame(window string) string { return "\x28\xb5\x2f\xfd\x00" + window + "\x22\x00\x00a" }

const (
	window8MiB = "\x68"
	window1KiB = "\x00"
	lastBlock  = "\x03\x00\x00a"
)

// budgeted offers zstd and gzip with a budget.
func budgeted(bytes int64) func(*compression.Config) {
	return func(c *compression.Config) {
		zstdStandard(c)
		c.MaxDecoderMemory = bytes
	}
}

// An upload is a request whose body is sent bit by bit.
type upload struct {
	body   *io.PipeWriter
	status chan int // 0: there was no response
	header http.Header
	text   string
}

// begin sends the beginning of a body, and waits until the server has come to
// rest.
func (h *host) begin(path, coding, beginning string) *upload {
	h.t.Helper()
	body, writer := io.Pipe()
	h.t.Cleanup(func() { writer.Close() })
	s := &upload{body: writer, status: make(chan int, 1)}
	request, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "http://localhost"+path, body)
	require.NoError(h.t, err)
	request.Header.Set("Content-Encoding", coding)
	go func() {
		response, err := h.client.Do(request)
		if err != nil {
			s.status <- 0
			return
		}
		defer response.Body.Close()
		text, _ := io.ReadAll(response.Body)
		s.header, s.text = response.Header, string(text)
		s.status <- response.StatusCode
	}()
	go io.WriteString(writer, beginning)
	synctest.Wait()
	return s
}

// answered reports whether a response is there already.
func (s *upload) answered() bool { return len(s.status) > 0 }

// end sends the end of the body and returns the status.
func (s *upload) end(rest string) int {
	go func() {
		io.WriteString(s.body, rest)
		s.body.Close()
	}()
	return <-s.status
}

// TestDecodersStayWithinTheirBudget: bodies that ask for large windows and then
// fall silent hold no more than the budget. One that asks for more is refused;
// one that needs little is not.
func TestDecodersStayWithinTheirBudget(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		bubble(t, "", func(t *testing.T) {
			host := start(t, with(budgeted(20<<20)), echoing, mode)
			first, second := host.begin("/", "zstd", frame(window8MiB)), host.begin("/", "zstd", frame(window8MiB))
			assert.False(t, first.answered() || second.answered())
			refused := host.begin("/", "zstd", frame(window8MiB))
			require.True(t, refused.answered(), "it does not wait for the rest of the body")
			assert.Equal(t, http.StatusServiceUnavailable, <-refused.status)
			assert.Equal(t, "1", refused.header.Get("Retry-After"))
			assert.Equal(t, "too many request bodies are being decoded", refused.text)
			host.post("/", encode(t, text, "gzip"), "Content-Encoding", "gzip").is("", text)
			small := host.begin("/", "zstd", frame(window1KiB))
			assert.Equal(t, http.StatusOK, small.end(lastBlock))
			assert.Equal(t, http.StatusOK, first.end(lastBlock))
			assert.Equal(t, http.StatusOK, host.begin("/", "zstd", frame(window8MiB)).end(lastBlock))
			assert.Equal(t, http.StatusOK, second.end(lastBlock))
		})
	})
}

// The window of every frame counts, not that of the first alone, and not twice.
func TestTheWindowOfEveryFrameCounts(t *testing.T) {
	for _, test := range []struct {
		name   string
		frames []string
		status int
	}{
		{"a small one", []string{window1KiB}, http.StatusOK},
		{"many small ones", strings.Split(strings.Repeat(window1KiB+",", 1000)+window1KiB, ","), http.StatusOK},
		{"a large one", []string{window8MiB}, http.StatusServiceUnavailable},
		{"a large one behind a small one", []string{window1KiB, window8MiB}, http.StatusServiceUnavailable},
		{"one that is too large for everybody", []string{"\xff"}, http.StatusBadRequest},
	} {
		t.Run(test.name, func(t *testing.T) {
			var body string
			for _, window := range test.frames {
				body += frame(window) + lastBlock
			}
			host := start(t, with(budgeted(4<<20)), echoing)
			assert.Equal(t, test.status, host.post("/", body, "Content-Encoding", "zstd").status)
			// A skippable frame in between hides nothing, and takes nothing.
			body = "\x50\x2a\x4d\x18\x05\x00\x00\x00hello" + body
			assert.Equal(t, test.status, host.post("/", body, "Content-Encoding", "zstd").status)
		})
	}
}

// Frames are decoded however their bytes arrive, and whatever they are made of.
func TestFrames(t *testing.T) {
	var body bytes.Buffer
	var want string
	for _, piece := range []string{text, "", string(incompressible(300_000)), strings.Repeat("a", 500_000)} {
		for _, checksum := range []bool{false, true} {
			writer, err := zstd.NewWriter(&body, zstd.WithEncoderConcurrency(1), zstd.WithEncoderCRC(checksum), zstd.WithZeroFrames(true))
			require.NoError(t, err)
			_, err = io.WriteString(writer, piece)
			require.NoError(t, err)
			require.NoError(t, writer.Close())
			body.Write(writer.EncodeAll([]byte(piece), nil)) // of a single segment
			want += piece + piece
		}
	}
	host := start(t, with(func(c *compression.Config) { c.Zstd() }), func(r *routing.Route) {
		r.Post("/", func(c *app.Call) error {
			data, err := io.ReadAll(c.Request.Body)
			if err != nil {
				return err
			}
			return c.RespondBytes(data)
		})
	})
	for name, reader := range map[string]io.Reader{
		"at once":      bytes.NewReader(body.Bytes()),
		"in halves":    iotest.HalfReader(bytes.NewReader(body.Bytes())),
		"byte by byte": iotest.OneByteReader(bytes.NewReader(body.Bytes())),
	} {
		got := host.send("/", reader, "Content-Encoding", "zstd")
		assert.Equal(t, http.StatusOK, got.status, name)
		same(t, want, string(got.raw), name)
	}
}

// A hungry reader copies, and says that it holds two MiB once it has read
// something.
type hungry struct {
	io.Reader
	hold func(int64) error
}

func (h *hungry) SetBudget(hold func(int64) error) { h.hold = hold }
func (h *hungry) Reset(r io.Reader) error          { h.Reader = r; return nil }

func (h *hungry) Read(p []byte) (int, error) {
	if err := h.hold(2 << 20); err != nil {
		return 0, err
	}
	return h.Reader.Read(p)
}

// hungryOnly offers an encoder with hungry readers, one at a time, and counts
// those that are made.
func hungryOnly(made *atomic.Int64) app.Installable {
	return with(func(c *compression.Config) {
		encoder := special()
		encoder.NewReader = func() (compression.Reader, error) {
			made.Add(1)
			return &hungry{}, nil
		}
		c.Encoder(encoder)
		c.MaxDecoderMemory = 3 << 20
	})
}

// What a decoder holds is given back however the call ends, and a decoder that
// holds much does not wait for the next body.
func TestBudgetIsGivenBack(t *testing.T) {
	read := func(c *app.Call) error {
		_, err := io.ReadFull(c.Request.Body, make([]byte, 5))
		return err
	}
	for name, ends := range map[string]func(c *app.Call) error{
		"read to its end": func(c *app.Call) error {
			_, err := io.ReadAll(c.Request.Body)
			return errors.Join(err, c.RespondText("read"))
		},
		"received":          func(c *app.Call) error { _, err := c.ReceiveText(); return errors.Join(err, c.RespondText("read")) },
		"read in part":      func(c *app.Call) error { return errors.Join(read(c), c.RespondText("read")) },
		"closed":            func(c *app.Call) error { return errors.Join(read(c), c.Request.Body.Close(), c.RespondText("read")) },
		"an error":          func(c *app.Call) error { return errors.Join(read(c), errors.New("no")) },
		"a panic":           func(c *app.Call) error { _ = read(c); panic("no") },
		"an abort":          func(c *app.Call) error { _ = read(c); panic(http.ErrAbortHandler) },
		"without an answer": read,
		"hijacked": func(c *app.Call) error {
			err := read(c)
			connection, _, hijackErr := http.NewResponseController(c.Writer()).Hijack()
			return errors.Join(err, hijackErr, connection.Close())
		},
		"below a timeout": app.FromHTTP(http.TimeoutHandler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
		}), time.Minute, "late")),
	} {
		bubble(t, name, func(t *testing.T) {
			var made atomic.Int64
			host := start(t, hungryOnly(&made), func(r *routing.Route) { r.Post("/", ends) })
			before := made.Load()
			for i := range 5 {
				s := host.begin("/", "special", "hello")
				go s.body.Close()
				assert.NotEqual(t, http.StatusServiceUnavailable, <-s.status, i)
				synctest.Wait()
			}
			assert.Equal(t, int64(5), made.Load()-before)
		})
	}
}

// A client that goes away takes what it held with it.
func TestBudgetOfAClientThatGoes(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		var made atomic.Int64
		host := start(t, hungryOnly(&made), echoing)
		for range 3 {
			s := host.begin("/", "special", "hello")
			assert.Equal(t, http.StatusServiceUnavailable, host.post("/", text, "Content-Encoding", "special").status)
			s.body.CloseWithError(errors.New("gone"))
			assert.Zero(t, <-s.status)
			synctest.Wait()
		}
		assert.Equal(t, http.StatusOK, host.post("/", text, "Content-Encoding", "special").status)
	})
}

// That bodies are refused is logged once a minute, as a warning and not as an
// error of each call.
func TestFullBudgetIsLogged(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		host := start(t, with(budgeted(1<<20)), echoing)
		refuse := func() {
			assert.Equal(t, http.StatusServiceUnavailable, host.post("/", frame(window8MiB)+lastBlock, "Content-Encoding", "zstd").status)
		}
		for range 3 {
			refuse()
		}
		time.Sleep(time.Minute)
		refuse()
		lines := host.served.Log().AtLeast(slog.LevelWarn)
		require.Len(t, lines, 2)
		assert.Contains(t, lines[0].Message, "MaxDecoderMemory")
		assert.Equal(t, slog.LevelWarn, lines[0].Level)
	})
}

// 0 is no limit.
func TestBudgetCanBeSwitchedOff(t *testing.T) {
	bubble(t, "", func(t *testing.T) {
		host := start(t, with(budgeted(0)), echoing)
		var open []*upload
		for range 40 {
			s := host.begin("/", "zstd", frame(window8MiB))
			require.False(t, s.answered())
			open = append(open, s)
		}
		for _, s := range open {
			assert.Equal(t, http.StatusOK, s.end(lastBlock))
		}
	})
}
