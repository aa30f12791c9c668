package memnet_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/internal/memnet"
)

// protocols are the two ways in which net/http speaks without TLS.
func protocols() map[string]*http.Protocols {
	http1, http2 := new(http.Protocols), new(http.Protocols)
	http1.SetHTTP1(true)
	http2.SetUnencryptedHTTP2(true)
	return map[string]*http.Protocols{"HTTP/1.1": http1, "HTTP/2.0": http2}
}

// serve runs a real server in a bubble, once for each protocol. What is left
// blocked at the end fails the test.
func serve(t *testing.T, handler http.HandlerFunc, test func(t *testing.T, server *http.Server, client *http.Client)) {
	for name, p := range protocols() {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				listener := memnet.Listen()
				server := &http.Server{Protocols: p, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					assert.Equal(t, name, r.Proto)
					handler(w, r)
				})}
				served := make(chan error, 1)
				go func() { served <- server.Serve(listener) }()
				client := &http.Client{Transport: &http.Transport{DialContext: listener.DialContext, Protocols: p}}
				test(t, server, client)
				assert.NoError(t, server.Shutdown(t.Context()))
				assert.ErrorIs(t, <-served, http.ErrServerClosed)
				_, err := client.Get("http://test/")
				assert.ErrorContains(t, err, "connection refused")
			})
		})
	}
}

func TestStreamArrivesOnTime(t *testing.T) {
	var clients []string
	handler := func(w http.ResponseWriter, r *http.Request) {
		clients = append(clients, r.RemoteAddr)
		control := http.NewResponseController(w)
		for i := range 5 {
			time.Sleep(time.Second)
			fmt.Fprintln(w, "line", i)
			assert.NoError(t, control.Flush())
		}
	}
	serve(t, handler, func(t *testing.T, _ *http.Server, client *http.Client) {
		clients = nil
		for range 2 {
			began := time.Now()
			response, err := client.Get("http://test/")
			require.NoError(t, err)
			lines := bufio.NewScanner(response.Body)
			for i := range 5 {
				require.True(t, lines.Scan())
				require.Equal(t, fmt.Sprint("line ", i), lines.Text())
				require.Equal(t, time.Duration(i+1)*time.Second, time.Since(began))
			}
			require.False(t, lines.Scan())
			require.NoError(t, lines.Err())
			require.NoError(t, response.Body.Close())
		}
		require.Equal(t, []string{"192.0.2.2:1024", "192.0.2.2:1024"}, clients, "the connection is kept alive")
	})
}

func TestHandlerLearnsThatTheClientIsGone(t *testing.T) {
	var gone chan time.Time
	handler := func(w http.ResponseWriter, r *http.Request) {
		assert.NoError(t, http.NewResponseController(w).Flush())
		<-r.Context().Done()
		gone <- time.Now()
	}
	serve(t, handler, func(t *testing.T, _ *http.Server, client *http.Client) {
		gone = make(chan time.Time, 1)
		response, err := client.Get("http://test/")
		require.NoError(t, err)
		time.Sleep(time.Minute)
		left := time.Now()
		require.NoError(t, response.Body.Close())
		require.Equal(t, left, <-gone)
	})
}

func TestHandlerFeelsBackPressure(t *testing.T) {
	var stuck chan error
	handler := func(w http.ResponseWriter, r *http.Request) {
		control := http.NewResponseController(w)
		assert.NoError(t, control.Flush())
		assert.NoError(t, control.SetWriteDeadline(time.Now().Add(time.Minute)))
		var err error
		for piece := make([]byte, 64<<10); err == nil; {
			_, err = w.Write(piece)
		}
		stuck <- err
	}
	serve(t, handler, func(t *testing.T, _ *http.Server, client *http.Client) {
		stuck = make(chan error, 1)
		began := time.Now()
		response, err := client.Get("http://test/")
		require.NoError(t, err)
		defer response.Body.Close()
		require.ErrorIs(t, <-stuck, os.ErrDeadlineExceeded)
		require.Equal(t, time.Minute, time.Since(began))
		_, err = io.Copy(io.Discard, response.Body)
		require.Error(t, err, "the body was cut")
	})
}

func TestServerCloseFreesAStuckHandler(t *testing.T) {
	var stuck chan error
	handler := func(w http.ResponseWriter, r *http.Request) {
		_, err := io.Copy(struct{ io.Writer }{w}, endless{})
		stuck <- err
	}
	serve(t, handler, func(t *testing.T, server *http.Server, client *http.Client) {
		stuck = make(chan error, 1)
		response, err := client.Get("http://test/")
		require.NoError(t, err)
		defer response.Body.Close()
		time.Sleep(time.Hour)
		require.Empty(t, stuck)
		require.NoError(t, server.Close())
		require.Error(t, <-stuck)
	})
}

// endless reads as zeros.
type endless struct{}

func (endless) Read(b []byte) (int, error) { clear(b); return len(b), nil }

func TestRequestBodies(t *testing.T) {
	handler := func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		assert.NoError(t, err)
		fmt.Fprint(w, n)
	}
	serve(t, handler, func(t *testing.T, _ *http.Server, client *http.Client) {
		response, err := client.Post("http://test/", "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
		require.NoError(t, err)
		defer response.Body.Close()
		got, err := io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, "1048576", string(got))
	})
}
