package sessions_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sessions"
	"github.com/chitor-go/chitor/routing"
)

// slowly starts a host with a call /slow that does something between the time when
// it has loaded its session and the time when it changes it.
func slowly(t *testing.T, storage sessions.Storage, meanwhile func(host *apptest.Host, id string), change func(c *app.Call) error,
	middlewares ...func(http.Handler) http.Handler,
) *apptest.Host {
	var host *apptest.Host
	host = apptest.Start(t, func(a *app.Application) {
		a.Use(middlewares...)
		a.Install(cookie(in(storage)))
		routing.Routes(a, func(r *routing.Route) {
			service(r)
			r.Get("/slow", func(c *app.Call) error {
				id, ok := users.ID(c)
				require.True(t, ok)
				meanwhile(host, id)
				return responds(c, change(c))
			})
		})
	})
	return host
}

// places are where a handler can run.
var places = map[string]func(http.Handler) http.Handler{
	"a call": func(next http.Handler) http.Handler { return next }, "a fork": opaque,
}

// TestEndedStaysEnded: whatever a call does to a session that another has ended in
// the meantime, it is not brought back, and the client is sent nothing.
func TestEndedStaysEnded(t *testing.T) {
	set := func(c *app.Call) error { return users.Set(c, User{Name: "alice", Cart: []string{"late"}}) }
	for how, path := range map[string]string{"cleared": "/clear", "everywhere": "/clear-owner/alice", "renewed": "/renew"} {
		for what, change := range map[string]func(c *app.Call) error{
			"set":           set,
			"renew":         users.RenewID,
			"renew and set": func(c *app.Call) error { return errors.Join(users.RenewID(c), set(c)) },
			"set and renew": func(c *app.Call) error { return errors.Join(set(c), users.RenewID(c)) },
			"set twice":     func(c *app.Call) error { return errors.Join(set(c), set(c), users.Set(c, User{Name: "alice"})) },
			"generate": func(c *app.Call) error {
				_, err := users.GetOrSet(c, func() (User, error) { return User{Name: "alice"}, nil })
				return errors.Join(set(c), err)
			},
		} {
			for place, around := range places {
				for name, storage := range map[string]sessions.Storage{"memory": sessions.NewMemory(), "directory": openDirectory(t, t.TempDir())} {
					t.Run(how+", "+what+", "+place+", "+name, func(t *testing.T) {
						other := ""
						host := slowly(t, storage, func(host *apptest.Host, id string) {
							if renewed := sent(t, host.Get(path, with("user", id)), "user"); renewed.MaxAge > 0 {
								other = renewed.Value
							}
						}, change, around)
						id := sent(t, host.Get("/set/alice"), "user").Value
						response := host.Get("/slow", with("user", id))
						assert.Equal(t, http.StatusOK, response.StatusCode)
						assert.Nil(t, sent(t, response, "user"))
						nobody(t, host, id)
						if path == "/renew" {
							assert.Equal(t, "alice ", text(t, host.Get("/clear-owner/bob", with("user", other))), "the other tab's")
						}
						assert.Equal(t, "nobody", text(t, host.Get("/clear-owner/alice", with("user", other))))
						if memory, ok := storage.(*sessions.Memory); ok {
							assert.Zero(t, memory.Len())
						}
					})
				}
			}
		}
	}
}

// TestLoginStands: who becomes somebody has a session, also if that of before was
// ended meanwhile, and so has who begins another.
func TestLoginStands(t *testing.T) {
	for name, change := range map[string]func(c *app.Call) error{
		"another owner": func(c *app.Call) error {
			return errors.Join(users.RenewID(c), users.Set(c, User{Name: "bob"}), users.RenewID(c))
		},
		"another session": func(c *app.Call) error {
			return errors.Join(users.RenewID(c), users.Clear(c), users.Set(c, User{Name: "bob"}))
		},
	} {
		for place, around := range places {
			t.Run(name+", "+place, func(t *testing.T) {
				host := slowly(t, sessions.NewMemory(), func(host *apptest.Host, id string) {
					host.Get("/clear", with("user", id))
				}, change, around)
				id := sent(t, host.Get("/set/alice"), "user").Value
				after := sent(t, host.Get("/slow", with("user", id)), "user")
				require.NotNil(t, after)
				assert.Equal(t, "bob ", text(t, host.Get("/get", with("user", after.Value))))
				nobody(t, host, id)
			})
		}
	}
}

