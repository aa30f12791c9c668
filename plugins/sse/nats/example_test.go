package nats_test

import (
	"context"
	"fmt"

	"github.com/chitor-go/chitor/plugins/sse/nats"
	"github.com/chitor-go/chitor/plugins/sse/nats/embedded"
)

// Two nodes share the events of a server that one of them has in its process.
func Example() {
	ctx := context.Background()
	server, err := embedded.Start(func(c *embedded.Config) { c.Listen = "127.0.0.1:0" })
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close(ctx)
	first, err := server.Broker(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	second, err := nats.Connect(ctx, server.URL(), func(c *nats.Config) { c.Memory = true })
	if err != nil {
		fmt.Println(err)
		return
	}
	defer second.Close(ctx)

	begin, err := first.Last(ctx)
	if err != nil {
		fmt.Println(err)
		return
	}
	if _, err := second.Publish(ctx, "news", []byte("data: hello")); err != nil {
		fmt.Println(err)
		return
	}
	for message, err := range first.Subscribe(ctx, begin) {
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Printf("%d %s: %s\n", message.Offset, message.Topic, message.Data)
		break
	}

	// Output:
	// 1 news: data: hello
}
