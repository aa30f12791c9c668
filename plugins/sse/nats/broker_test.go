package nats_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	natsgo "github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
)

func TestMistakesInTheConfiguration(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t))
	for name, c := range map[string]struct {
		configure func(*nats.Config)
		says      string
	}{
		"nil":                  {nil, "the configuration function is nil"},
		"no name":              {func(c *nats.Config) { c.Name = "" }, `name "" is not 1 to 64 letters`},
		"a name with a dot":    {func(c *nats.Config) { c.Name = "a.b" }, `name "a.b" is not`},
		"a name of others":     {func(c *nats.Config) { c.Name = "ä" }, `name "ä" is not`},
		"a long name":          {func(c *nats.Config) { c.Name = strings.Repeat("x", 65) }, "is not 1 to 64 letters"},
		"negative messages":    {func(c *nats.Config) { c.MaxMessages = -1 }, "MaxMessages is negative"},
		"negative bytes":       {func(c *nats.Config) { c.MaxBytes = -1 }, "MaxBytes is negative"},
		"negative age":         {func(c *nats.Config) { c.MaxAge = -1 }, "MaxAge is negative"},
		"an age too short":     {func(c *nats.Config) { c.MaxAge = time.Second }, "MaxAge is 1s, and has to be 20s at least"},
		"no replicas":          {func(c *nats.Config) { c.Replicas = 0 }, "the number of replicas is 0"},
		"replicas, no cluster": {func(c *nats.Config) { c.Replicas = 3 }, "replicas"},
	} {
		t.Run(name, func(t *testing.T) {
			broker, err := nats.New(t.Context(), conn, c.configure)
			require.ErrorContains(t, err, c.says)
			require.Nil(t, broker)
			_, err = nats.Connect(t.Context(), "nats://127.0.0.1:1", c.configure)
			require.Error(t, err)
		})
	}
	_, err := nats.New(t.Context(), nil)
	require.EqualError(t, err, "make a broker: the connection is nil")
}

func TestConnectFailsWithoutAServer(t *testing.T) {
	t.Parallel()
	_, err := nats.Connect(t.Context(), "nats://user:secret@127.0.0.1:1,nats://127.0.0.1:2")
	require.ErrorIs(t, err, natsgo.ErrNoServers)
	require.EqualError(t, err, "connect to NATS at 127.0.0.1:1, nats://127.0.0.1:2: nats: no servers available for connection")
}

func TestURLsThatCannotBeReadAreNotSaid(t *testing.T) {
	t.Parallel()
	for _, urls := range []string{
		"nats://user:secret@[x", "nats://user:%secret@127.0.0.1:1", "nats://user:secret/x@127.0.0.1:1",
		"nats://user:secret,x@127.0.0.1:1", "nats://127.0.0.1:1,nats://user:secret#@127.0.0.1:2",
	} {
		_, err := nats.Connect(t.Context(), urls)
		require.ErrorContains(t, err, "connect to NATS: a URL cannot be read", urls)
		require.NotContains(t, err.Error(), "secret")
	}
}

func TestServerWithoutJetStream(t *testing.T) {
	t.Parallel()
	options := &server.Options{DontListen: true, NoSigs: true, NoLog: true}
	plain, err := server.NewServer(options)
	require.NoError(t, err)
	plain.Start()
	t.Cleanup(plain.Shutdown)
	conn, err := natsgo.Connect("", natsgo.InProcessServer(plain))
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	_, err = nats.New(t.Context(), conn)
	require.ErrorContains(t, err, "no JetStream answers at")
	require.ErrorContains(t, err, "start the server with -js")
}

func TestExistingStreamIsWhatTheConfigurationSays(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t))
	memory := func(c *nats.Config) { c.Memory = true }
	first, err := nats.New(t.Context(), conn, memory)
	require.NoError(t, err)
	position, err := first.Publish(t.Context(), "a", []byte("x"))
	require.NoError(t, err)

	limits := func(c *nats.Config) {
		c.MaxMessages, c.MaxBytes, c.MaxAge = 7, 0, time.Minute
	}
	_, err = nats.New(t.Context(), conn, memory, limits)
	require.ErrorContains(t, err, `stream "sse" exists with messages (MaxMessages) 100000 and not 7, `+
		`bytes (MaxBytes) 67108864 and not -1, age (MaxAge) 1h0m0s and not 1m0s: change the configuration, `+
		`or have the stream changed by Config.Update`)
	_, err = nats.New(t.Context(), conn)
	require.ErrorContains(t, err, "storage (Memory) Memory and not File")

	updated, err := nats.New(t.Context(), conn, memory, limits, func(c *nats.Config) { c.Update = true })
	require.NoError(t, err)
	last, err := updated.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, position, last, "an update begins no epoch")
	_, err = nats.New(t.Context(), conn, memory, limits)
	require.NoError(t, err)
	for range 10 {
		_, err = updated.Publish(t.Context(), "a", []byte("x"))
		require.NoError(t, err)
	}
	require.ErrorIs(t, firstError(first.Range(t.Context(), position, 10, []string{"a"})), sse.ErrGap)
}

