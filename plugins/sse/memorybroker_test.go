package sse_test

import (
	"context"
	"iter"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/brokertest"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func TestMemoryBroker(t *testing.T) {
	brokertest.TestInBubbles(t, func(*testing.T) brokertest.Log {
		broker := sse.NewMemoryBroker(0)
		return brokertest.Log{
			Open:   func(testing.TB) sse.Broker { return broker },
			Forget: func(testing.TB) { broker.Reset() },
		}
	})
}

func TestMemoryBrokerKeepsTheNewest(t *testing.T) {
	t.Parallel()
	broker := sse.NewMemoryBroker(2)
	var at []sse.Position
	for range 3 {
		position, err := broker.Publish(t.Context(), "topic", []byte("data: x\r\n\r\n"))
		require.NoError(t, err)
		at = append(at, position)
	}
	for after, want := range map[sse.Position]error{
		{Epoch: at[0].Epoch}: sse.ErrGap, at[0]: nil, at[1]: nil, at[2]: nil,
	} {
		var got error
		for _, err := range broker.Range(t.Context(), after, 10, []string{"topic"}) {
			got = err
		}
		require.ErrorIs(t, got, want, "behind %s", after)
	}
}

func TestMemoryBrokerLimitsBytes(t *testing.T) {
	t.Parallel()
	broker := sse.NewMemoryBroker(0)
	broker.LimitBytes(10)
	publish := func(data string) sse.Position {
		position, err := broker.Publish(t.Context(), "topic", []byte(data))
		require.NoError(t, err)
		return position
	}
	behind := func(after sse.Position) string {
		text := ""
		for message, err := range broker.Range(t.Context(), after, 10, []string{"topic"}) {
			if err != nil {
				return err.Error()
			}
			text += string(message.Data) + " "
		}
		return text
	}
	first := publish("123456")
	start := sse.Position{Epoch: first.Epoch}
	require.Equal(t, "123456 ", behind(start))
	second := publish("7890")
	require.Equal(t, "123456 7890 ", behind(start), "as many as there may be")
	third := publish("1")
	require.Contains(t, behind(start), sse.ErrGap.Error())
	require.Equal(t, "7890 1 ", behind(first))
	publish("more than there may be")
	require.Contains(t, behind(second), sse.ErrGap.Error())
	require.Equal(t, "more than there may be ", behind(third))
	broker.Reset()
	at := publish("1234567890")
	require.Equal(t, "1234567890 ", behind(sse.Position{Epoch: at.Epoch}))
	publish("1")
	require.Contains(t, behind(sse.Position{Epoch: at.Epoch}), sse.ErrGap.Error())
}

// lost is a broker whose log nobody can follow.
type lost struct{ sse.Broker }

func (lost) Subscribe(context.Context, sse.Position) iter.Seq2[sse.Message, error] {
	return func(yield func(sse.Message, error) bool) { yield(sse.Message{}, sse.ErrGap) }
}

// A hub does not try again and again at once, whatever the broker says.
func TestHubTakesItsTimeWithABrokerThatIsNeverThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker = lost{sse.NewMemoryBroker(0)} }))
		response := host.Get("/events?topic=a")
		time.Sleep(time.Minute)
		assert.Less(t, len(host.Log()), 100)
		assert.Equal(t, "missed", ssetest.Take(t, response.Body, 1)[0].Event)
	})
}

// What has left a hub's log of the log that the broker had before says nothing
// about the new one.
func TestOldLogSaysNothingAboutTheNewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var hub *sse.Hub
		broker := sse.NewMemoryBroker(0)
		host := apptest.Start(t, news(&hub, func(c *sse.HubConfig) { c.Broker, c.LogEvents = broker, 4 }))
		put(t, hub, "a", "1", "2", "3", "4", "5", "6")
		synctest.Wait()
		broker.Reset()
		synctest.Wait()
		response := host.Get("/events?topic=a")
		synctest.Wait()
		put(t, hub, "a", "new 1", "new 2")
		events := ssetest.Take(t, response.Body, 2)
		require.Equal(t, []string{"new 1", "new 2"}, dataOf(events))
		resumed := host.Get("/events?topic=a", apptest.Header("Last-Event-ID", events[0].ID))
		assert.Equal(t, []string{"new 2"}, take(t, resumed, 1))
	})
}
