package admission_test

import (
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/internal/admission"
	"github.com/chitor-go/chitor/routing"
)

// serve admits calls for /enter and takes them back for /leave. The key is the
// parameter key of the query.
func serve(room *admission.Room) app.Module {
	return func(a *app.Application) {
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/look", func(c *app.Call) error { return room.Check(c, room.Key(c)) }).MayPass()
			r.Get("/enter", func(c *app.Call) error {
				if err := room.Admit(c, room.Key(c)); err != nil {
					return err
				}
				return c.RespondStatus(http.StatusNoContent)
			})
			r.Get("/leave", func(c *app.Call) error {
				room.Leave(room.Key(c))
				return c.RespondStatus(http.StatusNoContent)
			})
		})
	}
}

func byQuery(c *app.Call) string { return c.QueryParam("key") }

func TestARoomIsFull(t *testing.T) {
	for name, test := range map[string]struct {
		limits  admission.Limits
		status  int
		text    string
		retry   string
		refused admission.Refused
	}{
		"in all": {
			admission.Limits{Max: 1, RetryAfter: 1500 * time.Millisecond, Of: "rooms"},
			http.StatusServiceUnavailable, "too many rooms are open", "2", admission.Refused{Full: 1},
		},
		"for a key": {
			admission.Limits{MaxPerKey: 1, KeyOf: byQuery, Of: "rooms"},
			http.StatusTooManyRequests, "too many of your rooms are open", "", admission.Refused{FullForKey: 1},
		},
		"for the network of the client": {
			admission.Limits{MaxPerKey: 1, Of: "rooms"},
			http.StatusTooManyRequests, "too many of your rooms are open", "", admission.Refused{FullForKey: 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				room := admission.NewRoom(test.limits)
				host := apptest.Start(t, serve(room))
				require.Equal(t, http.StatusNoContent, host.Get("/enter?key=a").StatusCode)
				response := host.Get("/enter?key=a")
				assert.Equal(t, test.status, response.StatusCode)
				assert.Equal(t, test.retry, response.Header.Get("Retry-After"))
				assert.Equal(t, test.text, apptest.Text(t, response))
				assert.Equal(t, test.refused, room.Refused())
				require.Equal(t, http.StatusNoContent, host.Get("/leave?key=a").StatusCode)
				assert.Equal(t, http.StatusNoContent, host.Get("/enter?key=a").StatusCode)
			})
		})
	}
}

func TestKeysAreCountedApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		room := admission.NewRoom(admission.Limits{MaxPerKey: 1, KeyOf: byQuery, Of: "rooms"})
		host := apptest.Start(t, serve(room))
		for _, path := range []string{"/enter?key=a", "/enter?key=b", "/enter", "/enter"} {
			require.Equal(t, http.StatusNoContent, host.Get(path).StatusCode, path)
		}
		require.Equal(t, http.StatusTooManyRequests, host.Get("/enter?key=b").StatusCode)
	})
}

// TestCheckAdmitsNothing: whoever looks first has to ask again.
func TestCheckAdmitsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serve(admission.NewRoom(admission.Limits{Max: 1, Of: "rooms"})))
		for range 2 {
			require.Equal(t, http.StatusNotFound, host.Get("/look").StatusCode)
		}
		require.Equal(t, http.StatusNoContent, host.Get("/enter").StatusCode)
		require.Equal(t, http.StatusServiceUnavailable, host.Get("/look").StatusCode)
	})
}

// TestThatARoomIsFullIsLogged once a minute, not for each client of a crowd.
func TestThatARoomIsFullIsLogged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, serve(admission.NewRoom(admission.Limits{Max: 1, Of: "rooms"})))
		host.Get("/enter")
		for range 3 {
			host.Get("/enter")
		}
		line := "rooms are refused: as many are open as MaxSessions allows"
		assert.Len(t, host.Log().Find(line), 1)
		time.Sleep(time.Minute)
		host.Get("/enter")
		assert.Len(t, host.Log().Find(line), 2)
	})
}

// TestTryAdmitRefusesNobody: where there is no place, nothing is counted.
func TestTryAdmitRefusesNobody(t *testing.T) {
	t.Parallel()
	room := admission.NewRoom(admission.Limits{Max: 2, MaxPerKey: 1, KeyOf: func(*app.Call) string { return "" }})
	assert.True(t, room.TryAdmit("a"))
	assert.False(t, room.TryAdmit("a"), "the key has its session")
	assert.True(t, room.TryAdmit("b"))
	assert.False(t, room.TryAdmit(""), "all places are taken")
	room.Leave("a")
	assert.True(t, room.TryAdmit("a"))
	assert.Zero(t, room.Refused())
}
