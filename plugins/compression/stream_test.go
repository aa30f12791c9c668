package compression_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// flushes are the two ways in which a net/http handler flushes.
var flushes = map[string]func(http.ResponseWriter) error{
	"Flusher": func(w http.ResponseWriter) error {
		w.(http.Flusher).Flush()
		return nil
	},
	"ResponseController": func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
}

// Each piece can be decoded as soon as it was flushed, while the handler waits
// for the client to have read it.
func TestFlush(t *testing.T) {
	pieces := []string{"one\n", strings.Repeat("two ", 100) + "\n", "three\n", strings.Repeat("four", 100_000) + "\n", "five\n"}
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		for name, flush := range flushes {
			t.Run(name, func(t *testing.T) {
				read := make(chan struct{})
				host := start(t, with(zstdStandard), func(r *routing.Route) {
					r.Get("/", byHTTP(func(w http.ResponseWriter, r *http.Request) {
						w.Header().Set("Content-Type", "text/plain")
						for _, piece := range pieces {
							io.WriteString(w, piece)
							assert.NoError(t, flush(w))
							select {
							case <-read:
							case <-r.Context().Done():
								return
							}
						}
					}))
				}, mode)
				for _, coding := range []string{"gzip", "deflate", "zstd", ""} {
					response := host.open(http.MethodGet, "/", "Accept-Encoding", coding)
					assert.Equal(t, coding, response.Header.Get("Content-Encoding"))
					body := bufio.NewReader(decoder(t, coding, response.Body))
					for _, piece := range pieces {
						line, err := body.ReadString('\n')
						require.NoError(t, err, coding)
						same(t, piece, line, "the piece")
						read <- struct{}{}
					}
					rest, err := io.ReadAll(body)
					assert.NoError(t, err)
					assert.Empty(t, rest)
				}
			})
		}
	})
}

// The head is with the client before there is a body, and a flush of nothing
// sends nothing.
func TestFlushBeforeWrite(t *testing.T) {
	for name, flush := range flushes {
		bubble(t, name, func(t *testing.T) {
			log := new(tracer)
			answered := make(chan struct{})
			host := start(t, with(func(c *compression.Config) { c.Encoder(log.encoder("special")) }), func(r *routing.Route) {
				r.Get("/before", sending("text/plain", text))
				r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/plain")
					assert.NoError(t, flush(w))
					assert.NoError(t, flush(w))
					<-answered
					io.WriteString(w, "body")
					assert.NoError(t, flush(w))
					assert.NoError(t, flush(w))
				}))
			})
			// This leaves a writer whose last write was not flushed.
			host.accepting("special", "/before").is("special", text)
			response := host.open(http.MethodGet, "/", "Accept-Encoding", "special")
			close(answered)
			assert.Equal(t, "special", response.Header.Get("Content-Encoding"))
			raw, err := io.ReadAll(response.Body)
			assert.NoError(t, err)
			assert.Equal(t, "body", string(raw))
			entries := log.entries()
			assert.Equal(t, []string{"reset", "write body", "flush", "close"}, entries[len(entries)-4:])
		})
	}
}

func TestInformationalFirst(t *testing.T) {
	host := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Link", "</style.css>; rel=preload")
			w.WriteHeader(http.StatusEarlyHints)
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(http.StatusTeapot)
			io.WriteString(w, text)
		}))
	})
	var early []textproto.MIMEHeader
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, header textproto.MIMEHeader) error {
		assert.Equal(t, http.StatusEarlyHints, code)
		early = append(early, header)
		return nil
	}})
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "gzip")
	response, err := host.client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.Len(t, early, 1)
	assert.Empty(t, early[0].Values("Vary"))
	assert.Empty(t, early[0].Values("Content-Encoding"))
	assert.Equal(t, http.StatusTeapot, response.StatusCode)
	raw, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	result{t, response.StatusCode, response.Header, raw}.is("gzip", text)
}

func TestHijack(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nraw"
	got := start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			connection, _, err := http.NewResponseController(w).Hijack()
			if !assert.NoError(t, err) {
				return
			}
			defer connection.Close()
			io.WriteString(connection, answer)
		}))
	}).accepting("gzip", "/")
	got.is("", "raw")
	assert.Empty(t, got.header.Values("Vary"))
}

func TestWriteDeadlineReachesTheConnection(t *testing.T) {
	start(t, compression.Plugin, func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			io.WriteString(w, text)
			control := http.NewResponseController(w)
			assert.NoError(t, control.Flush())
			assert.NoError(t, control.SetWriteDeadline(time.Now().Add(time.Hour)))
		}))
	}).accepting("gzip", "/").is("gzip", text)
}

// A body that ends early is cut, and its coding is not finished.
func TestCutBody(t *testing.T) {
	for name, end := range map[string]func(){
		"panic":                func() { panic("halfway") },
		"http.ErrAbortHandler": func() { panic(http.ErrAbortHandler) },
	} {
		apptest.Run(t, func(t *testing.T, mode apptest.Option) {
			bubble(t, name, func(t *testing.T) {
				log := new(tracer)
				host := start(t, with(func(c *compression.Config) {
					c.Gzip()
					c.Encoder(log.encoder("special"))
				}), func(r *routing.Route) {
					r.Get("/", func(c *app.Call) error {
						io.WriteString(c.Writer(), text)
						assert.NoError(t, http.NewResponseController(c.Writer()).Flush())
						end()
						return nil
					})
				}, mode)
				response := host.open(http.MethodGet, "/", "Accept-Encoding", "gzip")
				raw, err := io.ReadAll(response.Body)
				assert.Error(t, err)
				reader, err := gzip.NewReader(bytes.NewReader(raw))
				require.NoError(t, err)
				decoded, err := io.ReadAll(reader)
				assert.ErrorIs(t, err, io.ErrUnexpectedEOF)
				assert.Equal(t, text, string(decoded))

				response = host.open(http.MethodGet, "/", "Accept-Encoding", "special")
				_, err = io.ReadAll(response.Body)
				assert.Error(t, err)
				assert.Equal(t, []string{"new", "reset", "write " + text, "flush", "unbind"}, log.entries())
			})
		})
	}
}

