package main

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"runtime"
	"time"
)

// What is on the wire when a stream has begun: the end of its head, and a beat.
const (
	head = "\r\n\r\n"
	beat = ": heartbeat\r\n"
)

// A task is one measurement, in a process of its own.
type task struct {
	variant   string
	sessions  int
	period    time.Duration // of the heartbeat; 0 for none
	atBeat    bool          // wait for the second beat of all sessions
	stalled   bool          // stop the process until that beat is due for all of them
	breakdown bool          // say what the heap holds
}

// A report is what a measurement finds, per session.
type report struct {
	Open       memory
	Beat       memory
	Goroutines float64
	Owners     []owner
}

// serve does the task and reports to out: when all sessions are open, and again
// at the beat.
func (t task) serve(ctx context.Context, program string, out io.Writer) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	stop, err := start(ctx, t.variant, t.period, listener)
	if err != nil {
		return err
	}
	defer stop()
	before, err := settled()
	if err != nil {
		return err
	}
	goroutines, allocated := runtime.NumGoroutine(), profile(t.breakdown)

	clients, err := startClients(ctx, program, listener.Addr().String(), false, false)
	if err != nil {
		return err
	}
	defer clients.stop()
	until := head
	if t.period > 0 {
		until = beat
	}
	if err := clients.do(order{Open: t.sessions, Until: until}); err != nil {
		return err
	}
	now, err := settled()
	if err != nil {
		return err
	}
	found := report{
		Open:       now.per(t.sessions, before),
		Goroutines: float64(runtime.NumGoroutine()-goroutines) / float64(t.sessions),
		Owners:     owners(profile(t.breakdown), allocated, t.sessions),
	}
	if !t.atBeat {
		return json.NewEncoder(out).Encode(found)
	}
	if err := resetPeak(); err != nil {
		return err
	}
	stopSampling := sampling()
	if err := json.NewEncoder(out).Encode(found); err != nil {
		return err
	}
	if err := clients.do(order{Until: beat}); err != nil {
		return err
	}
	highest := stopSampling()
	if highest.RSS, err = peak(); err != nil {
		return err
	}
	found.Beat = highest.per(t.sessions, before)
	return json.NewEncoder(out).Encode(found)
}

// sampling samples the memory until the function that it returns is called. That
// returns the highest values.
func sampling() (stop func() memory) {
	highest := sample()
	end, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				highest = highest.atLeast(sample())
			case <-end:
				highest = highest.atLeast(sample())
				return
			}
		}
	}()
	return func() memory {
		close(end)
		<-done
		return highest
	}
}
