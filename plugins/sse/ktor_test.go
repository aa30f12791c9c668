package sse_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
	"github.com/chitor-go/chitor/routing"
)

// The tests of Ktor 3.5 for its server plugin, by name: the twelve of
// ServerSentEventsTest, the one that was in it in 3.2.2 alone, and those of
// HttpServerCommonTestSuite that open a stream. The one of CompressionTest,
// testSkipCompressionForSSEResponse, is with the compression plugin.

func TestServerSentEvents_testSingleEvents(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		event := sse.Event{Data: "world", Event: "send", ID: "100", Retry: time.Second, Comments: "comment"}
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/hello", func(s *sse.Session) error { return s.Send(event) })
		})
		_, body := h.text(http.MethodGet, "/hello")
		assert.Equal(t, "event: send\r\ndata: world\r\nid: 100\r\nretry: 1000\r\n: comment\r\n\r\n", body)
		got := ssetest.Take(t, h.get("/hello").Body, 1)
		assert.Equal(t, []sse.Event{{Data: "world", Event: "send", ID: "100", Retry: time.Second}}, got)
	})
}

// hundredEvents serves the stream of two tests.
func hundredEvents(s *sse.Session) error {
	for i := range 100 {
		if err := s.Send(sse.Event{Data: fmt.Sprintf("event %d", i)}); err != nil {
			return err
		}
	}
	return nil
}

func assertHundredEvents(t *testing.T, response *http.Response) {
	t.Helper()
	next := 0
	for event := range ssetest.Events(t, response.Body) {
		require.Equal(t, sse.Event{Data: fmt.Sprintf("event %d", next)}, event)
		next++
	}
	assert.Equal(t, 100, next)
}

func TestServerSentEvents_testEvents(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", hundredEvents) })
		assertHundredEvents(t, h.get("/events"))
	})
}

func TestServerSentEvents_testChannelsOfEvents(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				failures := make(chan error, 2)
				for channel := 1; channel <= 2; channel++ {
					go func() {
						var err error
						for i := 0; i < 100 && err == nil; i++ {
							err = s.SendText(fmt.Sprintf("channel-%d %d", channel, i))
						}
						failures <- err
					}()
				}
				if err := <-failures; err != nil {
					return err
				}
				return <-failures
			})
		})
		response := h.get("/events")
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		body, err := rest(response)
		require.NoError(t, err)
		lines := strings.Split(body, "\r\n")
		assert.Len(t, lines, 401)
		for i := range 100 {
			assert.Contains(t, lines, fmt.Sprintf("data: channel-1 %d", i))
			assert.Contains(t, lines, fmt.Sprintf("data: channel-2 %d", i))
		}
	})
}

func TestServerSentEvents_testSeveralClients(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", hundredEvents) })
		first, second := h.get("/events"), h.get("/events")
		assertHundredEvents(t, second)
		assertHundredEvents(t, first)
	})
}

func TestServerSentEvents_testNoDuplicateHeader(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) { r.SSE("", func(*sse.Session) error { return nil }) })
		header := h.get("/").Header
		assert.NotEmpty(t, header)
		for name, values := range header {
			assert.Len(t, values, 1, name)
		}
	})
}

func TestServerSentEvents_testMultilineData(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/multiline-data", func(s *sse.Session) error { return s.SendText("First Line\nSecond Line\nThird Line") })
			r.SSE("/one-event-data", func(s *sse.Session) error { return s.SendText("First Line\n\ndata: Third Line") })
		})
		_, body := h.text(http.MethodGet, "/multiline-data")
		assert.Equal(t, "data: First Line\r\ndata: Second Line\r\ndata: Third Line\r\n\r\n", body)
		_, body = h.text(http.MethodGet, "/one-event-data")
		assert.Equal(t, "data: First Line\r\ndata: \r\ndata: data: Third Line\r\n\r\n", body)
	})
}

type (
	Person1  struct{ Age int }
	Person2  struct{ Number int }
	Customer struct {
		ID        int    `json:"id"`
		FirstName string `json:"firstName"`
		LastName  string `json:"lastName"`
	}
	Product struct {
		ID     int   `json:"id"`
		Prices []int `json:"prices"`
	}
)

func people(value any) ([]byte, error) {
	switch person := value.(type) {
	case Person1:
		return fmt.Appendf(nil, "Age %d", person.Age), nil
	case Person2:
		return fmt.Appendf(nil, "Number %d", person.Number), nil
	default:
		return fmt.Append(nil, value), nil
	}
}

func TestServerSentEvents_testSerializerInRoute(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/person", func(s *sse.Session) error {
				for i := range 10 {
					if err := s.SendValue(Person1{i}); err != nil {
						return err
					}
				}
				return nil
			}, sse.Serialize(people))
		})
		next := 0
		for event := range ssetest.Events(t, h.get("/person").Body) {
			assert.Equal(t, fmt.Sprintf("Age %d", next), event.Data)
			next++
		}
		assert.Equal(t, 10, next)
	})
}

func TestServerSentEvents_testDifferentSerializers(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("", func(s *sse.Session) error {
				if err := s.SendValue(Person1{22}); err != nil {
					return err
				}
				return s.SendValue(Person2{123456})
			}, sse.Serialize(people))
		})
		_, body := h.text(http.MethodGet, "/")
		assert.Equal(t, "data: Age 22\r\n\r\ndata: Number 123456\r\n\r\n", body)
	})
}

