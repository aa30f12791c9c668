package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"
)

// received is what has arrived on streams.
type received struct {
	events int
	late   []time.Duration // how long each event was on its way, if it says so; sorted
}

// readStreams opens a number of streams and reads all of them to their ends.
func readStreams(ctx context.Context, url string, number int) (received, error) {
	transport := &http.Transport{}
	defer transport.CloseIdleConnections()
	all, failures := make([]received, number), make([]error, number)
	var reading sync.WaitGroup
	for i := range number {
		reading.Go(func() { all[i], failures[i] = readStream(ctx, &http.Client{Transport: transport}, url) })
	}
	reading.Wait()
	var sum received
	for _, one := range all {
		sum.events += one.events
		sum.late = append(sum.late, one.late...)
	}
	slices.Sort(sum.late)
	return sum, errors.Join(failures...)
}

func readStream(ctx context.Context, client *http.Client, url string) (received, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return received{}, err
	}
	response, err := client.Do(request)
	if err != nil {
		return received{}, err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return received{}, fmt.Errorf("read a stream: %s", response.Status)
	}
	if request.URL.Path != pairs {
		length, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, response.Body, make([]byte, 256<<10))
		return received{events: int(length) / eventLength}, err
	}
	var all received
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		if text, isData := bytes.CutPrefix(lines.Bytes(), []byte("data: ")); isData {
			sent, err := strconv.ParseInt(string(text), 10, 64)
			if err != nil {
				return received{}, err
			}
			all.events++
			all.late = append(all.late, time.Duration(time.Now().UnixNano()-sent))
		}
	}
	return all, lines.Err()
}
