package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"time"

	"github.com/chitor-go/chitor/bench/hubs"
)

const (
	hello      = "hello" // an event, which shows that a stream has joined
	helloEvery = time.Second
	firstComes = 500              // streams that come and go before anything is measured
	patience   = 30 * time.Second // until all clients that have left are gone
)

// A listening is a measurement of streams that have joined a hub, in a process of
// its own.
type listening struct {
	variant   string
	sessions  int
	period    time.Duration // of the heartbeat; 0 for none
	secure    bool
	waves     int // how often all streams are opened; they leave in between
	breakdown bool
}

// A wave is what is found when all streams are open.
type wave struct {
	Open       memory // of one stream
	Again      int64  // of one stream, the RSS since those of the last wave have left
	Goroutines int    // of the process
}

// A hall is what such a measurement finds.
type hall struct {
	Waves  []wave
	Owners []owner // in the first wave
}

// serve does the measurement and reports to out. What streams cost once, whatever
// their number, is not counted: a few have been there before.
func (l listening) serve(ctx context.Context, start func(address string) (*clients, error), out io.Writer) error {
	hub, err := hubs.Start(ctx, l.variant, hubs.Options{Secure: l.secure, Heartbeat: l.period})
	if err != nil {
		return err
	}
	defer func() { _ = hub.Stop() }()
	clients, err := start(hub.Address)
	if err != nil {
		return err
	}
	defer clients.stop()
	if err := l.come(ctx, hub, clients, min(firstComes, l.sessions)); err != nil {
		return err
	}
	if err := leave(hub, clients); err != nil {
		return err
	}
	before, err := settled()
	if err != nil {
		return err
	}
	allocated := profile(l.breakdown)
	var found hall
	for i := range max(l.waves, 1) {
		left := before
		if i > 0 {
			if err := leave(hub, clients); err != nil {
				return err
			}
			if left, err = settled(); err != nil {
				return err
			}
		}
		if err := l.come(ctx, hub, clients, l.sessions); err != nil {
			return err
		}
		now, err := settled()
		if err != nil {
			return err
		}
		found.Waves = append(found.Waves, wave{
			Open: now.per(l.sessions, before), Again: now.per(l.sessions, left).RSS, Goroutines: runtime.NumGoroutine(),
		})
		if i == 0 {
			found.Owners = owners(profile(l.breakdown), allocated, l.sessions)
		}
	}
	return json.NewEncoder(out).Encode(found)
}

// come opens streams, and waits until each has had an event, and beats if there
// are beats: another one than the first.
func (l listening) come(ctx context.Context, hub *hubs.Hub, clients *clients, n int) error {
	if err := clients.do(order{Open: n, Until: head}); err != nil {
		return err
	}
	greeted := make(chan error, 1)
	go func() { greeted <- clients.do(order{Until: hello}) }()
	for number := 1; ; number++ {
		if err := hub.Publish(number, hello); err != nil {
			return err
		}
		select {
		case err := <-greeted:
			if err != nil || l.period == 0 {
				return err
			}
			return clients.do(order{Until: beat})
		case <-time.After(helloEvery):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// leave lets all clients leave, and waits until the server has noticed.
func leave(hub *hubs.Hub, clients *clients) error {
	if err := clients.do(order{Leave: true}); err != nil {
		return err
	}
	ticks := time.NewTicker(time.Millisecond)
	defer ticks.Stop()
	for late := time.After(patience); hub.Open() > 0; {
		select {
		case <-ticks.C:
		case <-late:
			return fmt.Errorf("of the clients that have left %d are still there after %s", hub.Open(), patience)
		}
	}
	return nil
}
