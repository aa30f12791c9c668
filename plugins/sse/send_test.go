package sse_test

import (
	"errors"
	"iter"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

func TestEachSendMethodWritesOneEvent(t *testing.T) {
	for _, test := range []struct {
		name  string
		serve func(*sse.Session) error
		want  string
	}{
		{"comment", func(s *sse.Session) error { return s.Comment("one\ntwo") }, ": one\r\n: two\r\n\r\n"},
		{"empty comment", func(s *sse.Session) error { return s.Comment("") }, ":  \r\n\r\n"},
		{
			"typed", func(s *sse.Session) error {
				return s.SendTyped(sse.TypedEvent{
					Data: map[string]int{"a": 1}, Event: "price", ID: "7", Retry: time.Second, Comments: "x",
				})
			}, "event: price\r\ndata: {\"a\":1}\r\nid: 7\r\nretry: 1000\r\n: x\r\n\r\n",
		},
		{"typed without data", func(s *sse.Session) error { return s.SendTyped(sse.TypedEvent{Retry: time.Second}) }, "retry: 1000\r\n\r\n"},
		{"nil value", func(s *sse.Session) error { return s.SendValue(nil) }, "data: null\r\n\r\n"},
		{"sequence", func(s *sse.Session) error { return s.SendAll(letters(nil)) }, "data: a\r\n\r\ndata: b\r\n\r\n"},
		{"channel", func(s *sse.Session) error { return s.SendFrom(letterChannel()) }, "data: a\r\n\r\ndata: b\r\n\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, func(r *routing.Route) { r.SSE("/events", test.serve, sse.Serialize(sse.JSON)) })
				_, body := h.text(http.MethodGet, "/events")
				assert.Equal(t, test.want, body)
			})
		})
	}
}

// letters yields two events, and err if there is one.
func letters(err error) iter.Seq2[sse.Event, error] {
	return func(yield func(sse.Event, error) bool) {
		if yield(sse.Event{Data: "a"}, nil) && yield(sse.Event{Data: "b"}, nil) && err != nil {
			yield(sse.Event{}, err)
		}
	}
}

func letterChannel() <-chan sse.Event {
	events := make(chan sse.Event, 2)
	events <- sse.Event{Data: "a"}
	events <- sse.Event{Data: "b"}
	close(events)
	return events
}

func TestSendAllReturnsTheErrorOfTheSequence(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		broken := errors.New("broken")
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				err := s.SendAll(letters(broken))
				assert.ErrorIs(t, err, broken)
				assert.EqualError(t, err, "send all events: broken")
				return nil
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: a\r\n\r\ndata: b\r\n\r\n", body)
	})
}

func TestSendersEndWithTheSession(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/channel", func(s *sse.Session) error {
				time.AfterFunc(time.Minute, s.Close)
				began := time.Now()
				err := s.SendFrom(make(chan sse.Event))
				assert.ErrorIs(t, err, sse.ErrClosed)
				assert.Equal(t, time.Minute, time.Since(began))
				return err
			})
			r.SSE("/sequence", func(s *sse.Session) error {
				s.Close()
				taken := 0
				err := s.SendAll(func(yield func(sse.Event, error) bool) {
					for more := true; more; taken++ {
						more = yield(sse.Event{Data: "x"}, nil)
					}
				})
				assert.ErrorIs(t, err, sse.ErrClosed)
				assert.Equal(t, 1, taken, "the sequence is left at the first failure")
				return err
			})
			r.SSE("/invalid", func(s *sse.Session) error {
				assert.ErrorIs(t, s.SendAll(func(yield func(sse.Event, error) bool) { yield(sse.Event{Retry: -1}, nil) }), sse.ErrInvalidEvent)
				return nil
			})
		})
		for _, path := range []string{"/channel", "/sequence", "/invalid"} {
			_, body := h.text(http.MethodGet, path)
			assert.Empty(t, body)
		}
	})
}

// An event that was taken for a value would arrive as JSON in the data of
// another one.
func TestEventIsNoValue(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				for name, value := range map[string]any{
					"sse.Event": sse.Event{Data: "x"}, "*sse.Event": &sse.Event{},
					"sse.TypedEvent": sse.TypedEvent{Data: 1}, "*sse.TypedEvent": &sse.TypedEvent{},
				} {
					assert.EqualError(t, s.SendValue(value), "send value: "+name+" is an event of its own: use Send or SendTyped")
				}
				return s.SendValue(1)
			}, sse.Serialize(sse.JSON))
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "data: 1\r\n\r\n", body)
	})
}

func TestTypedEventNeedsASerializer(t *testing.T) {
	overEach(t, func(t *testing.T, protocol string) {
		h := start(t, protocol, func(r *routing.Route) {
			r.SSE("/events", func(s *sse.Session) error {
				assert.ErrorContains(t, s.SendTyped(sse.TypedEvent{Data: 1}), "the stream has no serializer")
				return s.SendTyped(sse.TypedEvent{Event: "named"})
			})
		})
		_, body := h.text(http.MethodGet, "/events")
		assert.Equal(t, "event: named\r\ndata: \r\n\r\n", body)
	})
}
