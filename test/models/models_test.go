package models_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/openai/openai-go/v3"
	"github.com/openai/openai-go/v3/option"
	"github.com/openai/openai-go/v3/packages/ssestream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/llm-proxy/fakemodel"
	"github.com/chitor-go/chitor/examples/llm-proxy/proxy"
	"github.com/chitor-go/chitor/routing"
)

const key = "sk-ada"

// start starts the proxy before a model that thinks for so long, before its first
// word and between two, and returns OpenAI's client.
func start(t *testing.T, thinking, pace time.Duration, mode apptest.Option) (*apptest.Host, openai.Client) {
	t.Helper()
	host := apptest.New(t, mode, apptest.ExternalService("https://models.example", func(a *app.Application) {
		model := fakemodel.New(fakemodel.Config{Thinking: thinking, Pace: pace})
		routing.Routes(a, func(r *routing.Route) { r.Mount("/", model) })
	}))
	config := proxy.Config{
		Transport: host.Client().Transport, PerMinute: 10, Heartbeat: 15 * time.Second, HeadAfter: 5 * time.Second,
	}
	var err error
	config.Upstream, err = proxy.ParseUpstream("https://models.example/v1")
	require.NoError(t, err)
	config.Clients, err = proxy.ParseClients("ada:" + key)
	require.NoError(t, err)
	host.Start(proxy.Module(config))
	return host, openai.NewClient(
		option.WithBaseURL(host.URL+"/v1"), option.WithHTTPClient(host.Client()), option.WithAPIKey(key), option.WithMaxRetries(0),
	)
}

func ask(t *testing.T, client *openai.Client, model string) *ssestream.Stream[openai.ChatCompletionChunk] {
	t.Helper()
	stream := client.Chat.Completions.NewStreaming(t.Context(), openai.ChatCompletionNewParams{
		Model:         model,
		Messages:      []openai.ChatCompletionMessageParamUnion{openai.UserMessage("Why?")},
		StreamOptions: openai.ChatCompletionStreamOptionsParam{IncludeUsage: openai.Bool(true)},
	})
	t.Cleanup(func() { _ = stream.Close() })
	return stream
}

func TestHeartbeatsBeforeAndBetweenWords(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			_, client := start(t, 2*time.Minute, 20*time.Second, mode)
			began := time.Now()
			stream := ask(t, &client, "fake")
			require.NoError(t, stream.Err())
			assert.Equal(t, 5*time.Second, time.Since(began), "the head waits for no word")
			var answer openai.ChatCompletionAccumulator
			for words := 0; stream.Next(); words++ {
				if words == 0 {
					assert.Equal(t, 2*time.Minute, time.Since(began))
				}
				require.True(t, answer.AddChunk(stream.Current()))
			}
			require.NoError(t, stream.Err())
			text := answer.Choices[0].Message.Content
			assert.True(t, strings.HasPrefix(text, "You have asked: “Why?”"), text)
			assert.True(t, strings.HasSuffix(text, "and stop working."), text)
			assert.Equal(t, "stop", answer.Choices[0].FinishReason)
			assert.Positive(t, answer.Usage.TotalTokens)
		})
	})
}

func TestErrors(t *testing.T) {
	tests := map[string]struct {
		model    string
		thinking time.Duration
		status   int    // 0 if the head of a stream has left
		text     string // part of the error's
	}{
		"refused at once":                   {"fake-busy", time.Minute, http.StatusTooManyRequests, "the model has too much to do"},
		"refused before the head":           {"fake-late", time.Second, http.StatusTooManyRequests, "the model has too much to do"},
		"refused when the head has left":    {"fake-late", time.Minute, 0, "the model has too much to do"},
		"unknown model":                     {"another", 0, http.StatusNotFound, "there is no such model"},
		"fails in the middle of the answer": {"fake-failing", time.Minute, 0, "the model has failed"},
		"breaks off":                        {"fake-broken", time.Minute, 0, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			apptest.Run(t, func(t *testing.T, mode apptest.Option) {
				synctest.Test(t, func(t *testing.T) {
					_, client := start(t, test.thinking, 0, mode)
					stream := ask(t, &client, test.model)
					for stream.Next() {
					}
					err := stream.Err()
					if refused, ok := errors.AsType[*openai.Error](err); ok {
						assert.Equal(t, test.status, refused.StatusCode)
						assert.Equal(t, test.text, refused.Message)
						return
					}
					assert.Zero(t, test.status, "%v", err)
					assert.ErrorContains(t, err, test.text)
				})
			})
		})
	}
}

func TestRefusalsOfTheProxy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, client := start(t, 0, 0, apptest.HTTP1())
		var refused *openai.Error
		_, err := client.Models.List(t.Context(), option.WithAPIKey("sk-another"))
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusUnauthorized, refused.StatusCode)
		assert.Equal(t, "invalid_api_key", refused.Code)

		for range 10 {
			models, err := client.Models.List(t.Context())
			require.NoError(t, err)
			require.Equal(t, "fake", models.Data[0].ID)
		}
		_, err = client.Models.List(t.Context())
		require.ErrorAs(t, err, &refused)
		assert.Equal(t, http.StatusTooManyRequests, refused.StatusCode)
		assert.Equal(t, "rate_limit_exceeded", refused.Code)

		// By its own rules the client comes back after Retry-After.
		began := time.Now()
		_, err = client.Models.List(t.Context(), option.WithMaxRetries(1))
		require.NoError(t, err)
		assert.Equal(t, 6*time.Second, time.Since(began))
	})
}

func TestStopIsAnError(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host, client := start(t, 0, time.Second, mode)
			stream := ask(t, &client, "fake")
			require.True(t, stream.Next())
			host.Stop()
			for stream.Next() {
			}
			require.ErrorContains(t, stream.Err(), "the proxy stops: ask again")
		})
	})
}
