package sse

import (
	"context"
	"iter"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/admission"
	"github.com/chitor-go/chitor/internal/registry"
)

// Sessions are the event streams of one application: what runs when [Plugin] is
// installed, given out by [SessionsOf]. Its methods may be called from any
// goroutine.
type Sessions struct {
	config      Config // as it was when the plugin was installed
	application *app.Application
	batches     batches
	registry    *registry.Registry[*Session, Stats]
	room        *admission.Room
	parking     parking
}

func newSessions(config Config, application *app.Application) *Sessions {
	r := &Sessions{
		config: config, application: application,
		registry: registry.New(registry.Config[*Session, Stats]{
			Cancel: (*Session).cancel, Count: (*Stats).add,
			MaxAge: config.MaxAge, Until: config.Until, TooOld: ErrTooOld, Expired: ErrExpired,
		}),
		room: admission.NewRoom(admission.Limits{
			Max: config.MaxSessions, MaxPerKey: config.MaxSessionsPerKey, KeyOf: config.Key, RetryAfter: config.RetryAfter,
			Of: "event streams",
		}),
	}
	r.parking.init(config.Parking)
	return r
}

// All returns the sessions that are open now, the one that was opened last
// first. Each may end at any time; its methods say so then.
func (r *Sessions) All() iter.Seq[*Session] { return r.registry.All() }

// CloseAll closes the sessions that are open now, as [Session.Close] does, and
// waits for none of them.
func (r *Sessions) CloseAll() { r.registry.Cancel(ErrClosed) }

// Stats returns the counters as they are now. It looks at every open session:
// it is meant for every few seconds, which is how often metrics are collected.
func (r *Sessions) Stats() Stats {
	stats, opened, open := r.registry.Stats()
	stats.Opened, stats.Open = opened, open
	stats.Parked, stats.Held = int(r.parking.parked.Load()), r.parking.heldStats()
	refused := r.room.Refused()
	stats.Full, stats.FullForKey = refused.Full, refused.FullForKey
	return stats
}

// remove takes a session that has ended off the list, and counts its end.
func (r *Sessions) remove(s *Session) {
	ending := endingOf(context.Cause(s.ctx))
	counter := ending.counter
	if s.isShut() && !ending.clean {
		counter = func(stats *Stats) *uint64 { return &stats.Refused }
	}
	r.registry.Remove(s, counter)
}

// grace returns for how long after its end a session may say a last word: half
// of what calls have at a stop, so that a stream which goes on sending ends
// cleanly in the other half.
func (r *Sessions) grace() time.Duration { return r.application.Config().ShutdownGrace / 2 }

// writeTimeout returns how long the bytes of an event may be on their way,
// nothing positive if there is no limit. The application's is known only after
// Start.
func (r *Sessions) writeTimeout() time.Duration {
	if r.config.WriteTimeout == 0 {
		return r.application.Config().WriteTimeout
	}
	return r.config.WriteTimeout
}
