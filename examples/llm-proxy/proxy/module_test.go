package proxy_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/llm-proxy/proxy"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func TestWordsComeOneAfterTheOther(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, fake(time.Second, nil), mode)
			began := time.Now()
			response := ask(host, "fake")
			require.Equal(t, http.StatusOK, response.StatusCode)
			text, total, last := "", 0, ""
			for event := range ssetest.Events(t, response.Body) {
				if last = event.Data; last == "[DONE]" {
					continue
				}
				piece := decode[chunk](t, event.Data)
				total = piece.Usage.Total
				for _, choice := range piece.Choices {
					text += choice.Delta.Content
				}
				if words := strings.Count(text, " "); words > 0 && words <= 10 {
					require.Equal(t, time.Second+time.Duration(words-1)*50*time.Millisecond, time.Since(began), text)
				}
			}
			assert.Contains(t, text, "You have asked: “Why?”")
			assert.Contains(t, text, "and stop working.")
			assert.Positive(t, total)
			assert.Equal(t, "[DONE]", last)
		})
	})
}

func TestAnswersThatAreNoStreams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, fake(2*time.Minute, nil))
		response := post(host, `{"model": "fake", "messages": [{"role": "user", "content": "Why?"}]}`, as(adasKey))
		require.Equal(t, http.StatusOK, response.StatusCode)
		answer := decode[map[string]any](t, apptest.Text(t, response)) // nothing is put into it
		assert.Equal(t, "chat.completion", answer["object"])
		response = host.Get("/v1/models", as(adasKey))
		assert.Contains(t, apptest.Text(t, response), `"id":"fake"`)
	})
}

// requireFailure asserts that a response is an error in OpenAI's form, and returns
// its text.
func requireFailure(t *testing.T, response *http.Response, status int, code string) string {
	t.Helper()
	require.Equal(t, status, response.StatusCode)
	require.Equal(t, "application/json", response.Header.Get("Content-Type"))
	text := apptest.Text(t, response)
	failed := decode[failure](t, text).Error
	require.NotEmpty(t, failed.Message)
	require.NotEmpty(t, failed.Type)
	if code != "" {
		require.NotNil(t, failed.Code)
		require.Equal(t, code, *failed.Code)
	}
	return text
}

func TestKeys(t *testing.T) {
	asked := 0
	host := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	for name, options := range map[string][]apptest.RequestOption{
		"none":                     nil,
		"of nobody":                {as("sk-nobody")},
		"of the server":            {as(upstreamKey)},
		"in another header":        {apptest.Header("X-Api-Key", adasKey)},
		"by another scheme":        {apptest.Header("Authorization", "Basic "+adasKey)},
		"for which a stream waits": {apptest.Header("Accept", "text/event-stream")},
	} {
		response := post(host, `{"stream": true}`, options...)
		assert.Contains(t, response.Header.Get("WWW-Authenticate"), `Bearer realm="models"`, name)
		requireFailure(t, response, http.StatusUnauthorized, "invalid_api_key")
	}
	assert.Zero(t, asked)
	assert.Equal(t, http.StatusNotFound, host.Get("/v1/files", as(adasKey)).StatusCode, "nothing else is passed on")
	assert.Zero(t, asked)
}

func TestRateLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, fake(0, nil))
		for range 5 {
			require.Equal(t, http.StatusOK, host.Get("/v1/models", as(adasKey)).StatusCode)
		}
		time.Sleep(time.Second)
		response := ask(host, "fake")
		assert.Equal(t, "11", response.Header.Get("Retry-After"))
		requireFailure(t, response, http.StatusTooManyRequests, "rate_limit_exceeded")
		other := host.Get("/v1/models", as(bosKey))
		require.Equal(t, http.StatusOK, other.StatusCode)
		assert.Equal(t, []string{"4"}, other.Header.Values("X-Ratelimit-Remaining"), "each key has a limit of its own")
	})
}

func TestErrorsOfTheServer(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, fake(2*time.Second, nil), mode)
			response := ask(host, "fake-busy")
			assert.Equal(t, "7", response.Header.Get("Retry-After"))
			assert.Contains(t, requireFailure(t, response, http.StatusTooManyRequests, "rate_limit_exceeded"), "too much to do")

			response = ask(host, "fake-late") // within the time that a caller waits for the head
			assert.Contains(t, requireFailure(t, response, http.StatusTooManyRequests, "rate_limit_exceeded"), "too much to do")

			response = ask(host, "nonsense")
			requireFailure(t, response, http.StatusNotFound, "model_not_found")
		})
	})
}

func TestServerThatDoesNotKnowTheKey(t *testing.T) {
	host := start(t, fakeOfAnother())
	text := requireFailure(t, ask(host, "fake"), http.StatusBadGateway, "")
	assert.NotContains(t, text, "secret")
	assert.Len(t, host.Log().Find("the server of models has not answered"), 1)
	requireNoKeys(t, host)
}

