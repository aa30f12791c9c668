package brotli_test

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"

	reference "github.com/andybalholm/brotli"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/plugins/compression/brotli"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

var text = strings.Repeat("text to be compressed\n", 100)

func level(level int) func(*compression.EncoderConfig) {
	return func(e *compression.EncoderConfig) { e.Level = level }
}

// start serves texts and event streams in Brotli.
func start(t *testing.T, declare func(*routing.Route), options ...apptest.Option) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(sse.Plugin)
		a.Install(compression.Plugin.With(func(c *compression.Config) {
			c.Encoder(brotli.Encoder())
			c.EventStreams(func(e *compression.EventStreamConfig) { e.Encoder(brotli.EventStreamEncoder()) })
		}))
		routing.Routes(a, declare)
	}, options...)
}

func TestResponse(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		host := start(t, func(r *routing.Route) {
			r.Get("/", func(c *app.Call) error { return c.RespondText(text) })
		}, mode)
		response := host.Get("/", apptest.Header("Accept-Encoding", "gzip, deflate, br, zstd"))
		assert.Equal(t, "br", response.Header.Get("Content-Encoding"))
		assert.Equal(t, "Accept-Encoding", response.Header.Get("Vary"))
		raw, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		assert.Less(t, len(raw), 100)
		decoded, err := io.ReadAll(reference.NewReader(bytes.NewReader(raw)))
		assert.NoError(t, err)
		assert.Equal(t, text, string(decoded))
	})
}

// Each event can be decoded as soon as it was sent, while the handler waits for
// the client to have read it.
func TestEventStream(t *testing.T) {
	events := []string{"one", strings.Repeat("two ", 100), "three", strings.Repeat("four", 50_000), "five", "six", "six"}
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			read := make(chan struct{})
			host := start(t, func(r *routing.Route) {
				r.SSE("/", func(s *sse.Session) error {
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
			}, mode)
			response := host.Get("/", apptest.Header("Accept-Encoding", "br"))
			assert.Equal(t, "br", response.Header.Get("Content-Encoding"))
			body := bufio.NewReader(reference.NewReader(response.Body))
			for _, event := range events {
				for _, want := range []string{"data: " + event + "\r\n", "\r\n"} {
					line, err := body.ReadString('\n')
					require.NoError(t, err)
					require.Equal(t, want, line)
				}
				read <- struct{}{}
			}
			rest, err := io.ReadAll(body)
			assert.NoError(t, err)
			assert.Empty(t, rest)
		})
	})
}

// What small events cost is less than what they are, at every quality that
// streams may have.
func TestSmallEventsShrink(t *testing.T) {
	for _, quality := range []int{0, 3, 4, 5, 6} {
		var sent bytes.Buffer
		writer, err := brotli.EventStreamEncoder().NewWriter(quality)
		require.NoError(t, err)
		writer.Reset(&sent)
		plain := 0
		for i := range 100 {
			n, err := fmt.Fprintf(writer, "data: {\"symbol\":\"ACME\",\"bid\":%d.%02d,\"time\":\"10:00:%02d\"}\r\n\r\n", 100+i%7, i*31%100, i%60)
			require.NoError(t, err)
			require.NoError(t, writer.Flush())
			plain += n
		}
		assert.Less(t, 2*sent.Len(), plain, quality)
	}
}

func TestLevels(t *testing.T) {
	sizes := map[int]int{}
	for quality := range 12 {
		writer, err := brotli.Encoder().NewWriter(quality)
		require.NoError(t, err)
		var sent bytes.Buffer
		writer.Reset(&sent)
		_, err = io.WriteString(writer, text)
		require.NoError(t, err)
		require.NoError(t, writer.Close())
		sizes[quality] = sent.Len()
		decoded, err := io.ReadAll(reference.NewReader(&sent))
		assert.NoError(t, err)
		assert.Equal(t, text, string(decoded), quality)
	}
	assert.Equal(t, sizes[4], sizes[0], "the default")
}

func TestMistakes(t *testing.T) {
	for _, test := range []struct {
		name      string
		configure func(*compression.Config)
		want      string
	}{
		{"too high", func(c *compression.Config) { c.Encoder(brotli.Encoder(), level(12)) }, "level 12 is not between 1 and 11"},
		{"negative", func(c *compression.Config) { c.Encoder(brotli.Encoder(), level(-1)) }, "level -1 is not between 1 and 11"},
		{"too low for streams", func(c *compression.Config) {
			c.EventStreams(func(e *compression.EventStreamConfig) { e.Encoder(brotli.EventStreamEncoder(), level(2)) })
		}, "level 2 is not between 3 and 6"},
		{"too high for streams", func(c *compression.Config) {
			c.EventStreams(func(e *compression.EventStreamConfig) { e.Encoder(brotli.EventStreamEncoder(), level(7)) })
		}, "level 7 is not between 3 and 6"},
	} {
		t.Run(test.name, func(t *testing.T) {
			application := app.New(func(a *app.Application) { a.Install(compression.Plugin.With(test.configure)) })
			assert.ErrorContains(t, application.Start(t.Context()), `encoder "br": `+test.want)
		})
	}
}

// A client that goes away halfway costs no mix-up: the writer is used again.
func TestResetHalfway(t *testing.T) {
	for quality := 1; quality <= 11; quality++ {
		t.Run(strconv.Itoa(quality), func(t *testing.T) {
			writer, err := brotli.Encoder().NewWriter(quality)
			require.NoError(t, err)
			var given, taken bytes.Buffer
			writer.Reset(&given)
			_, err = io.WriteString(writer, "given up")
			require.NoError(t, err)
			require.NoError(t, writer.Flush())
			_, err = io.WriteString(writer, "and never sent")
			require.NoError(t, err)
			length := given.Len()
			writer.Reset(nil)
			writer.Reset(&taken)
			_, err = io.WriteString(writer, text)
			require.NoError(t, err)
			require.NoError(t, writer.Close())
			decoded, err := io.ReadAll(reference.NewReader(&taken))
			assert.NoError(t, err)
			assert.Equal(t, text, string(decoded))
			assert.Equal(t, length, given.Len())
		})
	}
}
