package eventsource_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// The tests of Ktor 3.5 for its client, by name: ServerSentEventsTest, against
// the streams of Ktor's test server. Ktor does not reconnect unless it is told
// to, so most of them say that here too.

// A ktor is what a test of Ktor's has.
type ktor struct {
	*testing.T
	server *ktorServer
	host   *apptest.Host
	client *http.Client
}

// runKtor runs a test in fake time once for each protocol.
func runKtor(t *testing.T, test func(k *ktor)) {
	t.Helper()
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			server := &ktorServer{}
			host := apptest.Start(t, server.module, mode)
			test(&ktor{t, server, host, host.Client()})
		})
	})
}

// stream is Ktor's sseSession.
func (k *ktor) stream(method, path, body string, configure ...func(*eventsource.Config)) *eventsource.Stream {
	k.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(k.Context(), method, k.host.URL+path, reader)
	require.NoError(k, err)
	use := func(c *eventsource.Config) { c.HTTPClient, c.MaxReconnectionAttempts = k.client, 0 }
	return eventsource.New(request, append([]func(*eventsource.Config){use}, configure...)...)
}

// collect returns all events of a stream.
func (k *ktor) collect(path string, configure ...func(*eventsource.Config)) ([]sse.Event, error) {
	k.Helper()
	return collect(k.stream(http.MethodGet, path, "", configure...))
}

// single returns the only event of a stream.
func (k *ktor) single(method, path, body string) sse.Event {
	k.Helper()
	events, err := collect(k.stream(method, path, body))
	require.NoError(k, err)
	require.Len(k, events, 1)
	return events[0]
}

// reconnects is the configuration of a test.
func reconnects(attempts int, after time.Duration) func(*eventsource.Config) {
	return func(c *eventsource.Config) { c.MaxReconnectionAttempts, c.ReconnectionTime = attempts, after }
}

// assertIDs asserts that the n-th event has the id that want says.
func assertIDs(t testing.TB, count int, events []sse.Event, want func(n int) int) {
	t.Helper()
	require.Len(t, events, count)
	for n, event := range events {
		assert.Equal(t, strconv.Itoa(want(n)), event.ID)
	}
}

var helloEvent = sse.Event{Data: "hello\nfrom server", Event: "hello 0", ID: "0"}

func TestKtor_normalRequestsWorkWithSSEInstalled(t *testing.T) {
	runKtor(t, func(k *ktor) {
		assert.Equal(k, helloEvent, k.single(http.MethodGet, "/hello", ""))
		response := k.host.Post("/echo", "text/plain", strings.NewReader("Hello"))
		assert.Contains(k, apptest.Text(k, response), "Hello")
	})
}

func TestKtor_testSseSession(t *testing.T) {
	runKtor(t, func(k *ktor) { assert.Equal(k, helloEvent, k.single(http.MethodGet, "/hello", "")) })
}

func TestKtor_testParallelSseSessions(t *testing.T) {
	runKtor(t, func(k *ktor) {
		counts := map[string]int{"100": 100, "50": 50}
		done := make(chan bool)
		for times, count := range counts {
			stream := k.stream(http.MethodGet, "/hello?times="+times, "")
			go func() {
				events, err := collect(stream)
				done <- assert.NoError(k, err) && assert.Len(k, events, count)
				for i, event := range events {
					assert.Equal(k, strconv.Itoa(i), event.ID)
					assert.Equal(k, "hello "+event.ID, event.Event)
				}
			}()
		}
		for range counts {
			<-done
		}
	})
}

func TestKtor_testCancelSseSession(t *testing.T) {
	runKtor(t, func(k *ktor) {
		ctx, cancel := context.WithCancel(k.Context())
		defer cancel()
		var failure error
		use := func(c *eventsource.Config) { c.HTTPClient = k.client }
		for event, err := range eventsource.Get(ctx, k.host.URL+"/hello?times=20&interval=100", use) {
			failure = err
			if err == nil {
				assert.Equal(k, helloEvent, event)
				time.AfterFunc(50*time.Millisecond, cancel)
			}
		}
		assert.ErrorIs(k, failure, context.Canceled)
	})
}

func TestKtor_testSseSessionUnknownHostError(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		unknown := &net.DNSError{Err: "no such host", Name: "unknown_host", IsNotFound: true}
		dial := func(context.Context, string, string) (net.Conn, error) { return nil, unknown }
		_, failure := collect(eventsource.New(requestTo(t, "http://unknown_host"), func(c *eventsource.Config) {
			c.HTTPClient = &http.Client{Transport: &http.Transport{DialContext: dial}}
			c.MaxReconnectionAttempts = 0
		}))
		assert.ErrorIs(t, failure, unknown)
	})
}

func TestKtor_testCancellationExceptionSse(t *testing.T) {
	runKtor(t, func(k *ktor) {
		ctx, cancel := context.WithCancel(k.Context())
		ended := make(chan error)
		go func() {
			var failure error
			for _, err := range eventsource.Get(ctx, k.host.URL+"/active-sessions", func(c *eventsource.Config) {
				c.HTTPClient = k.client
			}) {
				failure = err
			}
			ended <- failure
		}()
		synctest.Wait()
		cancel()
		assert.ErrorIs(k, <-ended, context.Canceled)
	})
}

