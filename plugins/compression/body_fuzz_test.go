package compression_test

import (
	"bytes"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
)

// FuzzBody sends bodies that are written and flushed at random through every
// encoder, some of them given up halfway, with writers that go from one to the
// next. What is whole comes back whole, and what was flushed can be decoded at
// that moment.
func FuzzBody(f *testing.F) {
	type step struct {
		data  []byte
		flush bool
	}
	var steps []step
	var cut bool
	var recorder *httptest.ResponseRecorder
	var lengths []int // of what was sent, after each flush
	handlers := map[string]http.Handler{}
	for name, configure := range map[string]func(*compression.Config){
		"gzip": onlyGzip, "deflate": onlyDeflate, "zstd": onlyZstd,
		"gzip 9":              func(c *compression.Config) { c.Gzip(level(9)) },
		"zstd 1":              func(c *compression.Config) { c.Zstd(level(1)) },
		"zstd 9":              func(c *compression.Config) { c.Zstd(level(9)) },
		"gzip, of streams":    func(c *compression.Config) { c.EventStreams(streamGzip) },
		"deflate, of streams": func(c *compression.Config) { c.EventStreams(streamDeflate) },
		"zstd, of streams":    func(c *compression.Config) { c.EventStreams(streamZstd) },
	} {
		application := app.New(func(a *app.Application) {
			a.Install(compression.Plugin.With(func(c *compression.Config) {
				c.MinimumSize(0)
				configure(c)
			}))
			a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
				return func(c *app.Call) error {
					c.Header().Set("Content-Type", c.Request.Header.Get("Accept"))
					for _, step := range steps {
						if _, err := c.Writer().Write(step.data); err != nil {
							return err
						}
						if step.flush {
							if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
								return err
							}
							lengths = append(lengths, recorder.Body.Len())
						}
					}
					if cut {
						panic(http.ErrAbortHandler)
					}
					return nil
				}
			})
		})
		require.NoError(f, application.Start(f.Context()))
		handlers[name] = application
	}
	names := slices.Sorted(maps.Keys(handlers))
	for i := range names {
		f.Add(uint8(i), uint64(1), uint8(3), []byte("text"))
		f.Add(uint8(i), uint64(2), uint8(10), []byte("0123456789"))
		f.Add(uint8(i), uint64(3), uint8(15), []byte{0})
	}
	f.Fuzz(func(t *testing.T, encoder uint8, seed uint64, count uint8, data []byte) {
		random := rand.New(rand.NewPCG(seed, 0))
		steps = steps[:0]
		for range count % 16 {
			piece := make([]byte, random.IntN(1<<random.IntN(14)))
			for i := range piece {
				if len(data) > 0 && random.IntN(8) > 0 {
					piece[i] = data[i%len(data)]
				} else {
					piece[i] = byte(random.Uint32())
				}
			}
			steps = append(steps, step{piece, random.IntN(3) == 0})
		}
		cut = random.IntN(4) == 0
		name := names[int(encoder)%len(names)]
		handler := handlers[name]
		coding := name[:strings.IndexAny(name+" ", ", ")]
		request := httptest.NewRequest(http.MethodGet, "/", nil)
		request.Header.Set("Accept-Encoding", "*")
		request.Header.Set("Accept", "text/plain")
		if strings.HasSuffix(name, "of streams") {
			request.Header.Set("Accept", "text/event-stream")
		}
		recorder, lengths = httptest.NewRecorder(), nil
		if cut {
			assert.Panics(t, func() { handler.ServeHTTP(recorder, request) })
		} else {
			handler.ServeHTTP(recorder, request)
		}
		sent := recorder.Body.Bytes()
		var whole []byte
		for _, step := range steps {
			whole = append(whole, step.data...)
			if !step.flush {
				continue
			}
			if length := lengths[0]; len(whole) > 0 {
				readable := make([]byte, len(whole))
				_, err := io.ReadFull(decoder(t, coding, bytes.NewReader(sent[:length])), readable)
				assert.NoError(t, err, name)
				assert.True(t, bytes.Equal(whole, readable), "%s: what was flushed can be decoded", name)
			}
			lengths = lengths[1:]
		}
		switch {
		case cut && len(sent) > 0:
			_, err := io.ReadAll(decoder(t, coding, recorder.Body))
			assert.ErrorIs(t, err, io.ErrUnexpectedEOF, name)
		case !cut && recorder.Header().Get("Content-Encoding") != "":
			decoded, err := io.ReadAll(decoder(t, coding, recorder.Body))
			assert.NoError(t, err, name)
			assert.True(t, bytes.Equal(whole, decoded), "%s: the body is the same", name)
		case !cut:
			assert.Empty(t, whole, "%s: the body is encoded", name)
			assert.True(t, bytes.Equal(whole, sent), "%s: the body is the same", name)
		}
	})
}