// TestEndedWhileRenewed: a logout everywhere that comes while the session has both
// IDs ends it.
func TestEndedWhileRenewed(t *testing.T) {
	storage := &interrupted{Memory: sessions.NewMemory()}
	host := slowly(t, storage, func(host *apptest.Host, _ string) {
		storage.afterSave = func() {
			storage.afterSave = nil
			host.Get("/clear-owner/alice")
		}
	}, users.RenewID)
	id := sent(t, host.Get("/set/alice"), "user").Value
	assert.Nil(t, sent(t, host.Get("/slow", with("user", id)), "user"))
	assert.Zero(t, storage.Len())
}

type interrupted struct {
	*sessions.Memory

	afterSave func()
}

func (s *interrupted) Save(ctx ctx, key string, record sessions.Record) error {
	err := s.Memory.Save(ctx, key, record)
	if s.afterSave != nil {
		s.afterSave()
	}
	return err
}

// TestByValueEnds: a cookie that somebody has stolen, and has renewed again and
// again, does not last for ever, unless that was asked for.
func TestByValueEnds(t *testing.T) {
	for name, test := range map[string]struct {
		configure func(*sessions.CookieConfig)
		days      int
	}{
		"by default":        {signed, 28},
		"with a MaxAge":     {func(c *sessions.CookieConfig) { c.Encrypt(key(1, 32)); c.MaxAge = 48 * time.Hour }, 8},
		"with the browser":  {func(c *sessions.CookieConfig) { signed(c); c.MaxAge = 0 }, 4},
		"with a Lifetime":   {func(c *sessions.CookieConfig) { signed(c); c.Lifetime = 10 * 24 * time.Hour }, 10},
		"without bound":     {func(c *sessions.CookieConfig) { signed(c); c.Lifetime = 0 }, 100},
		"by ID":             {in(sessions.NewMemory()), 100},
		"a hundred years":   {func(c *sessions.CookieConfig) { signed(c); c.MaxAge = 100 * 365 * 24 * time.Hour }, 100},
		"as long as it can": {func(c *sessions.CookieConfig) { signed(c); c.MaxAge = 1<<63 - 1 }, 100},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				host := start(t, cookie(test.configure))
				value := sent(t, host.Get("/set/alice"), "user").Value
				for range 2 * test.days {
					for _, path := range []string{"/get", "/add/x"} {
						response := host.Get(path, with("user", value))
						require.Equal(t, "alice ", strings.TrimRight(text(t, response), "x,"))
						if renewed := sent(t, response, "user"); renewed != nil {
							value = renewed.Value
						}
					}
					time.Sleep(12 * time.Hour)
				}
				if test.days < 100 {
					nobody(t, host, value)
				}
			})
		})
	}
}

// TestGetOrSetAtOnce: all goroutines of a call get the same value, which is the one
// that is kept.
func TestGetOrSetAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := withRoutes(t, cookie(in(sessions.NewMemory())), func(r *routing.Route) {
			service(r)
			r.Get("/", func(c *app.Call) error {
				got := make(chan string, 5)
				for _, name := range []string{"a", "b", "c", "d", "e"} {
					go func() {
						user, err := users.GetOrSet(c, func() (User, error) {
							_, _, err := users.Get(c)
							time.Sleep(time.Second)
							return User{Name: name}, err
						})
						assert.NoError(t, err)
						got <- user.Name
					}()
				}
				first := <-got
				for range 4 {
					assert.Equal(t, first, <-got)
				}
				return c.RespondText(first)
			})
		})
		response := host.Get("/")
		first := text(t, response)
		assert.Equal(t, first+" ", text(t, host.Get("/get", with("user", sent(t, response, "user").Value))))
	})
}

// TestFailureIsRemembered: a storage that is down is waited for once in a call,
// whoever asks.
func TestFailureIsRemembered(t *testing.T) {
	storage := &failing{Storage: sessions.NewMemory()}
	host := withRoutes(t, cookie(in(storage)), func(r *routing.Route) {
		service(r)
		r.Get("/twice", func(c *app.Call) error {
			_, _, first := users.Get(c)
			require.ErrorIs(t, first, errDown)
			_, _, err := users.Get(c)
			require.Equal(t, first, err)
			require.Equal(t, first, users.Set(c, User{Name: "x"}))
			return c.RespondText("ok")
		})
		// What runs for long after the head may ask again.
		r.Get("/stream", func(c *app.Call) error {
			_, err := users.Alive(c)
			require.ErrorIs(t, err, errDown)
			_, err = c.Writer().Write(make([]byte, 10_000))
			require.NoError(t, err)
			_, err = users.Alive(c)
			require.ErrorIs(t, err, errDown)
			storage.fail = false
			alive, err := users.Alive(c)
			require.NoError(t, err)
			assert.True(t, alive)
			return nil
		})
	})
	id := sent(t, host.Get("/set/alice"), "user").Value
	storage.fail, storage.asked = true, nil
	response := host.Get("/twice", with("user", id))
	assert.Equal(t, "ok", text(t, response))
	assert.Nil(t, sent(t, response, "user"))
	assert.Equal(t, []string{"load"}, storage.asked)
	storage.asked = nil
	assert.Len(t, text(t, host.Get("/stream", with("user", id))), 10_000)
	assert.Equal(t, []string{"load", "load", "load", "load"}, storage.asked)
}

