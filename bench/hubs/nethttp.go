package hubs

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// serveHTTP serves with net/http alone, with the time-outs of the embedded
// server.
func serveHTTP(ctx context.Context, handler http.Handler, options Options, publish func(int, string) error) (*Hub, error) {
	listener, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	address := listener.Addr().String()
	if options.Secure {
		config, err := security()
		if err != nil {
			return nil, errors.Join(err, listener.Close())
		}
		listener = tls.NewListener(listener, config)
	}
	var open atomic.Int64
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			switch state { //nolint:exhaustive // a connection is new and closed once
			case http.StateNew:
				open.Add(1)
			case http.StateClosed:
				open.Add(-1)
			}
		}}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	return &Hub{
		Address: address,
		Publish: publish,
		Open:    func() int { return int(open.Load()) },
		Stop: func() error {
			err := server.Close()
			if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
				err = errors.Join(err, ended)
			}
			return err
		},
	}, nil
}
