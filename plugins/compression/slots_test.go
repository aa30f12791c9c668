package compression_test

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// Only so many streams are encoded at once, and a slot is free again when its
// stream has ended.
func TestMaxEncoders(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := startStreams(t, withStreams(func(e *compression.EventStreamConfig) {
			e.Gzip()
			e.MaxEncoders = 2
		}), func(r *routing.Route) {
			r.SSE("/open", func(s *sse.Session) error {
				<-s.Context().Done()
				return nil
			})
			r.SSE("/", hello)
			r.Get("/text", sending("text/plain", text))
		})
		first := host.open(http.MethodGet, "/open", "Accept-Encoding", "gzip")
		host.open(http.MethodGet, "/open", "Accept-Encoding", "gzip")
		host.open(http.MethodGet, "/open") // asks for none, so it takes none
		for _, accept := range []string{"gzip", ""} {
			got := host.accepting(accept, "/")
			got.is("", helloBytes)
			assert.Equal(t, []string{"Accept-Encoding"}, got.header.Values("Vary"))
		}
		assert.Empty(t, host.do(http.MethodHead, "/", "Accept-Encoding", "gzip").header.Get("Content-Encoding"))
		host.accepting("gzip", "/text").is("gzip", text)
		first.Body.Close()
		synctest.Wait()
		for range 3 {
			assert.Equal(t, "gzip", host.do(http.MethodHead, "/", "Accept-Encoding", "gzip").header.Get("Content-Encoding"))
			host.accepting("gzip", "/").is("gzip", helloBytes)
		}
	})
}

func TestZeroMaxEncodersIsNoLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := startStreams(t, withStreams(streamGzip, func(e *compression.EventStreamConfig) { e.MaxEncoders = 0 }), func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				<-s.Context().Done()
				return nil
			})
		})
		for range 20 {
			assert.Equal(t, "gzip", host.open(http.MethodGet, "/", "Accept-Encoding", "gzip").Header.Get("Content-Encoding"))
		}
	})
}

// A hundred streams take all slots, end in every way there is, and give all of
// them back for the next hundred.
func TestSlotsAreGivenBack(t *testing.T) {
	const streams = 100
	ends := []func(*sse.Session) error{
		func(*sse.Session) error { return nil },
		func(*sse.Session) error { return errors.New("halfway") },
		func(*sse.Session) error { panic("halfway") },
		func(*sse.Session) error { panic(http.ErrAbortHandler) },
		func(s *sse.Session) error { // for the client to end
			<-s.Context().Done()
			return s.SendText("too late")
		},
	}
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		bubble(t, "ends", func(t *testing.T) {
			end := make(chan struct{})
			host := startStreams(t, withStreams(func(e *compression.EventStreamConfig) { e.MaxEncoders = streams }), func(r *routing.Route) {
				r.SSE("/{end}", func(s *sse.Session) error {
					if err := hello(s); err != nil {
						return err
					}
					n, err := strconv.Atoi(s.Call().PathParam("end"))
					if err != nil {
						return err
					}
					if n%len(ends) < len(ends)-1 {
						<-end
					}
					return ends[n%len(ends)](s)
				})
			}, mode)
			for range 3 {
				end = make(chan struct{})
				var open []*http.Response
				for n := range streams {
					response := host.open(http.MethodGet, "/"+strconv.Itoa(n), "Accept-Encoding", "zstd, gzip;q=0.5")
					assert.Equal(t, "zstd", response.Header.Get("Content-Encoding"))
					open = append(open, response)
				}
				beyond := host.open(http.MethodGet, "/4", "Accept-Encoding", "zstd")
				assert.Empty(t, beyond.Header.Get("Content-Encoding"))
				beyond.Body.Close()
				close(end)
				for n, response := range open {
					switch n % len(ends) {
					case 0:
						raw, err := io.ReadAll(response.Body)
						assert.NoError(t, err)
						assert.Equal(t, helloBytes, decode(t, "zstd", raw))
					case len(ends) - 1:
					default:
						_, err := io.ReadAll(response.Body)
						assert.Error(t, err)
					}
					response.Body.Close()
				}
				synctest.Wait()
			}
		})
	})
}

// A stream that took a slot and is then replaced by another response gives it
// back, too.
func TestSlotOfAStreamThatIsReplaced(t *testing.T) {
	hooks := map[string]app.SendHook{
		"the hook fails":   func(*app.Call, *app.Outgoing) error { return errors.New("no") },
		"the hook panics":  func(*app.Call, *app.Outgoing) error { panic("no") },
		"another status":   func(_ *app.Call, out *app.Outgoing) error { out.Status = http.StatusNoContent; return nil },
		"another body":     func(_ *app.Call, out *app.Outgoing) error { out.SetText("x"); return nil },
		"another response": func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("x") },
	}
	for name, hook := range hooks {
		bubble(t, name, func(t *testing.T) {
			replacing := true
			host := startModule(t, func(a *app.Application) {
				a.Install(sse.Plugin)
				a.Install(withStreams(func(e *compression.EventStreamConfig) { e.MaxEncoders = 1 }))
				a.InterceptSend(app.SendAfter, func(c *app.Call, out *app.Outgoing) error {
					if replacing {
						return hook(c, out)
					}
					return nil
				})
				routing.Routes(a, func(r *routing.Route) { r.SSE("/", hello) })
			})
			for range 3 {
				host.accepting("zstd", "/")
			}
			replacing = false
			host.accepting("zstd", "/").is("zstd", helloBytes)
		})
	}
}