// TestAskingHoldsNobodyUp: while a goroutine of a stream asks whether the session
// is still there, the others use it.
func TestAskingHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		storage := &slow{Memory: sessions.NewMemory()}
		host := withRoutes(t, cookie(in(storage)), func(r *routing.Route) {
			service(r)
			r.Get("/", func(c *app.Call) error {
				_, _, err := users.Get(c)
				require.NoError(t, err)
				storage.takes = time.Minute
				asked := make(chan bool)
				go func() {
					alive, err := users.Alive(c)
					assert.NoError(t, err)
					asked <- alive
				}()
				synctest.Wait()
				began := time.Now()
				_, _, err = users.Get(c)
				require.NoError(t, err)
				assert.Zero(t, time.Since(began))
				assert.True(t, <-asked)
				return c.RespondText("ok")
			})
		})
		id := sent(t, host.Get("/set/alice"), "user").Value
		assert.Equal(t, "ok", text(t, host.Get("/", with("user", id))))
	})
}

// TestAskingHoldsUpNoEnd: when the head has left, the call does not wait at its end
// for a goroutine that asks for a session.
func TestAskingHoldsUpNoEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		storage := &slow{Memory: sessions.NewMemory()}
		asked := make(chan struct{})
		host := withRoutes(t, cookie(in(storage)), func(r *routing.Route) {
			service(r)
			r.Get("/", func(c *app.Call) error {
				if err := http.NewResponseController(c.Writer()).Flush(); err != nil {
					return err
				}
				go func() {
					defer close(asked)
					_, _, err := users.Get(c)
					assert.NoError(t, err)
				}()
				synctest.Wait()
				return nil
			})
		})
		id := sent(t, host.Get("/set/alice"), "user").Value
		storage.takes = time.Minute
		began := time.Now()
		assert.Empty(t, text(t, host.Get("/", with("user", id))))
		assert.Zero(t, time.Since(began))
		<-asked
		assert.Equal(t, time.Minute, time.Since(began))
	})
}

// slow takes its time.
type slow struct {
	*sessions.Memory

	takes time.Duration
}

func (s *slow) Load(ctx context.Context, key string) (sessions.Record, error) {
	time.Sleep(s.takes)
	return s.Memory.Load(ctx, key)
}

// TestSlowStorage: what is to be kept has some seconds, also if the client has gone,
// and no more.
func TestSlowStorage(t *testing.T) {
	for _, path := range []string{"/set/bob", "/clear", "/renew", "/clear-owner/alice"} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				storage := &hanging{Memory: sessions.NewMemory()}
				host := start(t, cookie(in(storage)))
				id := sent(t, host.Get("/set/alice"), "user").Value
				storage.hangs = true
				began := time.Now()
				response := host.Get(path, with("user", id))
				assert.Equal(t, http.StatusGatewayTimeout, response.StatusCode)
				assert.Nil(t, sent(t, response, "user"))
				assert.LessOrEqual(t, time.Since(began), 10*time.Second)
			})
		})
	}
}

// hanging never writes.
type hanging struct {
	*sessions.Memory

	hangs bool
}

func (s *hanging) wait(ctx ctx) error {
	if s.hangs {
		<-ctx.Done()
	}
	return ctx.Err()
}

func (s *hanging) Save(ctx ctx, key string, record sessions.Record) error {
	return cmpError(s.wait(ctx), s.Memory.Save(ctx, key, record))
}

func (s *hanging) Update(ctx ctx, key string, record sessions.Record) error {
	return cmpError(s.wait(ctx), s.Memory.Update(ctx, key, record))
}

func (s *hanging) Delete(ctx ctx, key string) error {
	return cmpError(s.wait(ctx), s.Memory.Delete(ctx, key))
}

func (s *hanging) DeleteOwner(ctx ctx, owner string) error {
	return cmpError(s.wait(ctx), s.Memory.DeleteOwner(ctx, owner))
}
