package sse

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"sync/atomic"
	"time"

	"github.com/chitor-go/chitor/app"
)

// Outsiders are the subscribers of an application's hubs that are no event streams
// of this package, as long as they have joined one.
type outsiders struct {
	mu  sync.Mutex // guards what follows, and what they have joined; a hub's mu comes after it
	all map[Subscriber]*outsider
}

var outsidersKey = app.NewKey[*outsiders]("sse.outsiders")

// An outsider is one of them. It delivers on a goroutine of the subscriber.
type outsider struct {
	subscriber  Subscriber
	ctx         context.Context //nolint:containedctx // the subscriber's, asked for once
	lastEventID string
	outsiders   *outsiders
	joining     joining
	unhook      func() bool // from the end of ctx

	began time.Time
	taken atomic.Int64 // how long after that Deliver was called, or has returned, last
}

// join makes a subscriber a member of topics, and lets it deliver.
func (r *outsiders) join(c Selection, s Subscriber, topics []string) error {
	if s == nil {
		return errors.New("the subscriber is nil")
	}
	if !reflect.ValueOf(s).Comparable() {
		return fmt.Errorf("a %T cannot be compared with another: join a pointer", s)
	}
	o := newOutsider(s, r)
	if call, isOne := app.CallFrom(o.ctx); isOne && call.Application() != c.hub.application {
		return errOtherApplication
	}
	fresh, err := r.admit(c, o, topics)
	if fresh {
		s.GoDeliver(o.serve)
	}
	return err
}

func newOutsider(s Subscriber, all *outsiders) *outsider {
	o := &outsider{
		subscriber: s, ctx: s.Context(), lastEventID: s.LastEventID(), outsiders: all, began: time.Now(),
		joining: joining{mu: &all.mu, stage: stageBeside},
	}
	o.joining.bell.hang()
	return o
}

// admit makes a subscriber a member of topics, and reports whether it is new: it has
// joined nothing, else it is there already.
func (r *outsiders) admit(c Selection, o *outsider, topics []string) (fresh bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o.isOver() {
		return false, context.Cause(o.ctx)
	}
	there, known := r.all[o.subscriber]
	if known {
		o = there
	}
	inHub := o.joining.in(c.hub) != nil
	if err := c.admit(o, &o.joining, topics); err != nil {
		return false, err
	}
	if m := o.joining.in(c.hub); !inHub && c.hub.config.Missed == nil {
		if _, missed, _ := m.comeback().state(); missed {
			o.joining.drop(m)
			return false, errMissed
		}
	}
	if !known {
		r.all[o.subscriber] = o
		o.unhook = context.AfterFunc(o.ctx, o.leave)
	}
	return !known, nil
}

// joined returns what a subscriber has joined, nil if that is nothing.
func (r *outsiders) joined(s Subscriber) *joining {
	if s == nil || !reflect.ValueOf(s).Comparable() {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if o := r.all[s]; o != nil {
		return &o.joining
	}
	return nil
}

// serve delivers until the subscriber is over, or has left all hubs.
func (o *outsider) serve(context.Context) error {
	defer o.leave() // also if Deliver panics, or ends its goroutine
	for {
		if err := o.joining.deliver(o.ctx, nil); err != nil && !o.isOver() {
			return err
		}
		if o.rest() {
			return nil
		}
	}
}

// rest reports whether there is nothing left to deliver, and forgets the outsider
// then: if the subscriber joins again, there is another one.
func (o *outsider) rest() bool {
	o.outsiders.mu.Lock()
	defer o.outsiders.mu.Unlock()
	if o.joining.first != nil && !o.isOver() {
		return false
	}
	o.forget()
	return true
}

// leave takes the subscriber out of all hubs.
func (o *outsider) leave() {
	o.outsiders.mu.Lock()
	defer o.outsiders.mu.Unlock()
	o.forget()
}

// forget takes the subscriber out of all hubs, and the outsider off the list. The
// caller holds mu.
func (o *outsider) forget() {
	o.unhook()
	o.joining.end()
	o.joining.bell.ring()
	if o.outsiders.all[o.subscriber] == o {
		delete(o.outsiders.all, o.subscriber)
	}
}

func (o *outsider) Context() context.Context { return o.ctx }

func (o *outsider) isOver() bool { return o.ctx.Err() != nil }

func (o *outsider) resumesFrom() string { return o.lastEventID }

func (o *outsider) GoDeliver(work func(ctx context.Context) error) { o.subscriber.GoDeliver(work) }

func (o *outsider) deliver(r *run) error { return o.give(r.list) }

func (o *outsider) tellMissed(event Event) error { return o.give([]Event{event}) }

func (o *outsider) tellStart(id string) error { return o.subscriber.Mark(id) }

// give lets the subscriber deliver events.
func (o *outsider) give(events []Event) error {
	o.taken.Store(int64(time.Since(o.began)))
	if err := o.subscriber.Deliver(events); err != nil {
		return err
	}
	o.taken.Store(int64(time.Since(o.began)))
	return nil
}

func (o *outsider) moved() time.Time {
	taken := o.began.Add(time.Duration(o.taken.Load()))
	if at := o.subscriber.TakenAt(); at.After(taken) {
		return at
	}
	return taken
}

func (o *outsider) lag() { o.subscriber.End(ErrLagged) }

func (o *outsider) sendBack() error {
	o.subscriber.End(errSentBack)
	return errSentBack
}
