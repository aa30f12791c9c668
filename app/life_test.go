package app_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// A moment is a state of an answer, as a handler brings it about. The states are
// those that answer.go draws.
type moment struct {
	name  string
	reach func(c *app.Call) error
	// after is for a state that the handler does not see: an error of reach has
	// been answered inside a middleware, which goes on.
	after bool
}

func moments() []moment {
	return []moment{
		{name: "silent", reach: func(*app.Call) error { return nil }},
		{name: "begun by a status", reach: func(c *app.Call) error { c.Writer().WriteHeader(http.StatusAccepted); return nil }},
		{name: "begun by a value", reach: text("value")},
		{name: "begun by bytes", reach: writes("held")},
		{name: "sent, open", reach: func(c *app.Call) error { return errors.Join(writes("sent")(c), flushing(c)) }},
		{name: "sent, whole", reach: func(c *app.Call) error { return errors.Join(c.RespondText("value"), flushing(c)) }},
		{name: "sent, a part is due", reach: func(c *app.Call) error {
			c.Header().Set("Content-Length", "9")
			return errors.Join(writes("part")(c), flushing(c))
		}},
		{name: "hijacked", reach: hijacking},
		{name: "an error answered", reach: teapot, after: true},
		{name: "an abort asked for", reach: func(*app.Call) error { return http.ErrAbortHandler }, after: true},
		{name: "begun, an error in its place", reach: func(c *app.Call) error { return errors.Join(writes("held")(c), teapot(c)) }, after: true},
	}
}

// An occasion is something that happens to an answer.
type occasion struct {
	name   string
	happen func(c *app.Call) error
	// Where it happens, apart from a handler that a client waits for.
	method string // GET if empty
	around func(http.Handler) http.Handler
	hook   func(c *app.Call, out *app.Outgoing) error // at the commit
	client func(h *apptest.Host, conn net.Conn)       // while the handler runs
}

func occasions() []occasion {
	nothing := func(*app.Call) error { return nil }
	return []occasion{
		{name: "nothing more", happen: nothing},
		{name: "respond", happen: text("event")},
		{name: "write", happen: writes("event")},
		{name: "flush", happen: flushing},
		{name: "commit", happen: writes(strings.Repeat("e", 600))},
		{name: "hook fails", happen: nothing, hook: func(*app.Call, *app.Outgoing) error { return app.NewError(http.StatusTeapot, "hook") }},
		{name: "hook fails at a flush", happen: flushing, hook: func(*app.Call, *app.Outgoing) error { return app.NewError(http.StatusTeapot, "hook") }},
		{name: "error", happen: teapot},
		{name: "panic", happen: func(*app.Call) error { panic("event") }},
		{name: "abort", happen: func(*app.Call) error { panic(http.ErrAbortHandler) }},
		{name: "hijack", happen: hijacking},
		{name: "replace", happen: nothing, hook: func(c *app.Call, _ *app.Outgoing) error {
			return c.Replace(func(c *app.Call, _ *app.Outgoing) error { return c.RespondText("replaced") })
		}},
		{name: "client gone", happen: waiting, client: func(_ *apptest.Host, conn net.Conn) { _ = conn.Close() }},
		{name: "HEAD", happen: writes("event"), method: http.MethodHead},
		{name: "204", happen: func(c *app.Call) error {
			c.Writer().WriteHeader(http.StatusNoContent)
			return writes("event")(c)
		}},
		{name: "1xx", happen: func(c *app.Call) error { c.Writer().WriteHeader(http.StatusEarlyHints); return nil }},
		{name: "wrapped writer", happen: writes("event"), around: wrappingWriter},
		{name: "wrapped writer, error", happen: teapot, around: wrappingWriter},
		{name: "fork", happen: writes("event"), around: opaque},
		{name: "fork, error", happen: teapot, around: opaque},
		{name: "the cut of a stop", happen: writes(strings.Repeat("s", 1<<20)), client: func(h *apptest.Host, _ net.Conn) { h.Stop() }},
		{name: "a stop", happen: waiting, client: func(h *apptest.Host, _ net.Conn) { h.Stop() }},
		{name: "Goexit", happen: func(*app.Call) error { runtime.Goexit(); return nil }},
		{name: "a panic after the commit", happen: func(c *app.Call) error { _ = flushing(c); panic("event") }},
		{name: "an end that comes later", happen: func(c *app.Call) error { c.Go(later(nil)); return nil }},
		{name: "an error that comes later", happen: func(c *app.Call) error { c.Go(later(app.NewError(http.StatusTeapot, "later"))); return nil }},
	}
}

// writes is a handler that writes text as net/http's do.
func writes(text string) app.Handler {
	return func(c *app.Call) error { _, err := io.WriteString(c.Writer(), text); return err }
}

func flushing(c *app.Call) error { return http.NewResponseController(c.Writer()).Flush() }

func teapot(*app.Call) error { return app.NewError(http.StatusTeapot, "error") }