// An encoder does not go from a stream to another answer, or back.
func TestStreamEncodersHaveTheirOwnPool(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(tracer)
		encoder := log.encoder("special")
		host := startStreams(t, with(func(c *compression.Config) {
			c.Encoder(encoder)
			c.EventStreams(func(e *compression.EventStreamConfig) { e.Encoder(encoder) })
		}), func(r *routing.Route) {
			r.SSE("/", hello)
			r.Get("/text", sending("text/plain", text))
		})
		made := func() (count int) {
			for _, entry := range log.entries() {
				if entry == "new" {
					count++
				}
			}
			return count
		}
		before := made()
		host.accepting("special", "/text")
		between := made()
		assert.Equal(t, before+1, between)
		host.accepting("special", "/")
		assert.Equal(t, between+1, made())
	})
}

// Of other responses only so many are encoded at once as well, apart from
// streams. A client that does not read keeps its encoder until it is cut off;
// beyond the limit a response is plain, and says that it might not have been.
func TestMaxEncodersOfResponses(t *testing.T) {
	for _, ends := range []string{"goes", "is cut off"} {
		bubble(t, "a client "+ends, func(t *testing.T) {
			large := string(incompressible(4 << 20))
			host := startStreams(t, with(func(c *compression.Config) {
				c.Gzip()
				c.MaxEncoders = 2
				c.EventStreams(streamGzip)
			}), func(r *routing.Route) {
				r.Get("/large", sending("text/plain", large))
				r.Get("/", sending("text/plain", text))
				r.SSE("/events", hello)
			})
			var deaf []*http.Response
			for range 2 {
				response := host.open(http.MethodGet, "/large", "Accept-Encoding", "gzip")
				assert.Equal(t, "gzip", response.Header.Get("Content-Encoding"))
				deaf = append(deaf, response)
			}
			synctest.Wait()
			plain := host.accepting("gzip", "/")
			plain.is("", text)
			assert.Equal(t, []string{"Accept-Encoding"}, plain.header.Values("Vary"))
			assert.Empty(t, host.do(http.MethodHead, "/", "Accept-Encoding", "gzip").header.Get("Content-Encoding"))
			host.accepting("gzip", "/events").is("gzip", helloBytes)
			if ends == "goes" {
				for _, response := range deaf {
					response.Body.Close()
				}
			} else {
				time.Sleep(2 * time.Minute) // WriteTimeout
			}
			synctest.Wait()
			for range 5 {
				host.accepting("gzip", "/").is("gzip", text)
			}
		})
	}
}

// However a response comes about and ends, its encoder is free for the next.
func TestEncodersAreGivenBack(t *testing.T) {
	write := func(c *app.Call) error {
		c.Header().Set("Content-Type", "text/plain")
		_, err := io.WriteString(c.Writer(), text)
		return errors.Join(err, http.NewResponseController(c.Writer()).Flush())
	}
	broken := special()
	broken.Name = "broken"
	broken.NewWriter = func(int) (compression.Writer, error) { return &panicking{}, nil }
	for name, test := range map[string]struct {
		handler app.Handler
		coding  string
	}{
		"a value":  {func(c *app.Call) error { return c.RespondText(text) }, "gzip"},
		"written":  {write, "gzip"},
		"an error": {func(c *app.Call) error { return errors.Join(write(c), errors.New("halfway")) }, "gzip"},
		"a panic":  {func(c *app.Call) error { _ = write(c); panic("halfway") }, "gzip"},
		"an abort": {func(c *app.Call) error { _ = write(c); panic(http.ErrAbortHandler) }, "gzip"},
		"a hijack": {func(c *app.Call) error {
			err := write(c)
			connection, _, hijackErr := http.NewResponseController(c.Writer()).Hijack()
			return errors.Join(err, hijackErr, connection.Close())
		}, "gzip"},
		"an encoder that panics at its end": {func(c *app.Call) error { return c.RespondText(text) }, "broken"},
		"replaced":                          {func(c *app.Call) error { return errors.Join(c.RespondText(text), errors.New("no")) }, "gzip"},
	} {
		bubble(t, name, func(t *testing.T) {
			host := start(t, with(func(c *compression.Config) {
				c.Gzip()
				c.Encoder(broken)
				c.MaxEncoders = 1
			}), func(r *routing.Route) {
				r.Get("/ends", test.handler)
				r.Get("/", sending("text/plain", text))
			})
			for range 3 {
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost/ends", nil)
				require.NoError(t, err)
				request.Header.Set("Accept-Encoding", test.coding)
				if response, err := host.client.Do(request); err == nil {
					_, _ = io.Copy(io.Discard, response.Body)
					response.Body.Close()
				}
				synctest.Wait()
				host.accepting("gzip", "/").is("gzip", text)
			}
		})
	}
}

// panicking is a coding whose body cannot be ended.
type panicking struct{ copying }

func (*panicking) Close() error { panic("no end") }
