package compat_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/starfederation/datastar-go/datastar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	gosse "github.com/tmaxmax/go-sse"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/memnet"
)

func streamRows() []mountedRow {
	return []mountedRow{
		{
			name: "datastar NewSSE", module: "github.com/starfederation/datastar-go", path: "/updates",
			shows: "elements and signals at each step, for a client that accepts gzip",
			handler: func(*testing.T) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					updates := datastar.NewSSE(w, r)
					for i := range 3 {
						if err := updates.PatchElements(fmt.Sprintf(`<p id="n">%d</p>`, i)); err != nil {
							return
						}
						takeStep(r.Context().Done())
					}
					_ = updates.PatchSignals([]byte(`{"done":true}`))
				})
			},
			try: func(t *testing.T, host *apptest.Host) {
				events := readEvents(t, host.Get("/updates", apptest.Header("Accept-Encoding", "gzip")))
				assert.Equal(t, []string{
					`0: elements <p id="n">0</p>`, `1: elements <p id="n">1</p>`, `2: elements <p id="n">2</p>`,
					`3: signals {"done":true}`,
				}, events)
			},
		},
		{
			name: "httputil.ReverseProxy, GET", module: stdlib, path: "/stream",
			shows:   "an event stream of another server: each event when it is sent, also after 75 s, and the end when the client leaves",
			handler: proxy,
			try: func(t *testing.T, host *apptest.Host) {
				assert.Equal(t, []string{"0: GET ", "1: token", "2: [DONE]"}, readEvents(t, host.Get("/stream")))
				silent := host.Get("/stream/silent")
				assert.Equal(t, []string{"0: GET ", "75: token", "150: [DONE]"}, readEvents(t, silent))
				left := host.Get("/stream/silent")
				require.NoError(t, left.Body.Close())
				began := startWatch()
				host.Stop() // waits for the handler, which waits for the other server
				assert.Zero(t, began.steps(), "the other server is told at once that the client has left")
			},
		},
		{
			name: "httputil.ReverseProxy, broken off", module: stdlib, path: "/stream",
			shows:   "the other server breaks off: the client is told",
			handler: proxy,
			try: func(t *testing.T, host *apptest.Host) {
				broken := host.Get("/stream/broken")
				_, err := io.ReadAll(broken.Body)
				require.ErrorIs(t, err, io.ErrUnexpectedEOF)
			},
		},
		{
			name: "httputil.ReverseProxy, POST", module: stdlib, path: "/stream",
			shows:   "the same with a body: tokens of a language model",
			handler: proxy,
			try: func(t *testing.T, host *apptest.Host) {
				response := host.Post("/stream", "application/json", strings.NewReader(`{"stream":true}`))
				assert.Equal(t, []string{`0: POST {"stream":true}`, "1: token", "2: [DONE]"}, readEvents(t, response))
			},
		},
		{
			name: "go-sse Server", module: "github.com/tmaxmax/go-sse", path: "/news",
			shows: "what is published reaches a subscriber",
			handler: func(t *testing.T) http.Handler {
				server := &gosse.Server{}
				t.Cleanup(func() { require.NoError(t, server.Shutdown(context.WithoutCancel(t.Context()))) })
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.Method == http.MethodPost {
						message := &gosse.Message{}
						message.AppendData("news")
						assert.NoError(t, server.Publish(message))
						return
					}
					server.ServeHTTP(w, r)
				})
			},
			try: func(t *testing.T, host *apptest.Host) {
				published := make(chan bool)
				go func() {
					defer close(published)
					takeStep(t.Context().Done())
					response, err := host.Client().Post(host.URL+"/news", "", nil)
					if assert.NoError(t, err) {
						response.Body.Close()
					}
				}()
				// Its head leaves with the first event.
				lines := bufio.NewScanner(host.Get("/news").Body)
				require.True(t, lines.Scan())
				assert.Equal(t, "data: news", lines.Text())
				<-published
			},
		},
	}
}

// proxy returns a ReverseProxy to an event stream on another server.
func proxy(t *testing.T) http.Handler {
	listener := memnet.Listen()
	upstream := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		for _, data := range []string{r.Method + " " + string(body), "token", "[DONE]"} {
			_, _ = fmt.Fprintf(w, "data: %s\n\n", data)
			_ = http.NewResponseController(w).Flush()
			if strings.HasSuffix(r.URL.Path, "/broken") {
				panic(http.ErrAbortHandler)
			}
			pause := 1
			if strings.HasSuffix(r.URL.Path, "/silent") {
				pause = 75
			}
			for i := 0; i < pause && data != "[DONE]"; i++ {
				takeStep(r.Context().Done())
			}
		}
	})}
	served := make(chan error)
	go func() { served <- upstream.Serve(listener) }()
	transport := &http.Transport{DialContext: listener.DialContext}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		require.NoError(t, upstream.Close())
		require.ErrorIs(t, <-served, http.ErrServerClosed)
	})
	target := &url.URL{Scheme: "http", Host: "upstream"}
	return &httputil.ReverseProxy{
		Transport: transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(target) },
	}
}

// readEvents returns the data of the events of a stream, each after the number
// of steps that had passed when it arrived.
func readEvents(t *testing.T, response *http.Response) (events []string) {
	began := startWatch()
	require.Equal(t, http.StatusOK, response.StatusCode)
	reader, err := decoded(response)
	require.NoError(t, err)
	lines := bufio.NewScanner(reader)
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			events = append(events, fmt.Sprintf("%d: %s", began.steps(), data))
		}
	}
	require.NoError(t, lines.Err())
	return events
}
