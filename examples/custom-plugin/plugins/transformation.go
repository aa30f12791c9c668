package plugins

import (
	"bufio"
	"net/http"
	"strconv"
	"time"

	"github.com/chitor-go/chitor/app"
)

// DataTransformation adds 1 to each number that is received, and again when it
// is sent.
var DataTransformation = app.NewPlugin("DataTransformation", none, func(b *app.PluginBuilder[struct{}]) error {
	b.OnCallReceive(func(_ *app.Call, in *app.Incoming) error {
		target, wanted := in.Target.(*int)
		if !wanted {
			return nil
		}
		line := bufio.NewScanner(in.Body)
		line.Scan()
		if err := line.Err(); err != nil {
			return err
		}
		number, err := strconv.Atoi(line.Text())
		if err != nil {
			return &app.Error{Status: http.StatusBadRequest, Message: "the body is not a number", Err: err}
		}
		*target, in.Done = number+1, true
		return nil
	})
	b.OnCallRespond(func(_ *app.Call, out *app.Outgoing) error {
		if number, ok := out.Value.(int); ok {
			out.Value = strconv.Itoa(number + 1)
		}
		return nil
	})
	return nil
})

// DataTransformationBenchmark logs how long a handler has waited before it
// received the body.
var DataTransformationBenchmark = app.NewPlugin("DataTransformationBenchmark", none, func(b *app.PluginBuilder[struct{}]) error {
	logger, start := b.Application().Logger(), app.NewKey[time.Time]("start")
	b.OnCall(func(c *app.Call) error {
		start.Set(c, time.Now())
		return nil
	})
	b.OnCallReceive(func(c *app.Call, _ *app.Incoming) error {
		if started, ok := start.Get(c); ok {
			logger.Info("the body is read", "delay", time.Since(started))
		}
		return nil
	})
	return nil
})
