package app_test

import (
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// TestAStreamInBothDirectionsMayBeSilent once it has begun to answer: what its
// client says next may come hours later, as with gRPC and behind proxies. Until
// then a silent client is too late.
func TestAStreamInBothDirectionsMayBeSilent(t *testing.T) {
	echo := func(begin func(w http.ResponseWriter)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = http.NewResponseController(w).EnableFullDuplex()
			begin(w)
			buffer := make([]byte, 100)
			for {
				n, err := r.Body.Read(buffer)
				if n > 0 {
					_, _ = w.Write(buffer[:n])
					w.(http.Flusher).Flush()
				}
				if err != nil {
					if coded := new(app.Error); errors.As(err, &coded) {
						http.Error(w, "late", coded.StatusCode())
					}
					return
				}
			}
		})
	}
	flushed := func(w http.ResponseWriter) { w.WriteHeader(http.StatusOK); w.(http.Flusher).Flush() }
	for protocol, option := range map[string]func(*http.Server){"HTTP/1.1": func(*http.Server) {}, "HTTP/2": http2} {
		for name, around := range map[string]func(http.Handler) http.Handler{
			"": func(next http.Handler) http.Handler { return next }, ", wrapped": wrappingWriter, ", in a fork": throughFlushingWriter,
		} {
			if name == ", in a fork" && protocol == "HTTP/1.1" {
				continue // EnableFullDuplex is not to be reached
			}
			t.Run("begun, "+protocol+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := serve(t, start(t, using(around), answering(app.FromHTTP(echo(flushed)))), option)
					reader, writer := io.Pipe()
					response, err := client.Post("http://test/", "text/plain", reader)
					require.NoError(t, err)
					defer response.Body.Close()
					for range 3 {
						time.Sleep(time.Hour)
						_, err = io.WriteString(writer, "hello")
						require.NoError(t, err)
						heard := make([]byte, 5)
						_, err = io.ReadFull(response.Body, heard)
						require.NoError(t, err)
						assert.Equal(t, "hello", string(heard))
					}
					require.NoError(t, writer.Close())
					_, err = io.ReadAll(response.Body)
					assert.NoError(t, err)
				})
			})
			t.Run("silent from the beginning, "+protocol+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					client := serve(t, start(t, using(around), answering(app.FromHTTP(echo(func(http.ResponseWriter) {})))), option)
					reader, writer := io.Pipe()
					defer writer.Close()
					began := time.Now()
					response, err := client.Post("http://test/", "text/plain", reader)
					require.NoError(t, err)
					defer response.Body.Close()
					assert.Equal(t, http.StatusRequestTimeout, response.StatusCode)
					assert.Equal(t, time.Minute, time.Since(began))
				})
			})
		}
	}
}

// throughFlushingWriter is a middleware whose writer has no Unwrap, and passes a
// flush on.
func throughFlushingWriter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(flushingWriter{w}, r) })
}

type flushingWriter struct{ http.ResponseWriter }

func (w flushingWriter) Flush() { w.ResponseWriter.(http.Flusher).Flush() }