func TestServerThatIsAway(t *testing.T) {
	host := apptest.New(t, apptest.ExternalService("https://models.example", func(*app.Application) {}))
	base, err := proxy.ParseUpstream("https://elsewhere.example/v1")
	require.NoError(t, err)
	host.Start(proxy.Module(configure(t, host, base)))
	text := requireFailure(t, ask(host, "fake"), http.StatusBadGateway, "")
	assert.NotContains(t, text, "elsewhere")
}

func TestLongRequests(t *testing.T) {
	for name, declared := range map[string]bool{"declared": true, "not declared": false} {
		t.Run(name, func(t *testing.T) {
			host := start(t, fake(0, nil))
			var body io.Reader = strings.NewReader(`{"messages": "` + strings.Repeat("x", 8<<20))
			if !declared {
				body = io.MultiReader(body)
			}
			response := host.Post("/v1/chat/completions", "application/json", body, as(adasKey))
			requireFailure(t, response, http.StatusRequestEntityTooLarge, "")
		})
	}
}

func TestCallerGoes(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan string, 1)
			host := start(t, fake(2*time.Minute, func(words int, err error) { ended <- fmt.Sprint(words, " ", err) }), mode)
			ctx, cancel := context.WithCancel(t.Context())
			go func() {
				time.Sleep(time.Minute)
				cancel() // while the model thinks
			}()
			_, err := askUntil(ctx, host)
			require.ErrorIs(t, err, context.Canceled)
			synctest.Wait()
			assert.Equal(t, "0 context canceled", <-ended)

			response := ask(host, "fake")
			ssetest.Take(t, response.Body, 3)
			require.NoError(t, response.Body.Close())
			began := time.Now()
			assert.Equal(t, "3 context canceled", <-ended)
			assert.Zero(t, time.Since(began))
		})
	})
}

// What the server is asked with, and what of its answer a caller sees.
func TestHeaders(t *testing.T) {
	var heard http.Header
	host := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		heard = r.Header.Clone()
		for _, name := range []string{"Openai-Organization", "X-Ratelimit-Remaining-Tokens", "Set-Cookie", "Keep-Alive", "Alt-Svc",
			"Strict-Transport-Security", "Anthropic-Organization-Id", "X-Request-Id"} {
			w.Header().Set(name, "of the server")
		}
		_, _ = io.WriteString(w, r.URL.RequestURI())
	}))
	response := host.Get("/v1/models?key=x", as(adasKey), apptest.Header("Cookie", "a=b"), apptest.Header("Connection", "X-Hop"),
		apptest.Header("X-Hop", "1"), apptest.Header("Openai-Organization", "ada"), apptest.Header("Accept-Encoding", "gzip"),
		apptest.Header("X-Forwarded-For", "10.0.0.1"), apptest.Header("User-Agent", "test"))
	assert.Equal(t, "/v1/models", apptest.Text(t, response))
	assert.Equal(t, http.Header{"Authorization": {"Bearer " + upstreamKey}, "User-Agent": {"test"}}, heard)
	for _, name := range []string{"Openai-Organization", "X-Ratelimit-Remaining-Tokens", "Set-Cookie", "Keep-Alive", "Alt-Svc",
		"Strict-Transport-Security", "Anthropic-Organization-Id"} {
		assert.NotContains(t, response.Header, name)
	}
	assert.Equal(t, "of the server", response.Header.Get("X-Request-Id"))
	requireNoKeys(t, host)
}

// A redirect would have callers show their keys to the server.
func TestRedirectsAreNotPassedOn(t *testing.T) {
	host := start(t, http.RedirectHandler("https://other.example/v1/models", http.StatusTemporaryRedirect))
	response := host.Get("/v1/models", as(adasKey))
	requireFailure(t, response, http.StatusBadGateway, "")
	assert.Empty(t, response.Header.Get("Location"))
	requireNoKeys(t, host)
}

// requireNoKeys asserts that no key stands in the log.
func requireNoKeys(t *testing.T, host *apptest.Host) {
	t.Helper()
	host.Stop()
	require.NotEmpty(t, host.Log())
	for _, record := range host.Log() {
		require.NotContains(t, record.String(), "secret")
	}
}

func TestConfigurationIsChecked(t *testing.T) {
	for text, want := range map[string]string{
		"":                     "the entry 1 is not a name, a colon and a key",
		"ada:sk-secret,":       "the entry 2 is not a name, a colon and a key",
		"ada:secret,bo:secret": "ada and bo have the same key",
	} {
		_, err := proxy.ParseClients(text)
		assert.EqualError(t, err, want)
	}
	for _, text := range []string{"", "localhost:80/v1", "http://user:secret@[/v1", "/v1"} {
		_, err := proxy.ParseUpstream(text)
		assert.EqualError(t, err, "not an address such as https://api.openai.com/v1")
	}
}
