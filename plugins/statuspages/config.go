package statuspages

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// Config says what an installation of [Plugin] handles. The zero Config handles
// nothing. It is read when the plugin is installed; later changes have no
// effect. Start returns the mistakes in it, with the line of the installation.
//
// Ktor: StatusPagesConfig.
type Config struct {
	rules     rules
	statuses  map[int]statusHandler
	unhandled app.Handler
	mistakes  mistakes.List
}

// A statusHandler may respond in place of the response that it is given.
type statusHandler func(c *app.Call, content *app.Outgoing) error

func defaultConfig() Config { return Config{} }

// Status names the handler for responses with a status, 200 to 999. It responds
// like any handler; the status is set already. If it does not respond, the
// response is sent as it was. Of several handlers for a status the last counts.
// A nil handler is a mistake.
//
// Ktor: status.
func (c *Config) Status(status int, handle func(call *app.Call, status int) error) {
	if handle == nil {
		c.mistakes.Add(fmt.Errorf("status %d: the handler is nil", status))
		return
	}
	c.StatusContent(status, func(call *app.Call, content *app.Outgoing) error { return handle(call, content.Status) })
}

// StatusContent is [Config.Status] for a handler that looks at the response
// that it is to replace: its status, header, length and, if it is in memory,
// body. It may also change body and status of content instead of responding.
// Content is valid until the handler returns, and its header is a copy.
//
// Ktor: status, with a StatusContext.
func (c *Config) StatusContent(status int, handle func(call *app.Call, content *app.Outgoing) error) {
	switch {
	case handle == nil:
		c.mistakes.Add(fmt.Errorf("status %d: the handler is nil", status))
	case status < 200 || status > 999:
		c.mistakes.Add(fmt.Errorf("status %d: a response cannot have it", status))
	case c.statuses == nil:
		c.statuses = map[int]statusHandler{status: handle}
	default:
		c.statuses[status] = handle
	}
}

// StatusFile responds with files: for each status with the one whose name is
// pattern, each # replaced by the status. The files are read when StatusFile is
// called; one that cannot be read is a mistake, and so is a nil file system.
// The extension decides on the Content-Type: see [app.ContentTypeOf].
//
// Ktor: statusFile.
func (c *Config) StatusFile(fsys fs.FS, pattern string, statuses ...int) {
	if fsys == nil {
		c.mistakes.Add(fmt.Errorf("status file %s: there is no file system", pattern))
		return
	}
	for _, status := range statuses {
		name := strings.ReplaceAll(pattern, "#", strconv.Itoa(status))
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			c.mistakes.Add(fmt.Errorf("status file: %w", err))
			continue
		}
		contentType := app.ContentTypeOf(name)
		c.Status(status, func(call *app.Call, _ int) error {
			call.Header().Set("Content-Type", contentType)
			return call.RespondBytes(data)
		})
	}
}

// Unhandled names the handler for calls that nobody has answered: no route
// matched, or its handlers did not respond. The status is set already if
// somebody has set it, as routing does with 404 and 405. If the handler does
// not respond either, the call goes on as without it. The last handler named
// counts. Nil is a mistake.
//
// Ktor: unhandled.
func (c *Config) Unhandled(handle app.Handler) {
	if handle == nil {
		c.mistakes.Add(errors.New("unhandled: the handler is nil"))
		return
	}
	c.unhandled = handle
}
