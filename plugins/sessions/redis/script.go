package sessionsredis

import (
	"context"
	_ "embed" // for the scripts
	"time"

	"github.com/redis/go-redis/v9"
)

//go:embed lua/value.lua
var valueSource string

//go:embed lua/put.lua
var putSource string

//go:embed lua/touch.lua
var touchSource string

//go:embed lua/drop.lua
var dropSource string

//go:embed lua/list.lua
var listSource string

// scripts are everything that changes something.
type scripts struct{ put, touch, drop, list script }

func newScripts() scripts {
	return scripts{newScript(putSource), newScript(touchSource), newScript(dropSource), newScript(listSource)}
}

// A script is sent by its name, and whole only to a server that does not know
// it.
type script struct{ source, name string }

func newScript(source string) script {
	source = valueSource + source
	return script{source, redis.NewScript(source).Hash()}
}

// run runs a script on one key. go-redis sends it again when a connection ends
// before the reply: to do a thing twice is to do it once.
func (s *Storage) run(ctx context.Context, script script, key string, args ...any) (any, error) {
	keys := []string{key}
	reply, err := s.client.EvalSha(ctx, script.name, keys, args...).Result()
	if redis.HasErrorPrefix(err, "NOSCRIPT") {
		return s.client.Eval(ctx, script.source, keys, args...).Result()
	}
	return reply, err
}

// within returns what do returns, or the error of its context as soon as that has
// ended. go-redis heeds the deadline of a context and not its end, so that do is
// left behind then; it ends by the deadline.
func within[T any](ctx context.Context, timeout time.Duration, do func(context.Context) (T, error)) (T, error) {
	type outcome struct {
		value T
		err   error
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	done := make(chan outcome, 1)
	go func() {
		defer cancel()
		value, err := do(ctx)
		done <- outcome{value, err} // before cancel, which is no end of ctx then
	}()
	select {
	case result := <-done:
		return result.value, result.err
	case <-ctx.Done():
		select {
		case result := <-done:
			return result.value, result.err
		default:
			var none T
			return none, ctx.Err()
		}
	}
}
