package compression_test

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
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

// Each event can be decoded as soon as it was sent, while the handler waits for
// the client to have read it, whoever writes the stream.
func TestEventStreamIsReadAsItIsWritten(t *testing.T) {
	events := []string{"one", strings.Repeat("two ", 100), "three", strings.Repeat("four", 50_000), "five", "six", "six"}
	read := make(chan struct{})
	byHand := func(w http.ResponseWriter, gone <-chan struct{}) error {
		w.Header().Set("Content-Type", "text/event-stream")
		control := http.NewResponseController(w)
		if err := control.Flush(); err != nil {
			return err
		}
		for _, event := range events {
			for _, piece := range []string{"data: ", event, "\r\n", "\r\n"} {
				if _, err := io.WriteString(w, piece); err != nil {
					return err
				}
			}
			if err := control.Flush(); err != nil {
				return err
			}
			select {
			case <-read:
			case <-gone:
				return nil
			}
		}
		return nil
	}
	declare := func(r *routing.Route) {
		r.SSE("/session", func(s *sse.Session) error {
			for _, event := range events {
				if err := s.SendText(event); err != nil {
					return err
				}
				select {
				case <-read:
				case <-s.Context().Done():
					return nil
				}
			}
			return nil
		})
		r.Get("/stream", func(c *app.Call) error {
			return c.Respond(app.Stream(func(w http.ResponseWriter) error { return byHand(w, c.Context().Done()) }))
		})
		r.Get("/http", byHTTP(func(w http.ResponseWriter, r *http.Request) { assert.NoError(t, byHand(w, r.Context().Done())) }))
	}
	for coding, configure := range map[string]func(*compression.EventStreamConfig){
		"zstd": streamZstd, "gzip": streamGzip, "deflate": streamDeflate,
	} {
		apptest.Run(t, func(t *testing.T, mode apptest.Option) {
			bubble(t, coding, func(t *testing.T) {
				read = make(chan struct{})
				host := startStreams(t, withStreams(configure), declare, mode)
				for _, path := range []string{"/session", "/stream", "/http"} {
					response := host.open(http.MethodGet, path, "Accept-Encoding", coding)
					assert.Equal(t, coding, response.Header.Get("Content-Encoding"))
					assert.Equal(t, []string{"Accept-Encoding"}, response.Header.Values("Vary"))
					assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
					assert.Empty(t, response.Header.Values("Content-Length"))
					body := bufio.NewReader(decoder(t, coding, response.Body))
					for _, event := range events {
						line, err := body.ReadString('\n')
						require.NoError(t, err)
						same(t, "data: "+event+"\r\n", line, "the event")
						line, err = body.ReadString('\n')
						require.NoError(t, err)
						assert.Equal(t, "\r\n", line)
						read <- struct{}{}
					}
					rest, err := io.ReadAll(body)
					assert.NoError(t, err)
					assert.Empty(t, rest)
				}
			})
		})
	}
}

// The head leaves before there is an event, and heartbeats arrive one by one.
func TestEventStreamHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := startStreams(t, withStreams(), func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error {
				s.Heartbeat(func(h *sse.HeartbeatConfig) {
					h.Period = time.Minute
					h.Event = sse.Event{Comments: "beat"}
				})
				return s.Delay(2*time.Minute + time.Second)
			})
		})
		began := time.Now()
		response := host.open(http.MethodGet, "/", "Accept-Encoding", "zstd")
		assert.Zero(t, time.Since(began))
		body := bufio.NewReader(decoder(t, "zstd", response.Body))
		for beat := range 3 {
			line, err := body.ReadString('\n')
			require.NoError(t, err)
			assert.Equal(t, ": beat\r\n", line)
			assert.Equal(t, time.Duration(beat)*time.Minute, time.Since(began))
		}
	})
}

// The encoder is flushed as often as the stream is: once for an event of a
// session, once for what a handler writes as a batch.
func TestEventStreamFlushesOncePerBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(tracer)
		host := startStreams(t, withStreams(func(e *compression.EventStreamConfig) { e.Encoder(log.encoder("special")) }), func(r *routing.Route) {
			r.SSE("/session", func(s *sse.Session) error {
				assert.NoError(t, s.SendText("1"))
				return s.SendText("2")
			})
			r.Get("/batch", func(c *app.Call) error {
				c.Header().Set("Content-Type", "text/event-stream")
				return c.Respond(app.Stream(func(w http.ResponseWriter) error {
					control := http.NewResponseController(w)
					assert.NoError(t, control.Flush())
					for range 3 {
						io.WriteString(w, "data\n\n")
					}
					return control.Flush()
				}))
			})
		})
		host.accepting("special", "/session").is("special", "data: 1\r\n\r\ndata: 2\r\n\r\n")
		assert.Equal(t, []string{"new", "reset", "write data: 1\r\n\r\n", "flush", "write data: 2\r\n\r\n", "flush", "close"}, log.entries())
		log.notes = nil
		host.accepting("special", "/batch").is("special", "data\n\ndata\n\ndata\n\n")
		// A new writer is made if the pool has been emptied.
		again := slices.DeleteFunc(log.entries(), func(entry string) bool { return entry == "new" })
		assert.Equal(t, []string{"reset", "write data\n\n", "write data\n\n", "write data\n\n", "flush", "close"}, again)
	})
}

