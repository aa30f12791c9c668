package proxy_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/llm-proxy/fakemodel"
	"github.com/chitor-go/chitor/examples/llm-proxy/proxy"
	"github.com/chitor-go/chitor/routing"
)

const (
	upstreamKey = "sk-upstream-secret"
	adasKey     = "sk-ada-secret"
	bosKey      = "sk-bo-secret"
)

// start starts the proxy before a server of models, both in memory.
func start(t *testing.T, upstream http.Handler, options ...apptest.Option) *apptest.Host {
	t.Helper()
	host := apptest.New(t, append(options, apptest.ExternalService("https://models.example", func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) { r.Mount("/", upstream) })
	}))...)
	base, err := proxy.ParseUpstream("https://models.example/v1")
	require.NoError(t, err)
	host.Start(proxy.Module(configure(t, host, base)))
	return host
}

func configure(t *testing.T, host *apptest.Host, base *url.URL) proxy.Config {
	t.Helper()
	clients, err := proxy.ParseClients("ada:" + adasKey + ",bo:" + bosKey)
	require.NoError(t, err)
	return proxy.Config{
		Upstream: base, Key: upstreamKey, Transport: host.Client().Transport, Clients: clients,
		PerMinute: 5, Heartbeat: 15 * time.Second, HeadAfter: 5 * time.Second,
	}
}

// fake returns a model that thinks for so long, and tells when an answer has ended.
func fake(thinking time.Duration, ended func(words int, err error)) http.Handler {
	return fakemodel.New(fakemodel.Config{Key: upstreamKey, Thinking: thinking, Pace: 50 * time.Millisecond, Ended: ended})
}

// ask asks a model as ada, for a stream.
func ask(host *apptest.Host, model string, options ...apptest.RequestOption) *http.Response {
	return post(host, `{"model": "`+model+`", "stream": true, "stream_options": {"include_usage": true},
		"messages": [{"role": "user", "content": "Why?"}]}`, append(options, as(adasKey))...)
}

func post(host *apptest.Host, body string, options ...apptest.RequestOption) *http.Response {
	return host.Post("/v1/chat/completions", "application/json", strings.NewReader(body), options...)
}

func as(key string) apptest.RequestOption { return apptest.Header("Authorization", "Bearer "+key) }

// A chunk is what the tests look at in a piece of an answer.
type chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage struct {
		Total int `json:"total_tokens"`
	} `json:"usage"`
}

func decode[T any](t *testing.T, text string) T {
	t.Helper()
	var value T
	require.NoError(t, json.Unmarshal([]byte(text), &value), text)
	return value
}

// fakeOfAnother returns a model that asks for another key than the proxy has.
func fakeOfAnother() http.Handler { return fakemodel.New(fakemodel.Config{Key: "sk-another"}) }

// askUntil asks for a stream, until the context ends.
func askUntil(ctx context.Context, host *apptest.Host) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, host.URL+"/v1/chat/completions",
		strings.NewReader(`{"model": "fake", "stream": true, "messages": []}`))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+adasKey)
	return host.Client().Do(request)
}

// A failure is an error in OpenAI's form.
type failure struct {
	Error struct {
		Message string  `json:"message"`
		Type    string  `json:"type"`
		Code    *string `json:"code"`
	} `json:"error"`
}
