package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// What a load may be: anybody who sees the page may ask for it.
const (
	moreStreams = 50          // that one request opens
	maxStreams  = 500         // that are open
	burst       = 1000        // events that one request publishes at once
	rate        = 100         // events a second, until loadLife is over
	loadLife    = time.Minute // of the streams as well
)

// A load makes the application work: streams that the process opens to itself
// over the network, as any client would, and events for them.
type load struct {
	application *app.Application
	hub         *sse.Hub
	client      *http.Client
	event       sse.Event

	bursting sync.Mutex
	streams  *tasks
	flows    *tasks
}

func newLoad(a *app.Application, hub *sse.Hub, client *http.Client) *load {
	return &load{
		application: a,
		hub:         hub,
		client:      client,
		event:       sse.Event{Data: strings.Repeat("load", 25)},
		streams:     newTasks(a, maxStreams),
		flows:       newTasks(a, 1),
	}
}

func (l *load) routes(r *routing.Route) {
	r.Route("/load", func(r *routing.Route) {
		// 403 for the pages of others.
		r.Use(app.ReturnsEarly(http.NewCrossOriginProtection().Handler))
		r.SSE("", func(s *sse.Session) error { return l.hub.Join(s, "load") })
		r.Post("/streams", l.openStreams)
		r.Post("/burst", l.publishBurst)
		r.Post("/flow", l.publishFlow)
		r.Post("/end", l.end)
	})
}

// openStreams opens streams, which end after loadLife.
func (l *load) openStreams(c *app.Call) error {
	// Where this request has arrived is where the process can be reached.
	address, found := c.Request.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !found {
		return app.NewError(http.StatusNotImplemented, "The server does not say where it can be reached.")
	}
	url := "http://" + address.String() + "/load"
	if !l.streams.start(moreStreams, func(ctx context.Context) error { return l.listen(ctx, url) }) {
		return app.NewError(http.StatusTooManyRequests,
			fmt.Sprintf("There are %d streams already, and no more than %d are allowed.", l.streams.running(), maxStreams))
	}
	return c.RespondText(fmt.Sprintf("%d streams opened, for a minute.", moreStreams))
}

// listen is the client of one stream. It drops what it reads.
func (l *load) listen(ctx context.Context, url string) error {
	for _, err := range eventsource.Get(ctx, url, func(c *eventsource.Config) {
		c.HTTPClient = l.client
		c.MaxReconnectionAttempts = 0
	}) {
		if err != nil && ctx.Err() == nil && !l.application.Stopping() {
			return err
		}
	}
	return nil
}

// publishBurst publishes events as fast as the hub takes them.
func (l *load) publishBurst(c *app.Call) error {
	if !l.bursting.TryLock() {
		return app.NewError(http.StatusTooManyRequests, "The events before are still being published.")
	}
	defer l.bursting.Unlock()
	began := time.Now()
	for range burst {
		if err := l.hub.Publish(c.Context(), "load", l.event); err != nil {
			return err
		}
	}
	took := time.Since(began).Round(100 * time.Microsecond)
	return c.RespondText(fmt.Sprintf("%d events published in %v, for each of %d streams.", burst, took, l.streams.running()))
}

// publishFlow publishes events at a steady rate, until loadLife is over.
func (l *load) publishFlow(c *app.Call) error {
	if !l.flows.start(1, l.flow) {
		return app.NewError(http.StatusTooManyRequests, "Events are being published already.")
	}
	return c.RespondText(fmt.Sprintf("%d events a second, for a minute.", rate))
}

func (l *load) flow(ctx context.Context) error {
	ticker := time.NewTicker(time.Second / rate)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if err := l.hub.Publish(ctx, "load", l.event); err != nil && ctx.Err() == nil {
			return err
		}
	}
}

// end ends the load before its time.
func (l *load) end(c *app.Call) error {
	l.streams.end()
	l.flows.end()
	return c.RespondText("The load has ended.")
}
