package main

import (
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/llm-proxy/fakemodel"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

const (
	secret   = "sk-secret"
	question = `{"messages": [{"role": "user", "content": "Why?"}]}`
)

// start starts the application, which asks a server in memory for answers.
func start(t *testing.T, name string, upstream http.Handler, options ...apptest.Option) *apptest.Host {
	t.Helper()
	host := apptest.New(t, append(options, apptest.ExternalService("https://models.example", func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Mount("/", upstream) })
	}))...)
	host.Start(Module(&Model{Base: "https://models.example/v1", Key: secret, Name: name, Client: host.Client()}))
	return host
}

// fake returns a model that thinks for so long.
func fake(thinking time.Duration, ended func(words int, err error)) http.Handler {
	return fakemodel.New(fakemodel.Config{Key: secret, Thinking: thinking, Pace: 50 * time.Millisecond, Ended: ended})
}

func ask(host *apptest.Host, body string) *http.Response {
	return host.Post("/answers", "application/json", strings.NewReader(body))
}

// read returns the words of an answer as a text, and its last event.
func read(t *testing.T, response *http.Response) (text string, last sse.Event) {
	t.Helper()
	require.Equal(t, http.StatusOK, response.StatusCode)
	for event := range ssetest.Events(t, response.Body) {
		if last = event; event.Event == "word" {
			text += decode(t, event).Text
		}
	}
	return text, last
}

func decode(t *testing.T, event sse.Event) piece {
	t.Helper()
	var value piece
	require.NoError(t, json.Unmarshal([]byte(event.Data), &value), event.Data)
	return value
}

func TestWordsComeOneAfterTheOther(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, "fake", fake(time.Second, nil), mode)
			began := time.Now()
			response := ask(host, question)
			for i, event := range ssetest.Take(t, response.Body, 10) {
				require.Equal(t, "word", event.Event, i)
			}
			assert.Equal(t, time.Second+9*50*time.Millisecond, time.Since(began))
			text, last := read(t, response)
			assert.True(t, strings.HasSuffix(text, "and stop working."), text)
			assert.Equal(t, "end", last.Event)
			assert.Equal(t, "stop", decode(t, last).Finish)
		})
	})
}

func TestHeartbeatsWhileTheModelThinks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, "fake", fake(2*time.Minute, nil))
		began := time.Now()
		response := ask(host, question)
		assert.Equal(t, 100*time.Millisecond, time.Since(began), "the head waits for no word")
		comments := func(c *sse.ReaderConfig) { c.Comments = true }
		for i := range 8 { // the first one comes with the head
			event := ssetest.Take(t, response.Body, 1, comments)[0]
			require.NotEmpty(t, event.Comments)
			require.Equal(t, time.Duration(i)*15*time.Second, time.Since(began).Round(time.Second))
		}
		text, last := read(t, response)
		assert.Contains(t, text, "Why?")
		assert.Equal(t, "end", last.Event)
	})
}

func TestPageGoes(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			for words, thinking := range []time.Duration{2 * time.Minute, 0} {
				ended := make(chan string, 1)
				host := start(t, "fake", fake(thinking, func(words int, err error) { ended <- fmt.Sprint(words, " ", err) }), mode)
				response := ask(host, question)
				ssetest.Take(t, response.Body, words)
				require.NoError(t, response.Body.Close())
				began := time.Now()
				assert.Equal(t, fmt.Sprint(words, " context canceled"), <-ended)
				assert.Zero(t, time.Since(began))
				host.Stop()
			}
		})
	})
}

func TestStop(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan error, 1)
			host := start(t, "fake", fake(0, func(_ int, err error) { ended <- err }), mode)
			response := ask(host, question)
			ssetest.Take(t, response.Body, 3)
			began := time.Now()
			host.Stop()
			require.ErrorContains(t, <-ended, "context canceled")
			// A client of HTTP/2 has 100 ms to read GOAWAY.
			assert.LessOrEqual(t, time.Since(began), 200*time.Millisecond)
			_, last := read(t, response)
			assert.Equal(t, "error", last.Event)
			assert.Equal(t, "The server stops. Ask again in a moment.", decode(t, last).Text)
		})
	})
}

func TestFailuresAreShown(t *testing.T) {
	respond := func(status int, contentType, body string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		})
	}
	tests := map[string]struct {
		upstream http.Handler
		model    string
		words    int
		want     string
	}{
		"too much to do":          {fake(0, nil), "fake-busy", 0, "The model has too much to do. Try again in 7 s."},
		"late":                    {fake(5*time.Minute, nil), "fake-late", 0, "The model has too much to do. Try again in 7 s."},
		"busy without a time":     {respond(http.StatusTooManyRequests, "text/plain", ""), "fake", 0, "The model has too much to do. Try again in a moment."},
		"fails in the middle":     {fake(0, nil), "fake-failing", 5, "The model has failed in the middle of its answer."},
		"breaks off":              {fake(0, nil), "fake-broken", 5, "The answer has broken off."},
		"wrong key":               {fakemodel.New(fakemodel.Config{Key: "sk-another"}), "fake", 0, "The model does not answer."},
		"no stream":               {respond(http.StatusOK, "text/html", "<p>Hello"), "fake", 0, "The model does not answer."},
		"no JSON":                 {respond(http.StatusOK, "text/event-stream", "data: {\n\n"), "fake", 0, "The model does not answer."},
		"nothing":                 {respond(http.StatusOK, "text/event-stream", ""), "fake", 0, "The model does not answer."},
		"an end without a reason": {respond(http.StatusOK, "text/event-stream", "data: [DONE]\n\n"), "fake", 0, "The answer has broken off."},
		"thinks for too long":     {fake(time.Hour, nil), "fake", 0, "The model does not answer."},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, test.model, test.upstream)
				text, last := read(t, ask(host, question))
				assert.Equal(t, test.words, strings.Count(text, " "))
				assert.Equal(t, "error", last.Event)
				assert.Equal(t, test.want, decode(t, last).Text)
				host.Stop()
				require.Len(t, host.Log().Find("the model has not answered"), 1)
				for _, record := range host.Log() {
					require.NotContains(t, record.String(), secret)
				}
			})
		})
	}
}