// What a session sends together costs one flush of the encoder, and can be
// decoded when it has left.
func TestEventStreamFlushesOnceForAFlood(t *testing.T) {
	flood := func(s *sse.Session) error {
		for i := range 11 {
			if err := s.SendText(strconv.Itoa(i)); err != nil {
				return err
			}
		}
		<-s.Context().Done()
		return nil
	}
	synctest.Test(t, func(t *testing.T) {
		log := new(tracer)
		host := startStreams(t, withStreams(func(e *compression.EventStreamConfig) { e.Encoder(log.encoder("special")) }), func(r *routing.Route) {
			r.SSE("/flood", flood)
		})
		response := host.open(http.MethodGet, "/flood", "Accept-Encoding", "special")
		time.Sleep(time.Millisecond)
		synctest.Wait()
		want := []string{"new", "reset"}
		for i := range 8 {
			want = append(want, fmt.Sprintf("write data: %d\r\n\r\n", i), "flush")
		}
		want = append(want, "write data: 8\r\n\r\ndata: 9\r\n\r\ndata: 10\r\n\r\n", "flush")
		assert.Equal(t, want, log.entries())
		assert.NoError(t, response.Body.Close())
	})
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for coding, configure := range map[string]func(*compression.EventStreamConfig){
			"zstd": streamZstd, "gzip": streamGzip, "deflate": streamDeflate,
		} {
			bubble(t, coding, func(t *testing.T) {
				host := startStreams(t, withStreams(configure), func(r *routing.Route) { r.SSE("/flood", flood) }, mode)
				began := time.Now()
				response := host.open(http.MethodGet, "/flood", "Accept-Encoding", coding)
				body := bufio.NewReader(decoder(t, coding, response.Body))
				for i := range 11 {
					line, err := body.ReadString('\n')
					require.NoError(t, err)
					assert.Equal(t, fmt.Sprintf("data: %d\r\n", i), line)
					assert.Equal(t, map[bool]time.Duration{true: time.Millisecond}[i >= 8], time.Since(began))
					_, err = body.ReadString('\n')
					require.NoError(t, err)
				}
				assert.NoError(t, response.Body.Close())
			})
		}
	})
}

// What small events cost is less than what they are, with every encoder.
func TestSmallEventsShrink(t *testing.T) {
	var plain strings.Builder
	for i := range 200 {
		fmt.Fprintf(&plain, "data: {\"symbol\":\"ACME\",\"bid\":%d.%02d,\"time\":\"10:00:%02d\"}\r\n\r\n", 100+i%7, i*31%100, i%60)
	}
	for coding, configure := range map[string]func(*compression.EventStreamConfig){
		"zstd": streamZstd, "gzip": streamGzip, "deflate": streamDeflate,
	} {
		got := startStreams(t, withStreams(configure), func(r *routing.Route) {
			r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/event-stream")
				for event := range strings.SplitAfterSeq(plain.String(), "\r\n\r\n") {
					io.WriteString(w, event)
					assert.NoError(t, http.NewResponseController(w).Flush())
				}
			}))
		}).accepting(coding, "/")
		got.is(coding, plain.String())
		assert.Less(t, 2*len(got.raw), plain.Len(), coding)
	}
}

func TestEventStreamNegotiation(t *testing.T) {
	host := startStreams(t, withStreams(), func(r *routing.Route) { r.SSE("/", hello) })
	for accept, want := range map[string]string{
		"gzip, deflate, br, zstd": "zstd", "*": "zstd", "gzip": "gzip", "x-gzip": "gzip", "zstd;q=0.5, gzip;q=0.8": "gzip",
		"": "", "br": "", "deflate": "", "identity, gzip;q=0.5": "", "zstd;q=0": "",
	} {
		got := host.accepting(accept, "/")
		got.is(want, helloBytes)
		assert.Equal(t, []string{"Accept-Encoding"}, got.header.Values("Vary"), accept)
		assert.Equal(t, "no-store, no-transform", got.header.Get("Cache-Control"))
		head := host.do(http.MethodHead, "/", "Accept-Encoding", accept)
		assert.Empty(t, head.raw)
		for _, header := range []http.Header{got.header, head.header} {
			header.Del("Date")
		}
		assert.Equal(t, got.header, head.header, accept)
	}
}

