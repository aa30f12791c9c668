package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"sync"
)

// Lines that the process with the clients writes.
const (
	opened = "opened\n" // all streams are open, and have their first beat if there are beats
	beaten = "beaten\n" // the second beat of each has arrived
)

// beat is the heartbeat on the wire.
const beat = ": heartbeat\r\n\r\n"

// holdClients opens n event streams at address and holds them until in ends.
func holdClients(ctx context.Context, address string, n int, beats bool, in io.Reader, out io.Writer) error {
	conns := make([]net.Conn, n)
	failures := make([]error, n)
	const workers = 16
	var working sync.WaitGroup
	for worker := range workers {
		working.Go(func() {
			for i := worker; i < n; i += workers {
				conns[i], failures[i] = open(ctx, address, beats)
			}
		})
	}
	working.Wait()
	for _, err := range failures {
		if err != nil {
			return err
		}
	}
	if _, err := io.WriteString(out, opened); err != nil {
		return err
	}
	if beats {
		for _, conn := range conns {
			if err := readUntil(conn, beat); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(out, beaten); err != nil {
			return err
		}
	}
	_, err := io.Copy(io.Discard, in)
	for _, conn := range conns {
		_ = conn.Close()
	}
	return err
}

// open opens one stream and reads its head, and the beat behind it.
func open(ctx context.Context, address string, beats bool) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(conn, "GET /events HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n"); err != nil {
		return nil, err
	}
	end := "\r\n\r\n"
	if beats {
		end = beat
	}
	return conn, readUntil(conn, end)
}

// readUntil reads up to a text.
func readUntil(conn net.Conn, text string) error {
	var read []byte
	buffer := make([]byte, 1024)
	for !bytes.Contains(read, []byte(text)) {
		n, err := conn.Read(buffer)
		if err != nil {
			return fmt.Errorf("read an event stream: %w", err)
		}
		read = append(read, buffer[:n]...)
	}
	return nil
}
