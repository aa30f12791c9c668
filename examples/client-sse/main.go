// Client-sse is Ktor's sample of that name: it prints the events of the example
// server-sse, which has to run, and reads values out of them.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"os/signal"

	"github.com/chitor-go/chitor/client/eventsource"
)

// Customer is the first value of /json.
type Customer struct {
	ID        int    `json:"id"`
	FirstName string `json:"firstName"`
	LastName  string `json:"lastName"`
}

// Product is the second value of /json.
type Product struct {
	ID     int   `json:"id"`
	Prices []int `json:"prices"`
}

// run reads the streams of a server one after the other, until each has ended or
// ctx has.
func run(ctx context.Context, client *http.Client, server string, out io.Writer) error {
	configure := func(c *eventsource.Config) {
		c.HTTPClient = client
		c.Comments = true
		c.MaxReconnectionAttempts = 0 // end with the server's stream
	}
	for event, err := range eventsource.Get(ctx, server+"/events", configure) {
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "Event from server:\n%+v\n", event); err != nil {
			return err
		}
	}

	// With deserialization.
	var customer Customer
	var product Product
	values := []any{&customer, &product}
	for event, err := range eventsource.Get(ctx, server+"/json", configure) {
		if err != nil {
			return err
		}
		if len(values) == 0 {
			break
		}
		if err := json.Unmarshal([]byte(event.Data), values[0]); err != nil {
			return fmt.Errorf("read a value: %w", err)
		}
		values = values[1:]
	}
	_, err := fmt.Fprintf(out, "Customer: %+v\nProduct: %+v\n", customer, product)
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	server := cmp.Or(os.Getenv("SERVER"), "http://localhost:8080")
	if err := run(ctx, http.DefaultClient, server, os.Stdout); err != nil {
		stop()
		log.Fatal(err)
	}
}