// Streams and other responses have encoders of their own, and their own
// conditions besides the global ones.
func TestEventStreamsAreApart(t *testing.T) {
	host := startStreams(t, with(func(c *compression.Config) {
		c.Deflate(func(e *compression.EncoderConfig) { e.MatchContentType("text/plain") })
		c.Condition(func(c *app.Call, _ *app.Outgoing) bool { return c.QueryParam("global") != "no" })
		c.EventStreams(func(e *compression.EventStreamConfig) {
			e.Condition(func(c *app.Call, _ *app.Outgoing) bool { return c.QueryParam("streams") != "no" })
			e.Zstd(func(z *compression.EncoderConfig) {
				z.Condition(func(c *app.Call, _ *app.Outgoing) bool { return c.QueryParam("zstd") != "no" })
			})
		})
		c.EventStreams(streamGzip)
	}), func(r *routing.Route) {
		texts(r)
		r.SSE("/events", hello)
	})
	host.accepting("*", "/").is("deflate", text)
	host.accepting("*", "/?streams=no").is("deflate", text)
	host.accepting("zstd, gzip", "/").is("", text)
	host.accepting("*", "/events").is("zstd", helloBytes)
	host.accepting("*", "/events?zstd=no").is("gzip", helloBytes)
	host.accepting("deflate", "/events").is("", helloBytes)
	for _, query := range []string{"?global=no", "?streams=no"} {
		got := host.accepting("*", "/events"+query)
		got.is("", helloBytes)
		assert.Empty(t, got.header.Values("Vary"))
	}
}

// A stream that somebody does not want encoded is not.
func TestEventStreamLeftAlone(t *testing.T) {
	host := startStreams(t, withStreams(), func(r *routing.Route) {
		for path, prepare := range map[string]func(*app.Call){
			"/suppressed": (*app.Call).SuppressCompression,
			"/encoded":    func(c *app.Call) { c.Header().Set("Content-Encoding", "identity") },
		} {
			r.Get(path, func(c *app.Call) error {
				prepare(c)
				return sse.Respond(c, hello)
			})
		}
		r.Get("/no-transform", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/event-stream")
			c.Header().Set("Cache-Control", "no-transform")
			return c.RespondText(helloBytes)
		})
		r.Get("/empty", func(c *app.Call) error {
			c.Header().Set("Content-Type", "text/event-stream")
			return c.RespondStatus(http.StatusOK)
		})
		r.Get("/204", func(c *app.Call) error {
			c.SetStatus(http.StatusNoContent)
			return sse.Respond(c, hello)
		})
	})
	for path, want := range map[string]string{
		"/no-transform": helloBytes, "/suppressed": helloBytes, "/encoded": helloBytes, "/empty": "", "/204": "",
	} {
		got := host.accepting("*", path)
		assert.Equal(t, want, string(got.raw), path)
		assert.NotContains(t, []string{"zstd", "gzip"}, got.header.Get("Content-Encoding"), path)
		assert.Empty(t, got.header.Values("Vary"), path)
	}
}

// TestEventStreamsByContentType: both parts of the media type count, in any
// case, and what only resembles it is a response like any other.
func TestEventStreamsByContentType(t *testing.T) {
	for contentType, isStream := range map[string]bool{
		"text/event-stream":                        true,
		"Text/Event-Stream; charset=utf-8":         true,
		"x/event-stream":                           false,
		"text/x-event-stream":                      false,
		"text/event-streamfoo":                     false,
		"text/event-stream/foo":                    false,
		"text/event-\u017ftream":                   false,
		"application/json; like=text/event-stream": false,
	} {
		t.Run(contentType, func(t *testing.T) {
			want := "gzip"
			if isStream {
				want = ""
			}
			start(t, with(func(c *compression.Config) { c.MinimumSize(1) }), func(r *routing.Route) {
				r.Get("/", sending(contentType, text))
			}).accepting("gzip", "/").is(want, text)
		})
	}
}

// The nearest installation decides.
func TestEventStreamsOfARoute(t *testing.T) {
	host := startModule(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		routing.Routes(a, func(r *routing.Route) {
			r.Route("/on", func(r *routing.Route) {
				r.Install(withStreams(streamGzip))
				r.SSE("/", hello)
				r.Route("/off", func(r *routing.Route) {
					r.Install(with(onlyZstd))
					r.SSE("/", hello)
				})
			})
			r.SSE("/off", hello)
		})
	})
	host.accepting("*", "/on/").is("gzip", helloBytes)
	host.accepting("*", "/on/off/").is("", helloBytes)
	host.accepting("*", "/off").is("", helloBytes)
}