func TestServerSentEvents_testJsonSerializer(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/json", func(s *sse.Session) error {
				if err := s.SendValue(Customer{0, "Jet", "Brains"}); err != nil {
					return err
				}
				return s.SendValue(Product{0, []int{100, 200}})
			}, sse.Serialize(sse.JSON))
		})
		_, body := h.text(http.MethodGet, "/json")
		assert.Equal(t, `data: {"id":0,"firstName":"Jet","lastName":"Brains"}`+"\r\n\r\n"+
			`data: {"id":0,"prices":[100,200]}`+"\r\n\r\n", body)
	})
}

// fourHellos serves the streams of Ktor's tests of the heartbeat.
func fourHellos(configure func(*sse.HeartbeatConfig)) func(*sse.Session) error {
	return func(s *sse.Session) error {
		s.Heartbeat(func(h *sse.HeartbeatConfig) {
			h.Period = 10 * time.Millisecond
			configure(h)
		})
		for range 4 {
			if err := s.SendText("Hello"); err != nil {
				return err
			}
			if err := s.Delay(10 * time.Millisecond); err != nil {
				return err
			}
		}
		return nil
	}
}

// beatsAmongHellos returns the data of the events that are not one of the four
// hellos.
func beatsAmongHellos(t *testing.T, response *http.Response) (beats []string) {
	t.Helper()
	hellos := 0
	for event := range ssetest.Events(t, response.Body) {
		if event.Data == "Hello" {
			hellos++
		} else {
			beats = append(beats, event.Data)
		}
	}
	assert.Equal(t, 4, hellos)
	return beats
}

func TestServerSentEvents_testHeartbeat(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("", fourHellos(func(h *sse.HeartbeatConfig) { h.Event = sse.Event{Data: "heartbeat"} }))
		})
		beats := beatsAmongHellos(t, h.get("/"))
		assert.Contains(t, []int{4, 5}, len(beats)) // the fifth falls together with the end
		assert.Equal(t, strings.Repeat("heartbeat", len(beats)), strings.Join(beats, ""))
	})
}

func TestServerSentEvents_heartbeatUsesEventProviderOnEveryTick(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			counter := 0
			r.SSE("", fourHellos(func(h *sse.HeartbeatConfig) {
				h.EventProvider = func(context.Context) (sse.Event, error) {
					counter++
					return sse.Event{Data: fmt.Sprintf("beat-%d", counter)}, nil
				}
			}))
		})
		beats := beatsAmongHellos(t, h.get("/"))
		require.Contains(t, []int{4, 5}, len(beats))
		assert.Equal(t, []string{"beat-1", "beat-2", "beat-3", "beat-4"}, beats[:4])
	})
}

func TestServerSentEvents_eventProviderTakesPrecedenceOverStaticHeartbeatEvent(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("", fourHellos(func(h *sse.HeartbeatConfig) {
				h.Event = sse.Event{Data: "static"}
				h.EventProvider = func(context.Context) (sse.Event, error) { return sse.Event{Data: "dynamic"}, nil }
			}))
		})
		beats := beatsAmongHellos(t, h.get("/"))
		assert.Contains(t, []int{4, 5}, len(beats))
		assert.NotContains(t, beats, "static")
	})
}

func TestServerSentEvents_testReceivingEventsAsync(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		messages := make(chan string)
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/sse", func(s *sse.Session) error {
				for i := range 3 {
					message := fmt.Sprintf("Test %d", i)
					messages <- message
					if err := s.SendText(message); err != nil {
						return err
					}
					if err := s.Delay(50 * time.Millisecond); err != nil {
						return err
					}
				}
				return nil
			})
		})
		response := h.get("/sse")
		go func() {
			defer close(messages)
			for event := range ssetest.Events(t, response.Body) {
				messages <- "[Client] " + event.Data
			}
		}()
		var seen []string
		for message := range messages {
			seen = append(seen, message)
		}
		assert.Equal(t, []string{"Test 0", "[Client] Test 0", "Test 1", "[Client] Test 1", "Test 2", "[Client] Test 2"}, seen)
	})
}

func TestHttpServerCommonTestSuite_testSSEDoesNotSendConnectionOnHttp2(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/", func(s *sse.Session) error { return s.SendText("hello") })
		})
		response := h.get("/", "Accept", "text/event-stream")
		assert.Equal(t, protocol, response.Proto)
		assert.NotContains(t, response.Header, "Connection", "HTTP/1.1 needs none either")
		assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
		body, err := rest(response)
		assert.NoError(t, err)
		assert.Equal(t, "data: hello\r\n\r\n", body)
	})
}

func TestHttpServerCommonTestSuite_testFlushDuringActiveSSEConnection(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		active := make(chan struct{})
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/sse", func(s *sse.Session) error {
				if err := s.SendText("active"); err != nil {
					return err
				}
				close(active)
				return s.Delay(5 * time.Second)
			})
			r.Get("/regular", func(c *app.Call) error {
				<-active
				return c.RespondText("ok")
			})
		})
		began := time.Now()
		stream := h.get("/sse")
		_, body := h.text(http.MethodGet, "/regular")
		assert.Equal(t, "ok", body)
		assert.Zero(t, time.Since(began), "while the stream is open")
		body, err := rest(stream)
		assert.NoError(t, err)
		assert.Equal(t, "data: active\r\n\r\n", body)
	})
}
