package eventsource_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/chitor-go/chitor/client/eventsource"
)

// streaming is a server of an event stream for the examples.
func streaming(stream string) *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		_, _ = io.WriteString(w, stream)
	}))
}

// A loop over the events of an address. It is left when the server says that it
// is over.
func Example() {
	server := streaming("event: price\ndata: 41\n\nevent: price\ndata: 42\n\nevent: closing\ndata\n\n")
	defer server.Close()
	for event, err := range eventsource.Get(context.Background(), server.URL) {
		if err != nil {
			fmt.Println(err) // it is of no use to try again
			return
		}
		if event.Event == "closing" {
			break // else the stream would go on with another connection
		}
		fmt.Println(event.Event, event.Data)
	}
	// Output:
	// price 41
	// price 42
}

// A question by POST, for which a stream of values comes back. A POST is not
// sent again.
func ExampleNew() {
	server := streaming("data: {\"word\":\"forty\"}\n\ndata: {\"word\":\"two\"}\n\n")
	defer server.Close()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL, strings.NewReader("why?"))
	if err != nil {
		fmt.Println(err)
		return
	}
	request.Header.Set("Authorization", "Bearer secret")
	for event, err := range eventsource.New(request).Events() {
		if err != nil {
			fmt.Println(err)
			return
		}
		var value struct{ Word string }
		if err := json.Unmarshal([]byte(event.Data), &value); err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(value.Word)
	}
	// Output:
	// forty
	// two
}

// The answer of a model: whole, or an error.
func ExampleValues() {
	server := streaming(": thinking\n\ndata: {\"word\":\"forty\"}\n\ndata: {\"word\":\"two\"}\n\ndata: [DONE]\n\n")
	defer server.Close()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodPost, server.URL, strings.NewReader("why?"))
	if err != nil {
		fmt.Println(err)
		return
	}
	stream := eventsource.New(request, func(c *eventsource.Config) {
		c.IsLast = eventsource.IsDone
		c.EventTimeout = 5 * time.Minute // the model may think for so long
	})
	for chunk, err := range eventsource.Values[struct{ Word string }](stream.Events()) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(chunk.Word)
	}
	// Output:
	// forty
	// two
}

// A program that goes on where it was before it restarted.
func ExampleStream_LastEventID() {
	server := streaming("id: 8\ndata: new\n\n")
	defer server.Close()
	request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	stored := "7"
	stream := eventsource.New(request, func(c *eventsource.Config) {
		c.LastEventID = stored
		c.ReadTimeout = 30 * time.Second // the server sends a heartbeat every 15 s
		c.MaxReconnectionAttempts = 0
		c.OnOpen = func(response *http.Response) { fmt.Println("open:", response.Status) }
		c.OnReconnect = func(err error, wait time.Duration) { fmt.Println("lost:", err, "again in", wait) }
	})
	for event, err := range stream.Events() {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(event.Data)
		stored = stream.LastEventID()
	}
	fmt.Println("stored", stored)
	// Output:
	// open: 200 OK
	// new
	// stored 8
}
