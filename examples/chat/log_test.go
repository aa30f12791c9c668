package main

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
)

// inTwoProcesses runs a test with two applications that share their rooms.
func inTwoProcesses(t *testing.T, test func(t *testing.T, one, two *apptest.Host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		logs := inMemory()
		test(t, apptest.Start(t, Module(logs)), apptest.Start(t, Module(logs)))
	})
}

func TestTwoProcessesShareTheRooms(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, one, two *apptest.Host) {
		ada := visit(t, one, "lobby", "Ada")
		ada.hears("Ada joined")
		bo := visit(t, two, "lobby", "Bo")
		ada.hears("Bo joined")
		assert.Equal(t, []string{"Bo"}, bo.names(), "those of its own process come first")
		assert.Equal(t, []string{"Ada"}, bo.names())
		say(t, one, "lobby", "Ada", "good morning")
		say(t, two, "lobby", "Bo", "good evening")
		ada.hears("Ada message good morning", "Bo message good evening")
		bo.hears("Bo joined", "Ada message good morning")
		_, id := bo.entry()
		bo.leave()

		say(t, one, "lobby", "Ada", "still there?")
		synctest.Wait()
		bo = visit(t, one, "lobby", "Bo", back(id)) // in the other process
		bo.hears("Ada message still there?")
		assert.Equal(t, visit(t, one, "lobby", "Eve").history(), visit(t, two, "lobby", "Zoë").history())
	})
}

func TestWhoMovesToAnotherProcessHasNotLeft(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, one, two *apptest.Host) {
		ada := visit(t, one, "lobby", "Ada")
		bo := visit(t, two, "lobby", "Bo")
		ada.hears("Ada joined", "Bo joined")
		_, id := bo.entry()
		bo.leave()
		visit(t, one, "lobby", "Bo", back(id))
		time.Sleep(2 * gracePeriod)
		say(t, one, "lobby", "Ada", "hello again")
		ada.hears("Ada message hello again")
	})
}

// A process that is killed says nothing any more.
func TestThePeopleOfAProcessThatIsGoneAreForgotten(t *testing.T) {
	inTwoProcesses(t, func(t *testing.T, one, two *apptest.Host) {
		visit(t, two, "lobby", "Bo")
		synctest.Wait()
		ada := visit(t, one, "lobby", "Ada")
		assert.Equal(t, []string{"Ada"}, ada.names())
		assert.Equal(t, []string{"Bo"}, ada.names())
		two.Stop()
		time.Sleep(believed + beat + time.Second) // not at a beat
		eve := visit(t, one, "lobby", "Eve")
		assert.Equal(t, []string{"Ada", "Eve"}, eve.names())
		assert.Equal(t, []string{"Ada", "Eve"}, eve.names(), "the live one follows at once")
	})
}

func TestAProcessThatStartsReadsWhatTheLogHas(t *testing.T) {
	for name, test := range map[string]struct {
		limit int
		want  []string
	}{
		"all":       {0, []string{"Ada message one", "Ada message two", "Ada message three"}},
		"the newer": {2, []string{"Ada message two", "Ada message three"}},
		"one":       {1, []string{"Ada message three"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				logs := Logs{Messages: sse.NewMemoryBroker(test.limit), Signals: sse.NewMemoryBroker(0)}
				one := apptest.Start(t, Module(logs))
				for _, text := range []string{"one", "two", "three"} {
					say(t, one, "lobby", "Ada", text)
				}
				one.Stop()
				two := apptest.Start(t, Module(logs))
				assert.Equal(t, test.want, visit(t, two, "lobby", "Bo").history())
			})
		})
	}
}

// What comes between the start of the application and the place from which its
// hub reads, and what a broker repeats, is read once.
func TestFollowedLog(t *testing.T) {
	log := sse.NewMemoryBroker(4)
	publish := func(text string) sse.Position {
		data, err := event("", text).AppendText(nil)
		require.NoError(t, err)
		at, err := log.Publish(t.Context(), "lobby", data)
		require.NoError(t, err)
		return at
	}
	var read []string
	f := &followed{Broker: log, read: func(topic string, event sse.Event) { read = append(read, topic+" "+event.Data) }}
	subscribe := func(after, until sse.Position) {
		for message, err := range f.Subscribe(t.Context(), after) {
			require.NoError(t, err)
			if message.Position == until {
				break
			}
		}
	}
	publish("one")
	require.NoError(t, f.start(t.Context()))
	publish("two")
	third, fourth := publish("three"), publish("four")
	subscribe(third, fourth)
	subscribe(third, fourth)
	assert.Equal(t, []string{`lobby "one"`, `lobby "two"`, `lobby "three"`, `lobby "four"`}, read)

	for range 5 {
		publish("lost")
	}
	place := publish("known to the hub")
	for _, err := range f.Subscribe(t.Context(), place) {
		require.ErrorIs(t, err, sse.ErrGap)
	}
	subscribe(place, publish("last")) // as the hub does
	assert.Equal(t, `lobby "last"`, read[len(read)-1])

	log.Reset()
	_, last := publish("anew"), publish("and on")
	subscribe(sse.Position{Epoch: last.Epoch, Offset: 1}, last)
	assert.Equal(t, `lobby "and on"`, read[len(read)-1])
}