func TestKtor_testNoCommentsByDefault(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/comments?times=50")
		require.NoError(k, err)
		require.Len(k, events, 50)
		for i, event := range events {
			assert.Equal(k, sse.Event{Data: strconv.Itoa(2*i + 1)}, event)
		}
	})
}

func assertComments(k *ktor, events []sse.Event) {
	k.Helper()
	require.Len(k, events, 100)
	for i, event := range events {
		assert.Equal(k, strconv.Itoa(i), event.Comments+event.Data)
		assert.Equal(k, i%2 == 0, event.Comments != "")
	}
}

func TestKtor_testShowComments(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/comments?times=50", withComments)
		require.NoError(k, err)
		assertComments(k, events)
	})
}

func TestKtor_testDifferentConfigs(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/comments?times=50", withComments, func(c *eventsource.Config) { c.Comments = false })
		require.NoError(k, err)
		assert.Len(k, events, 50)
		events, err = k.collect("/comments?times=50", withComments)
		require.NoError(k, err)
		assertComments(k, events)
	})
}

func TestKtor_testRequestTimeoutIsNotApplied(t *testing.T) {
	runKtor(t, func(k *ktor) {
		k.client.Timeout = 10 * time.Millisecond
		assert.Equal(k, "hello 0", k.single(http.MethodGet, "/hello?delay=20", "").Event)
	})
}

func TestKtor_testWithAuthPlugin(t *testing.T) {
	runKtor(t, func(k *ktor) {
		token, transport := "invalid", k.client.Transport
		k.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			r = r.Clone(r.Context())
			r.Header.Set("Authorization", "Bearer "+token)
			response, err := transport.RoundTrip(r)
			if err != nil || response.StatusCode != http.StatusUnauthorized {
				return response, err
			}
			require.NoError(k, response.Body.Close())
			token = "valid"
			r.Header.Set("Authorization", "Bearer "+token)
			return transport.RoundTrip(r)
		})
		assert.Equal(k, "hello after refresh", k.single(http.MethodGet, "/auth", "").Data)
	})
}

// refusal asserts that a path is not an event stream, and returns why.
func (k *ktor) refusal(path, message string) *eventsource.ResponseError {
	k.Helper()
	_, err := k.collect(path)
	require.EqualError(k, err, "open event stream: "+message)
	response, ok := errors.AsType[*eventsource.ResponseError](err)
	require.True(k, ok)
	return response
}

func TestKtor_testSseExceptionWhenResponseStatusIsNot200(t *testing.T) {
	runKtor(t, func(k *ktor) {
		assert.Equal(k, http.StatusNotFound, k.refusal("/404", "expected status 200 but was 404").StatusCode)
	})
}

func TestKtor_testSseExceptionWhenResponseContentTypeNotRight(t *testing.T) {
	runKtor(t, func(k *ktor) {
		response := k.refusal("/content-type-text-plain",
			`expected content type text/event-stream but was "text/plain; charset=UTF-8"`)
		assert.Equal(k, http.StatusOK, response.StatusCode)
		assert.Equal(k, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
	})
}

func TestKtor_testContentTypeWithCharset(t *testing.T) {
	runKtor(t, func(k *ktor) {
		var contentType string
		events, err := k.collect("/content_type_with_charset", func(c *eventsource.Config) {
			c.OnOpen = func(response *http.Response) { contentType = response.Header.Get("Content-Type") }
		})
		require.NoError(k, err)
		assert.Equal(k, "text/event-stream; charset=UTF-8", contentType)
		assert.Equal(k, []sse.Event{helloEvent}, events)
	})
}

func TestKtor_testRequestBody(t *testing.T) {
	runKtor(t, func(k *ktor) {
		stream := k.stream(http.MethodPost, "/echo", "hello", func(c *eventsource.Config) {
			transport := k.client.Transport
			c.HTTPClient = &http.Client{Transport: roundTripper(func(r *http.Request) (*http.Response, error) {
				r.Header.Set("Content-Type", "text/plain")
				return transport.RoundTrip(r)
			})}
		})
		events, err := collect(stream)
		require.NoError(k, err)
		assert.Equal(k, []string{"hello|text/plain|5"}, data(events))
	})
}

func TestKtor_testGetRequestWithoutBodyDoesNotSendContentLength(t *testing.T) {
	runKtor(t, func(k *ktor) { assert.Equal(k, "||", k.single(http.MethodGet, "/echo", "").Data) })
}

func TestKtor_testPostRequestWithBodySendsContentLength(t *testing.T) {
	runKtor(t, func(k *ktor) { assert.Equal(k, "hello||5", k.single(http.MethodPost, "/echo", "hello").Data) })
}

func TestKtor_testPostRequest(t *testing.T) {
	runKtor(t, func(k *ktor) { assert.Equal(k, "||0", k.single(http.MethodPost, "/echo", "").Data) })
}

func TestKtor_testSseWithLogging(t *testing.T) {
	runKtor(t, func(k *ktor) {
		var lines []string
		transport := k.client.Transport
		k.client.Transport = roundTripper(func(r *http.Request) (*http.Response, error) {
			response, err := transport.RoundTrip(r)
			lines = append(lines, r.Method+" "+r.URL.Path+" "+response.Status)
			return response, err
		})
		k.single(http.MethodPost, "/echo", "")
		assert.Equal(k, []string{"POST /echo 200 OK"}, lines)
	})
}

func TestKtor_testJsonDeserializer(t *testing.T) {
	runKtor(t, func(k *ktor) {
		var customer struct {
			ID                  int
			FirstName, LastName string
		}
		var product struct {
			Name  string
			Price int
		}
		targets := []any{&customer, &product}
		for event, err := range k.stream(http.MethodGet, "/json", "").Events() {
			require.NoError(k, err)
			require.NoError(k, json.Unmarshal([]byte(event.Data), targets[0]))
			targets = targets[1:]
		}
		assert.Equal(k, "Jet Brains", customer.FirstName+" "+customer.LastName)
		assert.Equal(k, 1, customer.ID)
		assert.Equal(k, "Milk", product.Name)
		assert.Equal(k, 100, product.Price)
	})
}

// take returns the first events of a stream.
func (k *ktor) take(count int, path string, configure ...func(*eventsource.Config)) (events []sse.Event) {
	k.Helper()
	for event, err := range k.stream(http.MethodGet, path, "", configure...).Events() {
		require.NoError(k, err)
		if events = append(events, event); len(events) == count {
			break
		}
	}
	return events
}

func TestKtor_testReconnection(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events := k.take(10, "/reconnection?count=5", reconnects(1, 100*time.Millisecond))
		assertIDs(k, 10, events, func(n int) int { return n + 1 })
	})
}

