package plugins

import (
	"bufio"
	"net/http"
	"strconv"

	"github.com/chitor-go/chitor/app"
)

// DataTransformation adds 1 to each number that is received, and again when it
// is sent.
var DataTransformation = app.NewPlugin("DataTransformation", func() struct{} { return struct{}{} },
	func(b *app.PluginBuilder[struct{}]) error {
		b.InterceptReceive(app.ReceiveTransform, func(_ *app.Call, in *app.Incoming) error {
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
		b.InterceptSend(app.SendTransform, func(_ *app.Call, out *app.Outgoing) error {
			if number, ok := out.Value.(int); ok {
				out.Value = strconv.Itoa(number + 1)
			}
			return nil
		})
		return nil
	})
