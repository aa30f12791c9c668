package statuspages

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"path"
	"strconv"
	"strings"

	"github.com/chitor-go/chitor/app"
)

// Config says what an installation of [Plugin] handles. The zero Config handles
// nothing. It is read when the plugin is installed; later changes have no
// effect. A mistake in it is returned by Start, with the line of the
// installation.
// Ktor: StatusPagesConfig.
type Config struct {
	rules     rules
	statuses  map[int]statusHandler
	unhandled app.Handler
	mistakes  []error
}

type statusHandler func(c *app.Call, content *app.Outgoing) error

func defaultConfig() Config { return Config{statuses: map[int]statusHandler{}} }

// Status names the handler for answers with a status, 200 to 999. It responds
// like any handler; the status is set already. If it does not respond, the
// answer leaves as it was. The last handler named for a status counts.
// Ktor: status.
func (c *Config) Status(status int, handle func(call *app.Call, status int) error) {
	if handle == nil {
		c.mistake(fmt.Errorf("status %d: the handler is nil", status))
		return
	}
	c.StatusContent(status, func(call *app.Call, content *app.Outgoing) error { return handle(call, content.Status) })
}

// StatusContent is [Config.Status] for a handler that looks at the answer that
// it is to replace: its status, header, length and, if it is known in one
// piece, body. It may also change body and status of content instead of
// responding. Content is good until the handler returns, and its header is a
// copy. It answers to Ktor's status with a StatusContext.
func (c *Config) StatusContent(status int, handle func(call *app.Call, content *app.Outgoing) error) {
	switch {
	case handle == nil:
		c.mistake(fmt.Errorf("status %d: the handler is nil", status))
	case status < 200 || status > 999:
		c.mistake(fmt.Errorf("status %d: an answer cannot have it", status))
	default:
		c.statuses[status] = handle
	}
}

// StatusFile answers with files: for each status with the one whose name is
// pattern, each # replaced by the status. The files are read when StatusFile is
// called. The extension says the content type.
// Ktor: statusFile.
func (c *Config) StatusFile(fsys fs.FS, pattern string, statuses ...int) {
	if fsys == nil {
		c.mistake(fmt.Errorf("status file %s: there is no file system", pattern))
		return
	}
	for _, status := range statuses {
		name := strings.ReplaceAll(pattern, "#", strconv.Itoa(status))
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			c.mistake(fmt.Errorf("status file: %w", err))
			continue
		}
		contentType := mime.TypeByExtension(path.Ext(name))
		c.Status(status, func(call *app.Call, _ int) error {
			if contentType != "" {
				call.Header().Set("Content-Type", contentType)
			}
			return call.RespondBytes(data)
		})
	}
}

// Unhandled names the handler for calls that nobody has answered: no route
// matched, or its handlers did not respond. The status is set already if
// somebody has set it, as routing does with 404 and 405. If the handler does
// not respond either, the call goes on as without it. The last handler named
// counts.
// Ktor: unhandled.
func (c *Config) Unhandled(handle app.Handler) {
	if handle == nil {
		c.mistake(errors.New("unhandled: the handler is nil"))
		return
	}
	c.unhandled = handle
}

func (c *Config) mistake(err error) { c.mistakes = append(c.mistakes, err) }