// A client of a stream that ends because the application stops gets a whole
// body.
func TestEventStreamEndsWithTheApplication(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		bubble(t, "stop", func(t *testing.T) {
			host := startStreams(t, withStreams(streamGzip), func(r *routing.Route) {
				r.SSE("/", func(s *sse.Session) error {
					assert.NoError(t, hello(s))
					<-s.Context().Done()
					return nil
				})
			}, mode)
			response := host.open(http.MethodGet, "/", "Accept-Encoding", "gzip")
			synctest.Wait()
			go host.served.Stop()
			raw, err := io.ReadAll(response.Body)
			assert.NoError(t, err)
			assert.Equal(t, helloBytes, decode(t, "gzip", raw))
		})
	})
}

// Every mistake comes back from Start.
func TestEventStreamMistakes(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(*compression.EventStreamConfig)
		want      string
	}{
		{"a gzip that forgets", func(e *compression.EventStreamConfig) { e.Gzip(level(6)) }, `encoder "gzip": level 6 would make small events grow: event streams need 7 to 9`},
		{"a deflate that forgets", func(e *compression.EventStreamConfig) { e.Deflate(level(1)) }, `encoder "deflate": level 1 would make`},
		{"gzip level", func(e *compression.EventStreamConfig) { e.Gzip(level(10)) }, `encoder "gzip": level 10 is not between 1 and 9`},
		{"negative level", func(e *compression.EventStreamConfig) { e.Gzip(level(-1)) }, `encoder "gzip": level -1 is not between 1 and 9`},
		{"zstd level", func(e *compression.EventStreamConfig) { e.Zstd(level(23)) }, `encoder "zstd": level 23 is not between 1 and 22`},
		{"named twice", func(e *compression.EventStreamConfig) { e.Zstd(); e.Gzip(); e.Zstd() }, `encoder "zstd": it is named twice`},
		{"identity", func(e *compression.EventStreamConfig) {
			e.Encoder(compression.Encoder{Name: "identity"})
		}, "encoder identity: use Config.Identity"},
		{"no function", func(e *compression.EventStreamConfig) {
			e.Encoder(compression.Encoder{Name: "special"})
		}, `encoder "special": NewWriter is nil`},
		{"priority", func(e *compression.EventStreamConfig) {
			e.Gzip(func(e *compression.EncoderConfig) { e.Priority = math.NaN() })
		}, `encoder "gzip": the priority is not a number`},
		{"condition", func(e *compression.EventStreamConfig) { e.Condition(nil) }, "the condition is nil"},
		{"nil function", nil, "the configuration function is nil"},
		{"nil function of zstd", func(e *compression.EventStreamConfig) { e.Zstd(nil) }, `encoder "zstd": the configuration function is nil`},
		{"nil function of gzip", func(e *compression.EventStreamConfig) { e.Gzip(nil) }, `encoder "gzip": the configuration function is nil`},
		{"nil function of deflate", func(e *compression.EventStreamConfig) { e.Deflate(nil) }, `encoder "deflate": the configuration function is nil`},
		{"nil function of an own encoder", func(e *compression.EventStreamConfig) { e.Encoder(special(), nil) }, `encoder "special": the configuration function is nil`},
		{"number of encoders", func(e *compression.EventStreamConfig) { e.MaxEncoders = -1 }, "MaxEncoders is negative"},
	} {
		t.Run(test.name, func(t *testing.T) {
			application := app.New(func(a *app.Application) { a.Install(withStreams(test.configure)) })
			assert.ErrorContains(t, application.Start(t.Context()), "event streams: "+test.want)
		})
	}
	t.Run("each says what it is about", func(t *testing.T) {
		application := app.New(func(a *app.Application) {
			a.Install(withStreams(func(e *compression.EventStreamConfig) {
				e.Gzip(level(10))
				e.Zstd(level(23))
				e.MaxEncoders = -1
			}))
		})
		for line := range strings.Lines(application.Start(t.Context()).Error()) {
			assert.Contains(t, line, "event streams: ")
		}
	})
}

func TestEventStreamLevels(t *testing.T) {
	for coding, levels := range map[string][]int{"gzip": {0, 7, 8, 9}, "deflate": {0, 7, 8, 9}, "zstd": {0, 1, 3, 7, 22}} {
		for _, n := range levels {
			t.Run(coding+" "+strconv.Itoa(n), func(t *testing.T) {
				startStreams(t, withStreams(func(e *compression.EventStreamConfig) {
					switch coding {
					case "gzip":
						e.Gzip(level(n))
					case "deflate":
						e.Deflate(level(n))
					default:
						e.Zstd(level(n))
					}
				}), func(r *routing.Route) { r.SSE("/", hello) }).accepting("*", "/").is(coding, helloBytes)
			})
		}
	}
}