func TestKtor_testClientExceptionDuringSSESession(t *testing.T) {
	runKtor(t, func(k *ktor) {
		var events []sse.Event
		assert.PanicsWithValue(k, "Client exception", func() {
			for event, err := range k.stream(http.MethodGet, "/reconnection?count=5", "", reconnects(1, 10*time.Millisecond)).Events() {
				require.NoError(k, err)
				if events = append(events, event); len(events) == 7 {
					panic("Client exception")
				}
			}
		})
		assertIDs(k, 7, events, func(n int) int { return n + 1 })
	})
}

func TestKtor_testServerExceptionDuringSSESession(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/exception-on-reconnection?count=5", reconnects(1, 100*time.Millisecond))
		assert.EqualError(k, err, "open event stream: expected status 200 but was 500")
		assertIDs(k, 5, events, func(n int) int { return n })
	})
}

func TestKtor_testSeveralReconnections(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events := k.take(15, "/reconnection?count=5", reconnects(2, 10*time.Millisecond))
		assertIDs(k, 15, events, func(n int) int { return n + 1 })
	})
}

func TestKtor_testMaxRetries(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events := k.take(10, "/exception-on-reconnection?count=5&count-of-reconnections=4", reconnects(4, 10*time.Millisecond))
		assertIDs(k, 10, events, func(n int) int { return n % 5 })
	})
}

func TestKtor_testNoContent(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/no-content", reconnects(1, 0))
		assert.NoError(k, err)
		assert.Empty(k, events)
		events, err = k.collect("/no-content-after-reconnection?count=10", reconnects(1, 0))
		assert.NoError(k, err)
		assertIDs(k, 10, events, func(n int) int { return n })
	})
}

func TestKtor_testNoContentStream(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events, err := k.collect("/no-events")
		assert.NoError(k, err)
		assert.Empty(k, events)
	})
}

// Ktor: test full response body in exception on non-200 status.
func TestKtor_testFullResponseBodyInExceptionOnNon200Status(t *testing.T) {
	runKtor(t, func(k *ktor) {
		assert.Equal(k, "Server error", string(k.refusal("/error", "expected status 200 but was 500").Body))
	})
}

// Ktor: test with ContentNegotiation.
func TestKtor_testWithContentNegotiation(t *testing.T) {
	runKtor(t, func(k *ktor) {
		response := k.refusal("/bad-response-json", "expected status 200 but was 400")
		assert.Equal(k, "application/json", response.Header.Get("Content-Type"))
		assert.Equal(k, "{ 'error': 'Bad request' }", string(response.Body))
	})
}

func TestKtor_testCallContextCancelled(t *testing.T) {
	runKtor(t, func(k *ktor) {
		for range 10 {
			assert.Len(k, k.take(1, "/hello?times=100&interval=100"), 1)
		}
	})
}

func TestKtor_testCancellingUnderlyingConnection(t *testing.T) {
	runKtor(t, func(k *ktor) {
		events := k.take(1, "/active-sessions")
		assert.Equal(k, []string{"ok"}, data(events))
		synctest.Wait()
		assert.Zero(k, k.server.active.Load())
	})
}
