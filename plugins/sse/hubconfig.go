package sse

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/chitor-go/chitor/internal/mistakes"
)

// HubConfig configures a [Hub]. The functions that are given to [NewHub] find
// the defaults in it; later changes have no effect. A setting that is negative
// is a mistake.
type HubConfig struct {
	// LogEvents is how many events the hub keeps, the newest ones, for clients
	// that lag and for those that come back. 1,000 by default; 0 sets no limit,
	// and then LogBytes must.
	LogEvents int
	// LogBytes is how many bytes the events may take that the hub keeps: what
	// each is on the wire, its topic, and 128 bytes more. An event that is
	// larger is refused. 4 MiB by default; 0 sets no limit, and then LogEvents must.
	LogBytes int
	// Replay gives each event an ID, its [Position], and lets clients go on
	// where they left off. On by default. Without it a client that comes back
	// gets what is published from then on. A session can join one hub with
	// Replay at most, because a client has one last event ID.
	Replay bool
	// Missed returns what a client is told of which events of topics are lost:
	// they have left the log, or the log is another one than that which its
	// Last-Event-ID is of. The event gets no ID. By default it has the type
	// "missed" and as data the topics, as a JSON array of strings. It runs in the
	// goroutine of the call, of many sessions at once.
	//
	// If it is nil, such a client is answered 204, after which an EventSource
	// does not come back: by [Hub.Join], or when the function has returned and
	// has sent nothing. When the head has left before it is known, because the
	// function has sent something, a Broker has not answered within 100 ms, or
	// events are lost later, the stream gives the client an ID that says so, and
	// is cut off with [ErrLagged]. A client that comes back with that ID is
	// answered 204, and the function is not called.
	Missed func(topics []string) Event
	// StallLimit is for how long publishers wait for a client that takes nothing,
	// before they let go what that client still needs: the client's session ends
	// with [ErrLagged]. A client takes something when a write ends, of up to 16
	// KiB, of a larger event up to 32 KiB; so one that takes 16 KiB in each
	// StallLimit is waited for, and one that takes a byte now and then is not,
	// unless it does within a WriteTimeout of [Config] that is the shorter time.
	// The time counts only while a publisher waits for that client. 1 s by
	// default; 0 sets no limit.
	StallLimit time.Duration
	// LagLimit is for how long all publishers of the hub together may wait for
	// clients in a minute, those that take a little now and then included. When
	// it is used up, the sessions that would be waited for end with
	// [ErrLagged]. 10 s by default; 0 sets no limit.
	LagLimit time.Duration
	// Broker is the log that the hub shares with those of other nodes. Nil, the
	// default, is a log of its own, in memory: one node, and after a restart
	// clients that come back are told that they have missed something.
	Broker Broker
}

func defaultHubConfig() HubConfig {
	return HubConfig{
		LogEvents: 1000, LogBytes: 4 << 20, Replay: true, Missed: missedTopics,
		StallLimit: time.Second, LagLimit: 10 * time.Second,
	}
}

// missedTopics is the default of Missed.
func missedTopics(topics []string) Event {
	data, _ := json.Marshal(topics) // strings can be encoded
	return Event{Event: "missed", Data: string(data)}
}

// validate returns all that is wrong with the configuration.
func (c *HubConfig) validate() error {
	var wrong mistakes.List
	for _, setting := range []struct {
		name     string
		negative bool
	}{
		{"LogEvents", c.LogEvents < 0},
		{"LogBytes", c.LogBytes < 0},
		{"StallLimit", c.StallLimit < 0},
		{"LagLimit", c.LagLimit < 0},
	} {
		if setting.negative {
			wrong.Add(errors.New(setting.name + " is negative"))
		}
	}
	if c.LogEvents == 0 && c.LogBytes == 0 {
		wrong.Add(errors.New("LogEvents and LogBytes are both 0: the log would never end"))
	}
	return wrong.Err()
}
