package main

import (
	"encoding/json"
	"io/fs"
	"net/http"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// start starts the dashboard, which reaches itself over the network in memory.
func start(t *testing.T, options ...apptest.Option) *apptest.Host {
	t.Helper()
	host := apptest.New(t, options...)
	host.Start(Module(host.Client()))
	return host
}

// decode returns what an event holds.
func decode[T any](t *testing.T, event sse.Event) T {
	t.Helper()
	var value T
	require.NoError(t, json.Unmarshal([]byte(event.Data), &value), event.Data)
	return value
}

// columns are the data of the event "history".
type columns = map[string]map[string][]float64

// next reads figures from a stream until it has those of all topics that are
// taken from now on, and returns them.
func next(t *testing.T, response *http.Response) map[string]figures {
	t.Helper()
	now := float64(time.Now().UnixMilli())
	taken := map[string]figures{}
	for len(taken) < 3 {
		event := ssetest.Take(t, response.Body, 1)[0]
		if event.Event == "history" {
			continue
		}
		if figures := decode[figures](t, event); figures["at"] > now {
			taken[event.Event] = figures
		}
	}
	return taken
}

func TestHistoryComesFirst(t *testing.T) {
	tests := map[string]struct {
		age  time.Duration
		want int
	}{
		"at once":           {0, 1},
		"after ten seconds": {10 * time.Second, 11},
		"after an hour":     {time.Hour, 300},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t)
				time.Sleep(test.age)
				synctest.Wait()
				response := host.Get("/events")
				history := ssetest.Take(t, response.Body, 1)[0]
				synctest.Wait()
				sessions, _ := sse.SessionsOf(host.Application())
				assert.Equal(t, 1, sessions.Stats().Parked)
				require.Equal(t, "history", history.Event)
				topics := decode[columns](t, history)
				require.Len(t, topics, 3)
				for topic, figures := range topics {
					for name, column := range figures {
						assert.Len(t, column, test.want, "%s of %s", name, topic)
					}
					at := figures["at"]
					for i := range at[1:] {
						require.InDelta(t, 1000, at[i+1]-at[i], 0)
					}
					assert.InDelta(t, float64(time.Now().UnixMilli()), at[len(at)-1], 0)
				}
			})
		})
	}
}

func TestFiguresComeOnceASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		response := host.Get("/events")
		for range 5 {
			began := time.Now()
			taken := next(t, response)
			require.Equal(t, time.Second, time.Since(began))
			for topic, figures := range taken {
				require.InDelta(t, float64(time.Now().UnixMilli()), figures["at"], 0, topic)
			}
		}
	})
}

func TestFiguresAreThoseOfTheApplication(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		for range 4 {
			host.Get("/icon.svg").Body.Close()
		}
		response := host.Get("/events")
		taken := next(t, response)
		assert.InDelta(t, 1, taken["streams"]["open"], 0)
		assert.InDelta(t, 1+3, taken["streams"]["events"], 0, "the history, and the newest of each topic")
		assert.InDelta(t, 1, taken["hub"]["sessions"], 0)
		assert.InDelta(t, 3, taken["hub"]["topics"], 0)
		assert.InDelta(t, 5, taken["process"]["requests"], 0)
		assert.InDelta(t, 1, taken["process"]["up"], 0)
		for _, name := range []string{"goroutines", "heap", "mapped", "allocated", "processors", "cpu"} {
			assert.Positive(t, taken["process"][name], name)
		}
	})
}

func TestStopEndsStreamsAtOnce(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, mode)
			response := host.Get("/events")
			ssetest.Take(t, response.Body, 1)
			post(t, host, "/load/streams", http.StatusOK)
			post(t, host, "/load/flow", http.StatusOK)
			time.Sleep(2 * time.Second)
			began := time.Now()
			host.Stop()
			// The grace period is 1 s; a client of HTTP/2 has 100 ms to read GOAWAY.
			assert.LessOrEqual(t, time.Since(began), 100*time.Millisecond)
			assert.Empty(t, host.Log().AtLeast(4))
		})
	})
}

func TestPageNeedsNobodyElse(t *testing.T) {
	host := start(t)
	names, err := fs.Glob(files, "page/*")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	address := regexp.MustCompile(`(https?:)?//[\w.-]+\.\w+`)
	for _, name := range names {
		response := host.Get("/" + name[len("page/"):])
		require.Equal(t, http.StatusOK, response.StatusCode)
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'")
		for _, found := range address.FindAllString(apptest.Text(t, response), -1) {
			assert.Equal(t, "http://www.w3.org", found, "%s: a namespace is a name and no address", name)
		}
	}
	assert.Contains(t, apptest.Text(t, host.Get("/")), "<!doctype html>")
	assert.Equal(t, http.StatusNotFound, host.Get("/main.go").StatusCode)
}
