package doublereceive

import (
	"io"
	"maps"
	"net/http"
	"reflect"

	"github.com/chitor-go/chitor/app"
)

// Plugin lets bodies be received several times. It can be installed on the
// application or on routes; only the nearest installation runs.
//
// Ktor: DoubleReceive.
var Plugin = app.NewScopedPlugin("DoubleReceive", defaultConfig, setup)

func setup(b *app.PluginBuilder[Config]) error {
	config := *b.Config()
	if err := config.check(); err != nil {
		return err
	}
	if config.CacheRawRequest {
		b.InterceptReceive(app.ReceiveBefore, config.replayBody)
		return nil
	}
	b.InterceptReceive(app.ReceiveBefore, config.replayValue)
	b.InterceptReceive(app.ReceiveAfter, config.keepValue)
	return nil
}

// recordKey holds the body that a call has received.
var recordKey = app.NewKey[*record]("doublereceive.record")

// replayBody gives a receive the body from its start, and records it if it is
// the first one.
func (c *Config) replayBody(call *app.Call, in *app.Incoming) error {
	if c.excludes(call, in) {
		return nil
	}
	kept, found := recordKey.Get(call)
	if !found {
		if in.Gone() {
			return nil
		}
		kept = newRecord(in.Body, c.limit(call))
		recordKey.Set(call, kept)
	}
	in.Body = kept.replay()
	if body := call.Request.Body; body != nil && body != http.NoBody {
		call.Request.Body = kept.replay()
	}
	return nil
}

// valuesKey holds the values that a call has received, by their type. The map is
// replaced, never changed: a goroutine that a middleware has left behind may
// still read it.
var valuesKey = app.NewKey[map[reflect.Type]reflect.Value]("doublereceive.values")

// replayValue gives a receive the value that was received as its type before.
func (c *Config) replayValue(call *app.Call, in *app.Incoming) error {
	target := reflect.ValueOf(in.Target)
	if target.Kind() != reflect.Pointer || c.excludes(call, in) {
		return nil
	}
	values, _ := valuesKey.Get(call)
	if value, found := values[target.Type().Elem()]; found {
		target.Elem().Set(value)
		in.Body, in.Done = http.NoBody, true
	}
	return nil
}

// keepValue keeps a received value, but not a reader, which can be read once.
func (c *Config) keepValue(call *app.Call, in *app.Incoming) error {
	target := reflect.ValueOf(in.Target)
	if target.Kind() != reflect.Pointer || c.excludes(call, in) {
		return nil
	}
	kind := target.Type().Elem()
	if kind == reflect.TypeFor[io.Reader]() {
		return nil
	}
	value := reflect.New(kind).Elem()
	value.Set(target.Elem())
	known, _ := valuesKey.Get(call)
	values := map[reflect.Type]reflect.Value{kind: value}
	maps.Copy(values, known)
	valuesKey.Set(call, values)
	return nil
}