// waiting is a handler that returns why its context has ended.
func waiting(c *app.Call) error {
	<-c.Context().Done()
	return context.Cause(c.Context())
}

// hijacking is a handler that takes the connection and answers by itself.
func hijacking(c *app.Call) error {
	conn, buffered, err := http.NewResponseController(c.Writer()).Hijack()
	if err != nil {
		return err
	}
	_, _ = buffered.WriteString("HTTP/1.1 299 Mine\r\nContent-Length: 0\r\n\r\n")
	return errors.Join(buffered.Flush(), conn.Close())
}

// later is work that ends with err a minute after the handlers have returned.
func later(err error) func(context.Context) error {
	return func(ctx context.Context) error {
		<-ctx.Done() // the handlers have returned
		time.Sleep(time.Minute)
		return err
	}
}

// TestTheLifeOfAnAnswer walks every pair of a moment and an occasion, over a
// connection, and compares what comes of each with testdata/life.txt. A line
// says what the client has, then what OnResponseSent sees, then what was logged
// as an error.
func TestTheLifeOfAnAnswer(t *testing.T) {
	var lines []string
	for _, moment := range moments() {
		for _, occasion := range occasions() {
			synctest.Test(t, func(t *testing.T) {
				lines = append(lines, fmt.Sprintf("%-29s + %-26s %s", moment.name, occasion.name, comesOf(t, moment, occasion)))
			})
		}
		lines = append(lines, "")
	}
	got := strings.Join(lines, "\n")
	want, err := os.ReadFile("testdata/life.txt")
	require.NoError(t, err)
	if !assert.Equal(t, strings.Split(string(want), "\n"), strings.Split(got, "\n")) {
		name := t.ArtifactDir() + "/life.txt"
		require.NoError(t, os.WriteFile(name, []byte(got), 0o600))
	}
}

// comesOf lets an occasion happen at a moment, and says what comes of it.
func comesOf(t *testing.T, moment moment, occasion occasion) string {
	seen := "the call has not ended"
	happened := ""
	happen := func(c *app.Call) error {
		err := occasion.happen(c)
		if err != nil {
			happened = " (" + err.Error() + ")"
		}
		return err
	}
	host := apptest.Start(t, func(a *app.Application) {
		a.Install(app.NewPlugin("Watch", func() int { return 0 }, func(b *app.PluginBuilder[int]) error {
			b.OnResponseSent(func(c *app.Call) { seen = fmt.Sprintf("%d, %d bytes", c.Status(), c.Written()) })
			return nil
		}))
		if occasion.hook != nil {
			a.InterceptSend(app.SendAfter, occasion.hook)
		}
		if moment.after {
			a.Use(func(next http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					next.ServeHTTP(w, r)
					c, _ := app.CallFrom(r.Context())
					if err := happen(c); err != nil {
						panic(err)
					}
				})
			})
		}
		if occasion.around != nil {
			a.Use(occasion.around)
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				if err := moment.reach(c); err != nil || moment.after {
					return err
				}
				return happen(c)
			}
		})
	})
	client := exchange(t, host, occasion)
	time.Sleep(2 * time.Minute) // for what comes later
	synctest.Wait()
	return fmt.Sprintf("%s%s | %s%s", client, happened, seen, complaints(host))
}

// complaints says what was logged as an error, each message once.
func complaints(host *apptest.Host) string {
	var messages []string
	for _, record := range host.Log().AtLeast(slog.LevelError) {
		messages = append(messages, record.Message)
	}
	slices.Sort(messages)
	if messages = slices.Compact(messages); len(messages) == 0 {
		return ""
	}
	return " | " + strings.Join(messages, ", ")
}

// exchange asks for the response and says what comes over the connection.
func exchange(t *testing.T, host *apptest.Host, occasion occasion) string {
	t.Helper()
	conn := host.Dial()
	defer conn.Close()
	method := http.MethodGet
	if occasion.method != "" {
		method = occasion.method
	}
	_, err := fmt.Fprintf(conn, "%s / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", method)
	require.NoError(t, err)
	if occasion.client != nil {
		synctest.Wait()
		occasion.client(host, conn)
	}
	synctest.Wait()
	answers := bufio.NewReader(conn)
	response, err := http.ReadResponse(answers, &http.Request{Method: method})
	hints := ""
	if err == nil && response.StatusCode == http.StatusEarlyHints {
		hints = "103, "
		response, err = http.ReadResponse(answers, &http.Request{Method: method})
	}
	if err != nil {
		return hints + "no response"
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	body := fmt.Sprintf("%q", data)
	switch {
	case len(data) > 20 && err != nil:
		body = "a part"
	case len(data) > 20:
		body = fmt.Sprintf("%d bytes", len(data))
	}
	if err != nil {
		body += ", cut"
	}
	return fmt.Sprintf("%s%d %s", hints, response.StatusCode, body)
}
