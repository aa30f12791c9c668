package main

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// post asks for a load and returns what the page would show.
func post(t *testing.T, host *apptest.Host, path string, status int, options ...apptest.RequestOption) string {
	t.Helper()
	response := host.Post(path, "", nil, options...)
	text := apptest.Text(t, response)
	require.Equal(t, status, response.StatusCode, text)
	return text
}

func TestStreamsOfTheLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		page := host.Get("/events")
		post(t, host, "/load/streams", http.StatusOK)
		assert.InDelta(t, 1+moreStreams, next(t, page)["streams"]["open"], 0)

		for range maxStreams/moreStreams - 1 {
			post(t, host, "/load/streams", http.StatusOK)
		}
		refusal := post(t, host, "/load/streams", http.StatusTooManyRequests)
		assert.Equal(t, "There are 500 streams already, and no more than 500 are allowed.", refusal)
		assert.InDelta(t, 1+maxStreams, next(t, page)["streams"]["open"], 0)

		time.Sleep(loadLife)
		assert.InDelta(t, 1, next(t, page)["streams"]["open"], 0, "their time is over")
		post(t, host, "/load/streams", http.StatusOK)
	})
}

func TestBurstReachesEachStream(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		page := host.Get("/events")
		post(t, host, "/load/streams", http.StatusOK)
		before := next(t, page)
		said := post(t, host, "/load/burst", http.StatusOK)
		assert.Regexp(t, `^1000 events published in \S+, for each of 50 streams\.$`, said)
		after := next(t, page)
		const pages = 3 // what a page gets in a second
		assert.InDelta(t, burst+pages, after["hub"]["published"]-before["hub"]["published"], 0)
		assert.InDelta(t, burst*moreStreams+pages, after["hub"]["delivered"]-before["hub"]["delivered"], 0)
		assert.InDelta(t, burst*moreStreams+pages, after["streams"]["events"]-before["streams"]["events"], 0)
	})
}

func TestSteadyEvents(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		page := host.Get("/events")
		post(t, host, "/load/flow", http.StatusOK)
		assert.Equal(t, "Events are being published already.", post(t, host, "/load/flow", http.StatusTooManyRequests))
		before := next(t, page)
		after := next(t, page)
		assert.InDelta(t, rate+3, after["hub"]["published"]-before["hub"]["published"], 1)

		time.Sleep(loadLife)
		before = next(t, page)
		after = next(t, page)
		assert.InDelta(t, 3, after["hub"]["published"]-before["hub"]["published"], 0, "its time is over")
		post(t, host, "/load/flow", http.StatusOK)
	})
}

func TestLoadCanBeEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t)
		page := host.Get("/events")
		post(t, host, "/load/streams", http.StatusOK)
		post(t, host, "/load/flow", http.StatusOK)
		next(t, page)
		post(t, host, "/load/end", http.StatusOK)
		before := next(t, page)
		after := next(t, page)
		assert.InDelta(t, 1, after["streams"]["open"], 0)
		assert.InDelta(t, 3, after["hub"]["published"]-before["hub"]["published"], 0)
	})
}

func TestPagesOfOthersMakeNoLoad(t *testing.T) {
	for _, path := range []string{"/load/streams", "/load/burst", "/load/flow", "/load/end"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t)
				post(t, host, path, http.StatusForbidden, apptest.Header("Sec-Fetch-Site", "cross-site"))
				post(t, host, path, http.StatusForbidden, apptest.Header("Origin", "https://example.com"))
				assert.Equal(t, http.StatusNotFound, host.Get(path).StatusCode)
				post(t, host, path, http.StatusOK, apptest.Header("Sec-Fetch-Site", "same-origin"))
				synctest.Wait()
				post(t, host, "/load/end", http.StatusOK)
				synctest.Wait()
			})
		})
	}
}
