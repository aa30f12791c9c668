package sse

import (
	"context"
	"fmt"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/internal/registry"
)

// HeartbeatConfig configures the heartbeat of a session. The function that is
// given to [Session.Heartbeat] or [Config.Heartbeat] finds the defaults in it.
type HeartbeatConfig struct {
	// Period is the time from the end of one beat to the next. 30 s by default,
	// and also if it is 0 or negative: a heartbeat that has been asked for
	// cannot be switched off here.
	Period time.Duration
	// Event is what is sent. By default it is the comment "heartbeat", which
	// clients do not see. One that is nothing but a comment is sent without the
	// empty line that ends an event, because some clients take each empty line
	// for the end of one.
	Event Event
	// EventProvider returns the event of each beat in place of Event; nil, the
	// default, leaves it to Event. It runs in a goroutine of its own, never
	// twice at once for one session, and its context is the session's. It may
	// take its time: it delays nothing but the next beat, and the end of the
	// stream if it ignores its context. An error or a panic ends the session.
	EventProvider func(ctx context.Context) (Event, error)
	// OnlyIdle leaves out the beats for which there is no need: the next one is
	// due a Period after anything was sent. Off by default, as in Ktor.
	OnlyIdle bool
}

// The defaults.
const (
	defaultPeriod    = 30 * time.Second
	heartbeatComment = "heartbeat"
)

// newHeartbeatConfig returns what the functions make of the defaults. With an
// error it is what those that are not nil have made of them.
func newHeartbeatConfig(configure []func(*HeartbeatConfig)) (*HeartbeatConfig, error) {
	config := &HeartbeatConfig{Period: defaultPeriod, Event: Event{Comments: heartbeatComment}}
	mistake := mistakes.Configure(config, configure)
	if mistake != nil {
		mistake = fmt.Errorf("heartbeat: %w", mistake)
	}
	if config.Period <= 0 {
		config.Period = defaultPeriod
	}
	return config, mistake
}

// Heartbeat sends an event now and then again and again, until the session ends
// or Heartbeat is called again. The first one is sent before Heartbeat returns,
// unless it comes from a provider. A beat that falls due while an event is being
// sent follows right after it, so a client that does not read delays nobody. An
// event that cannot be sent ends the session. A configuration function that is
// nil is logged as an error, with the line of the call, and changes nothing. The
// stream of a handler that was adopted keeps the heartbeat of [AdoptConfig].
//
// Ktor: heartbeat.
func (s *Session) Heartbeat(configure ...func(*HeartbeatConfig)) {
	config, mistake := newHeartbeatConfig(configure)
	if mistake != nil {
		registry.LogNil(s, app.Caller(1), mistake)
	}
	s.startHeartbeat(config, true)
}