func TestAnswersAreBounded(t *testing.T) {
	endless := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, `data: {"error": null, "choices": [{"delta": {"content": "`+strings.Repeat("again ", 100)+`"}}]}`+"\n\n")
		}
	})
	synctest.Test(t, func(t *testing.T) {
		text, last := read(t, ask(start(t, "fake", endless), question))
		assert.LessOrEqual(t, len(text), maxAnswer)
		assert.Greater(t, len(text), maxAnswer-1000)
		assert.Equal(t, "length", decode(t, last).Finish)
	})
}

func TestConversations(t *testing.T) {
	var heard struct {
		Model    string
		Stream   bool
		Messages []Message
	}
	host := start(t, "some-model", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&heard))
	}))
	turn := `{"role": "user", "content": "ä"}, {"role": "assistant", "content": "b"}, `
	read(t, ask(host, `{"messages": [`+strings.Repeat(turn, 30)+`{"role": "user", "content": "Why?"}]}`))
	require.Len(t, heard.Messages, 1+maxMessages, "the newest ones, and what the system says")
	assert.Equal(t, "system", heard.Messages[0].Role)
	assert.Equal(t, Message{"user", "Why?"}, heard.Messages[maxMessages])
	assert.Equal(t, "some-model", heard.Model)
	assert.True(t, heard.Stream)

	heard.Model = ""
	for body, status := range map[string]int{
		``:                 http.StatusBadRequest,
		`{"messages": []}`: http.StatusBadRequest,
		`{"messages": [{"role": "user", "content": ""}]}`:                                             http.StatusBadRequest,
		`{"messages": [{"role": "assistant", "content": "x"}]}`:                                       http.StatusBadRequest,
		`{"messages": [{"role": "system", "content": "x"}, {"role": "user", "content": "x"}]}`:        http.StatusBadRequest,
		`{"messages": [{"role": "user", "content": "` + strings.Repeat("ä", maxCharacters+1) + `"}]}`: http.StatusRequestEntityTooLarge,
		`{"messages": [{"role": "user", "content": "` + strings.Repeat("x", 1<<20) + `"}]}`:           http.StatusRequestEntityTooLarge,
	} {
		response := ask(host, body)
		assert.Equal(t, status, response.StatusCode, body[:min(len(body), 80)])
	}
	assert.Empty(t, heard.Model, "what is refused reaches no model")
}

func TestLimits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, "fake", fake(time.Minute, nil))
		for range 4 {
			require.Equal(t, http.StatusOK, ask(host, question).StatusCode)
		}
		require.Equal(t, http.StatusTooManyRequests, ask(host, question).StatusCode, "streams of one client")
		for range 15 {
			ask(host, "").Body.Close()
		}
		response := ask(host, question)
		require.Equal(t, http.StatusTooManyRequests, response.StatusCode)
		assert.Equal(t, "3", response.Header.Get("Retry-After"))
	})
}

func TestOtherSitesDoNotAsk(t *testing.T) {
	host := start(t, "fake", fake(0, nil))
	response := host.Post("/answers", "application/json", strings.NewReader(question), apptest.Header("Sec-Fetch-Site", "cross-site"))
	assert.Equal(t, http.StatusForbidden, response.StatusCode)
}

func TestPageNeedsNobodyElse(t *testing.T) {
	host := start(t, "fake", fake(0, nil))
	names, err := fs.Glob(files, "page/*")
	require.NoError(t, err)
	require.NotEmpty(t, names)
	address := regexp.MustCompile(`(https?:)?//[\w.-]+\.\w+`)
	for _, name := range names {
		response := host.Get("/" + name[len("page/"):])
		require.Equal(t, http.StatusOK, response.StatusCode)
		assert.Contains(t, response.Header.Get("Content-Security-Policy"), "default-src 'none'")
		text := apptest.Text(t, response)
		assert.NotContains(t, text, "innerHTML")
		for _, found := range address.FindAllString(text, -1) {
			assert.Equal(t, "http://www.w3.org", found, "%s: a namespace is a name and no address", name)
		}
	}
	assert.Contains(t, apptest.Text(t, host.Get("/")), "<!doctype html>")
	assert.Equal(t, http.StatusNotFound, host.Get("/main.go").StatusCode)
}

func TestBaseIsChecked(t *testing.T) {
	for _, base := range []string{"", "localhost:80/v1", "http://user:secret@[/v1", "/v1"} {
		require.EqualError(t, checkBase(base), "OPENAI_BASE_URL is not an address such as https://api.openai.com/v1")
	}
	require.NoError(t, checkBase("http://localhost:11434/v1"))
}