// A client that goes away costs no writer.
func TestClientGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(tracer)
		host := start(t, with(func(c *compression.Config) { c.Encoder(log.encoder("special")) }), func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error {
				io.WriteString(c.Writer(), "body")
				assert.NoError(t, http.NewResponseController(c.Writer()).Flush())
				<-c.Context().Done()
				return c.Context().Err()
			})
		})
		ctx, cancel := context.WithCancel(t.Context())
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://test/", nil)
		require.NoError(t, err)
		request.Header.Set("Accept-Encoding", "special")
		response, err := host.client.Do(request)
		require.NoError(t, err)
		defer response.Body.Close()
		cancel()
		assert.Equal(t, []string{"new", "reset", "write body", "flush", "unbind"}, log.entries())
	})
}

// A writer that has failed is not used again, and the body that it failed is
// cut.
func TestWriterFails(t *testing.T) {
	failure := errors.New("the codec is out of order")
	for _, test := range []struct {
		fails string
		log   []string
	}{
		{"write", []string{"new", "reset", "write body", "new", "reset", "write body"}},
		{"flush", []string{"new", "reset", "write body", "flush", "new", "reset", "write body", "flush"}},
		{"close", []string{"new", "reset", "write body", "flush", "close", "new", "reset", "write body", "flush", "close"}},
	} {
		bubble(t, test.fails, func(t *testing.T) {
			log := &tracer{fails: test.fails, failure: failure}
			host := start(t, with(func(c *compression.Config) { c.Encoder(log.encoder("special")) }), func(r *routing.Route) {
				r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/plain")
					control := http.NewResponseController(w)
					assert.NoError(t, control.Flush())
					_, writeErr := io.WriteString(w, "body")
					flushErr := control.Flush()
					if test.fails == "write" {
						assert.ErrorIs(t, writeErr, failure)
					}
					if test.fails != "close" {
						assert.ErrorIs(t, flushErr, failure)
						_, err := io.WriteString(w, "more")
						assert.ErrorIs(t, err, failure)
					}
				}))
			})
			for range 2 {
				response := host.open(http.MethodGet, "/", "Accept-Encoding", "special")
				_, err := io.ReadAll(response.Body)
				assert.Error(t, err)
			}
			assert.Equal(t, test.log, log.entries())
		})
	}
}

func TestNoWriterToBeHad(t *testing.T) {
	failure := errors.New("no more")
	made := 0
	encoder := compression.Encoder{Name: "special", NewWriter: func(int) (compression.Writer, error) {
		if made++; made > 1 {
			return nil, failure
		}
		return &copying{}, nil
	}}
	host := start(t, with(func(c *compression.Config) { c.Encoder(encoder) }), func(r *routing.Route) {
		r.Get("/", byHTTP(func(w http.ResponseWriter, _ *http.Request) {
			_, err := io.WriteString(w, text)
			assert.ErrorIs(t, err, failure)
			assert.ErrorContains(t, err, "open special writer")
		}))
	})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test/", nil)
	require.NoError(t, err)
	request.Header.Set("Accept-Encoding", "special")
	_, err = host.client.Do(request)
	assert.Error(t, err, "the answer was cut before its head had left")
}

// Writers that go from one body to the next, also when one is given up, mix
// nothing up.
func TestWritersAreReused(t *testing.T) {
	host := start(t, with(zstdStandard), func(r *routing.Route) {
		r.Get("/{name}/{lines}", func(c *app.Call) error {
			var lines int
			fmt.Sscan(c.PathParam("lines"), &lines)
			for i := range lines {
				fmt.Fprintln(c.Writer(), c.PathParam("name"), i)
			}
			if c.QueryParam("cut") != "" {
				http.NewResponseController(c.Writer()).Flush()
				panic(http.ErrAbortHandler)
			}
			return nil
		})
	})
	var workers sync.WaitGroup
	for worker := range 4 {
		workers.Go(func() {
			for round := range 10 {
				coding := []string{"gzip", "deflate", "zstd"}[round%3]
				lines := 100 + (round%4)*1000
				path := fmt.Sprintf("/worker%d-%d/%d", worker, round, lines)
				if round%5 == 0 {
					path += "?cut=1"
				}
				request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://test"+path, nil)
				assert.NoError(t, err)
				request.Header.Set("Accept-Encoding", coding)
				response, err := host.client.Do(request)
				if !assert.NoError(t, err) {
					return
				}
				raw, err := io.ReadAll(response.Body)
				response.Body.Close()
				if round%5 == 0 {
					assert.Error(t, err)
					continue
				}
				assert.NoError(t, err)
				var want strings.Builder
				for i := range lines {
					fmt.Fprintf(&want, "worker%d-%d %d\n", worker, round, i)
				}
				same(t, want.String(), decode(t, coding, raw), path)
			}
		})
	}
	workers.Wait()
}
