// Llm-proxy stands before a server of models that speaks the form of OpenAI's API,
// and gives its callers keys of their own, a limit for each, and streams that no
// proxy cuts while the model thinks.
//
//	go run ./examples/llm-proxy
//	curl -N localhost:8080/v1/chat/completions -H 'Authorization: Bearer sk-demo' \
//		-H 'Content-Type: application/json' \
//		-d '{"model": "fake", "stream": true, "messages": [{"role": "user", "content": "Why?"}]}'
//
// The answer is that of a fake model, which the program brings with it. The
// environment names another server, and who may call:
//
//	OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=sk-… \
//		CLIENT_KEYS=ada:sk-one,bo:sk-two go run ./examples/llm-proxy
//
// The key of the model's server is never told to callers, and neither their keys
// nor that one stand in the log.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/engine"
	"github.com/chitor-go/chitor/examples/llm-proxy/fakemodel"
	"github.com/chitor-go/chitor/examples/llm-proxy/proxy"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() (err error) {
	port := flag.String("port", cmp.Or(os.Getenv("PORT"), "8080"), "where to listen, in place of the environment variable PORT")
	config := proxy.Config{Transport: proxy.NewTransport()}
	flag.IntVar(&config.PerMinute, "per-minute", 60, "how many calls a caller may make in a minute")
	flag.DurationVar(&config.Heartbeat, "heartbeat", 15*time.Second, "for how long a stream may be silent")
	flag.DurationVar(&config.HeadAfter, "head-after", 5*time.Second, "for how long a caller waits for the head of a stream")
	fake := fakemodel.Config{Key: "sk-upstream"}
	flag.DurationVar(&fake.Thinking, "thinking", 2*time.Second, "for how long the fake model thinks")
	flag.DurationVar(&fake.Pace, "pace", 50*time.Millisecond, "the time between two words of the fake model")
	flag.Parse()
	number, err := strconv.Atoi(*port)
	if err != nil {
		return fmt.Errorf("port: %w", err)
	}

	base := os.Getenv("OPENAI_BASE_URL")
	config.Key = os.Getenv("OPENAI_API_KEY")
	if base == "" {
		config.Key = fake.Key
		fake.Ended = func(words int, err error) {
			log.Printf("the fake model has ended an answer: words=%d error=%v", words, err)
		}
		var stop func() error
		if base, stop, err = fakemodel.Listen(context.Background(), fake); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, stop()) }()
	}
	if config.Upstream, err = proxy.ParseUpstream(base); err != nil {
		return fmt.Errorf("OPENAI_BASE_URL: %w", err)
	}
	if config.Clients, err = proxy.ParseClients(cmp.Or(os.Getenv("CLIENT_KEYS"), "demo:sk-demo")); err != nil {
		return fmt.Errorf("CLIENT_KEYS: %w", err)
	}
	return engine.EmbeddedServer(proxy.Module(config), engine.Port(number)).Run()
}
