package sessions_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sessions"
)

// blank is a writer that forgets.
type blank struct{ header http.Header }

func (b blank) Header() http.Header         { return b.header }
func (b blank) Write(p []byte) (int, error) { return len(p), nil }
func (b blank) WriteHeader(int)             {}

// fast serializes a name without reflection, to leave what sessions cost.
type fast struct{}

func (fast) Serialize(u User) ([]byte, error)      { return []byte(u.Name), nil }
func (fast) Deserialize(data []byte) (User, error) { return User{Name: string(data)}, nil }

var fastUsers = sessions.New("user", func(o *sessions.Options[User]) { o.Serializer = fast{} })

// serving returns a function that serves a call of a client with a session, by a
// handler that reads it, sets it, or, for "bare", neither.
func serving(tb testing.TB, handle *sessions.Handle[User], does string, way func(*sessions.CookieConfig)) func() {
	var handler app.Handler
	switch does {
	case "bare", "unasked":
		handler = func(c *app.Call) error { return c.RespondText("ok") }
	case "read":
		handler = func(c *app.Call) error {
			_, _, err := handle.Get(c)
			return cmpError(err, c.RespondText("ok"))
		}
	case "write":
		names, n := [2]User{{Name: "alice"}, {Name: "bobby"}}, 0
		handler = func(c *app.Call) error {
			n = 1 - n
			return cmpError(handle.Set(c, names[n]), c.RespondText("ok"))
		}
	}
	application := app.New(func(a *app.Application) {
		if does != "bare" {
			a.Install(sessions.Plugin.With(func(c *sessions.Config) { c.Cookie(handle, way) }))
		}
		a.Intercept(app.PhaseCall, func(app.Handler) app.Handler {
			return func(c *app.Call) error {
				if c.Request.URL.Path == "/login" {
					return cmpError(handle.Set(c, User{Name: "carol"}), c.RespondText("ok"))
				}
				return handler(c)
			}
		})
	})
	require.NoError(tb, application.Start(tb.Context()))
	tb.Cleanup(func() { assert.NoError(tb, application.Stop(context.Background())) })
	request := httptest.NewRequestWithContext(application.Context(), http.MethodGet, "/", http.NoBody)
	if does != "bare" {
		recorder := httptest.NewRecorder()
		application.ServeHTTP(recorder, httptest.NewRequest(http.MethodGet, "/login", http.NoBody))
		request.Header.Set("Cookie", "theme=dark; "+"user="+recorder.Result().Cookies()[0].Value)
	}
	writer := blank{http.Header{}}
	return func() {
		clear(writer.header)
		application.ServeHTTP(writer, request)
	}
}

// kinds are what costs are watched of.
func kinds(tb testing.TB) map[string]func() {
	all := map[string]func(){"bare": serving(tb, users, "bare", nil), "unasked": serving(tb, users, "unasked", signed)}
	for name, way := range map[string]func(*sessions.CookieConfig){
		"signed": signed, "encrypted": encrypted, "by ID": in(sessions.NewMemory()),
	} {
		for _, does := range []string{"read", "write"} {
			all[name+", "+does] = serving(tb, users, does, way)
			all[name+", "+does+", without JSON"] = serving(tb, fastUsers, does, way)
		}
	}
	return all
}

// BenchmarkCall measures a whole call; "bare" is one without the plugin, to be
// taken off.
func BenchmarkCall(b *testing.B) {
	for name, call := range kinds(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}

func BenchmarkMemory(b *testing.B) {
	memory := sessions.NewMemory()
	keys := make([]string, 200_000)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	record := sessions.Record{Data: make([]byte, 100), Expires: time.Now().Add(time.Hour)}
	b.ReportAllocs()
	b.Run("save", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			require.NoError(b, memory.Save(b.Context(), keys[i%len(keys)], record))
		}
	})
	b.Run("load", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				_, _ = memory.Load(context.Background(), keys[i%len(keys)])
			}
		})
	})
}

// TestMemoryOfASession: what the comment of MaxBytes says.
func TestMemoryOfASession(t *testing.T) {
	const count, size = 50_000, 100
	heap := func() uint64 {
		var stats runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&stats)
		return stats.HeapAlloc
	}
	memory := sessions.NewMemory(func(c *sessions.MemoryConfig) { c.MaxSessions = count })
	before := heap()
	for i := range 2 * count { // those that were dropped leave nothing
		save(t, memory, strconv.Itoa(i), size, time.Hour)
	}
	each := float64(heap()-before)/count - size
	t.Logf("%.0f bytes for each session", each)
	assert.Less(t, each, 512.0)
	assert.Equal(t, count, memory.Len())
	runtime.KeepAlive(memory)
}
