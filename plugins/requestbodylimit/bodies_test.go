package requestbodylimit_test

import (
	"io"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
)

// limit installs the plugin with one limit for all calls.
func limit(bytes int64) app.Installable {
	return requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
		c.BodyLimit(func(*app.Call) int64 { return bytes })
	})
}

// chunked returns a body of n bytes whose length a client does not know, and so
// does not declare.
func chunked(n int64) io.Reader { return io.LimitReader(zeros{}, n) }

// zeros is a body without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

func receiveBytes(c *app.Call) error {
	if _, err := c.ReceiveBytes(); err != nil {
		return err
	}
	return c.RespondText("OK: " + c.PathParam("path"))
}