func TestStreamOfSomebodyElse(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t))
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	_, err = js.CreateStream(t.Context(), jetstream.StreamConfig{Name: "orders", Subjects: []string{"orders.>"}})
	require.NoError(t, err)
	_, err = nats.New(t.Context(), conn, func(c *nats.Config) { c.Name = "orders" })
	require.ErrorContains(t, err, `stream "orders" exists with subjects [orders.>] and not [orders.`)
}

// What an administrator deletes from the middle is missing for whoever is before
// it, and for nobody else.
func TestDeletedMessageIsAGap(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t))
	broker, stream := newBroker(t, conn)
	all := publish(t, broker, 5)
	require.NoError(t, stream.DeleteMsg(t.Context(), all[2].Offset))
	for _, after := range all[:2] {
		require.ErrorIs(t, firstError(broker.Range(t.Context(), after, 10, []string{"a"})), sse.ErrGap)
		require.ErrorIs(t, firstError(broker.Subscribe(t.Context(), after)), sse.ErrGap)
	}
	var got []sse.Position
	for message, err := range broker.Range(t.Context(), all[2], 10, []string{"a"}) {
		require.NoError(t, err)
		got = append(got, message.Position)
	}
	require.Equal(t, all[3:], got)
}

func TestMessagesOfOthersAreLeftOut(t *testing.T) {
	t.Parallel()
	conn := connect(t, start(t))
	broker, stream := newBroker(t, conn)
	first := publish(t, broker, 1)[0]
	prefix := strings.TrimSuffix(stream.CachedInfo().Config.Subjects[0], "*")
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	for _, token := range []string{"%", "%zz", "%4", "%61", "~", "~00", "a+b"} {
		_, err := js.Publish(t.Context(), prefix+token, []byte("x"))
		require.NoError(t, err)
	}
	own, err := js.Publish(t.Context(), prefix+"room%201", []byte("data: by hand\r\n\r\n"))
	require.NoError(t, err)
	for message, err := range broker.Subscribe(t.Context(), first) {
		require.NoError(t, err)
		require.Equal(t, sse.Message{
			Position: sse.Position{Epoch: first.Epoch, Offset: own.Sequence},
			Topic:    "room 1", Data: []byte("data: by hand\r\n\r\n"),
		}, message)
		break
	}
}

func TestRangeOfManyTopics(t *testing.T) {
	t.Parallel()
	broker, _ := newBroker(t, connect(t, start(t)))
	begin, err := broker.Last(t.Context())
	require.NoError(t, err)
	var topics []string
	for i := range 200 {
		topic := fmt.Sprint("topic ", i)
		_, err := broker.Publish(t.Context(), topic, []byte("x"))
		require.NoError(t, err)
		if i%2 == 0 {
			topics = append(topics, topic, topic)
		}
	}
	for _, limit := range []int{1, 50, 100, 200} {
		var got []string
		for message, err := range broker.Range(t.Context(), begin, limit, topics) {
			require.NoError(t, err)
			got = append(got, message.Topic)
		}
		require.Equal(t, slices.Compact(slices.Clone(topics))[:min(limit, 100)], got)
	}
}

func TestReadersLeaveNoConsumersBehind(t *testing.T) {
	t.Parallel()
	broker, stream := newBroker(t, connect(t, start(t)))
	all := publish(t, broker, 10)
	for range 3 {
		for range broker.Range(t.Context(), all[0], 100, []string{"a"}) {
		}
		for range broker.Range(t.Context(), all[0], 100, []string{"a"}) {
			break
		}
		for range broker.Subscribe(t.Context(), all[0]) {
			break
		}
		ctx, cancel := context.WithCancel(t.Context())
		for range broker.Subscribe(ctx, all[8]) {
			cancel()
		}
		for range broker.Range(t.Context(), sse.Position{Epoch: all[0].Epoch, Offset: 99}, 9, []string{"a"}) {
		}
		cancel()
	}
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		info, err := stream.Info(t.Context())
		require.NoError(c, err)
		require.Zero(c, info.State.Consumers)
	}, time.Minute, 10*time.Millisecond)
}

