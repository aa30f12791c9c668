package sseredis

import (
	"context"
	_ "embed" // for the scripts
	"strings"

	"github.com/redis/go-redis/v9"
)

// oldestServer is the major version of the oldest server that is used.
const oldestServer = "7"

//go:embed log.lua
var logSource string

//go:embed last.lua
var lastSource string

//go:embed publish.lua
var publishSource string

//go:embed read.lua
var readSource string

// scripts are everything that is asked of the log but to wait for more. Each
// first looks whether the log is still the one that the node knows.
type scripts struct{ last, publish, read script }

func newScripts() scripts {
	return scripts{newScript(lastSource), newScript(publishSource), newScript(readSource)}
}

// A script is sent by its name, and whole only to a server that does not know
// it.
type script struct{ source, name string }

func newScript(source string) script {
	source = strings.ReplaceAll(logSource, "OLDEST", oldestServer) + source
	return script{source, redis.NewScript(source).Hash()}
}

// once is a command that go-redis does not send again after an error: a message
// would be in the log twice.
type once struct{ *redis.Cmd }

func (once) NoRetry() bool { return true }

// run runs a script. go-redis does not end a command when its context is
// cancelled, so that run leaves it behind then. It ends by the client's
// time-outs, and Close waits for it.
func (b *Broker) run(ctx context.Context, s script, args ...any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	known := b.known
	if b.closing.Err() != nil {
		b.mu.Unlock()
		return nil, errClosed
	}
	b.calls.Add(1)
	b.mu.Unlock()

	keys := []any{2, b.config.Stream, "{" + b.config.Stream + "}:log", known.Epoch, ""}
	if known.Epoch != "" {
		keys[4] = known.Offset
	}
	all := append(keys, args...)
	done := make(chan *redis.Cmd, 1)
	go func() {
		defer b.calls.Done()
		done <- b.send(ctx, s, all)
	}()
	select {
	case command := <-done:
		return command.Result()
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-b.closing.Done():
		return nil, errClosed
	}
}

func (b *Broker) send(ctx context.Context, s script, args []any) *redis.Cmd {
	named := redis.NewCmd(ctx, append([]any{"evalsha", s.name}, args...)...)
	_ = b.client.Process(ctx, once{named})
	if !redis.HasErrorPrefix(named.Err(), "NOSCRIPT") {
		return named
	}
	whole := redis.NewCmd(ctx, append([]any{"eval", s.source}, args...)...)
	_ = b.client.Process(ctx, once{whole})
	return whole
}