func TestMessageThatIsTooLarge(t *testing.T) {
	t.Parallel()
	broker, _ := newBroker(t, connect(t, start(t)))
	_, err := broker.Publish(t.Context(), "a", make([]byte, 9<<20))
	require.ErrorIs(t, err, natsgo.ErrMaxPayload)
	require.ErrorContains(t, err, "the server takes messages of up to 8388608 bytes, raise its max_payload")
	_, err = broker.Publish(t.Context(), "", []byte("x"))
	require.ErrorContains(t, err, "the topic is empty")
}

// A context's cause is told with its error.
func TestContextWithACause(t *testing.T) {
	t.Parallel()
	broker, _ := newBroker(t, connect(t, start(t)))
	cause := errors.New("enough")
	ctx, cancel := context.WithCancelCause(t.Context())
	last, err := broker.Last(ctx)
	require.NoError(t, err)
	cancel(cause)
	_, err = broker.Publish(ctx, "a", []byte("x"))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
	err = firstError(broker.Subscribe(ctx, last))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, cause)
}

func TestClosedBroker(t *testing.T) {
	t.Parallel()
	process := start(t, func(c *embedded.Config) { c.Listen = "127.0.0.1:0" })
	broker, err := nats.Connect(t.Context(), process.URL())
	require.NoError(t, err)
	last, err := broker.Last(t.Context())
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- firstError(broker.Subscribe(t.Context(), last)) }()
	_, err = broker.Publish(t.Context(), "a", []byte("x"))
	require.NoError(t, err)
	require.NoError(t, <-ended)
	go func() { ended <- firstError(broker.Subscribe(t.Context(), sse.Position{Epoch: last.Epoch, Offset: 1})) }()
	require.NoError(t, broker.Close(t.Context()))
	require.Error(t, <-ended)
	_, err = broker.Publish(t.Context(), "a", []byte("x"))
	require.ErrorIs(t, err, natsgo.ErrConnectionClosed)
	require.ErrorIs(t, firstError(broker.Subscribe(t.Context(), last)), natsgo.ErrConnectionClosed)
}

// A server that comes back without the end of its stream, such as from a backup,
// gives sequences twice. A node that knows better has it begin a new epoch.
func TestLostTailBeginsAnEpoch(t *testing.T) {
	t.Parallel()
	process := startProcess(t)
	publisher, other := dial(t, process.url), dial(t, process.url)
	all := publish(t, publisher, 5)
	process.forget(t, func() { all = append(all, publish(t, publisher, 3)...) })

	fresh := publish(t, publisher, 1)[0]
	require.NotEqual(t, all[0].Epoch, fresh.Epoch)
	last, err := other.Last(t.Context())
	require.NoError(t, err)
	require.Equal(t, fresh, last)
	for _, position := range all {
		require.ErrorIs(t, firstError(other.Subscribe(t.Context(), position)), sse.ErrGap)
		require.ErrorIs(t, firstError(publisher.Range(t.Context(), position, 10, []string{"a"})), sse.ErrGap)
	}
	next := publish(t, other, 2)
	var got []sse.Position
	for message, err := range publisher.Range(t.Context(), fresh, 10, []string{"a"}) {
		require.NoError(t, err)
		got = append(got, message.Position)
	}
	require.Equal(t, next, got)
}

func newBroker(t *testing.T, conn *natsgo.Conn) (*nats.Broker, jetstream.Stream) {
	t.Helper()
	broker, err := nats.New(t.Context(), conn, func(c *nats.Config) { c.Memory = true })
	require.NoError(t, err)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "sse")
	require.NoError(t, err)
	return broker, stream
}

func publish(t testing.TB, broker *nats.Broker, count int) []sse.Position {
	t.Helper()
	var all []sse.Position
	for i := range count {
		position, err := broker.Publish(t.Context(), "a", fmt.Appendf(nil, "data: %d\n\n", i))
		require.NoError(t, err)
		all = append(all, position)
	}
	return all
}

// firstError is the error with which a sequence begins, and nil if it begins
// with a message or with nothing.
func firstError(sequence func(func(sse.Message, error) bool)) (first error) {
	for _, err := range sequence {
		return err
	}
	return nil
}
