package registry_test

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/internal/registry"
)

var (
	errTooOld  = errors.New("too old")
	errExpired = errors.New("expired")
	errClosed  = errors.New("closed")
)

// A session is as small as it gets.
type session struct {
	registry.Entry[*session]

	call   *app.Call
	ctx    context.Context //nolint:containedctx // as those of the plugins
	cancel context.CancelCauseFunc
	sent   atomic.Int64
}

func newSession() *session {
	ctx, cancel := context.WithCancelCause(context.Background())
	return &session{call: &app.Call{}, ctx: ctx, cancel: cancel}
}

func (s *session) Call() *app.Call          { return s.call }
func (s *session) Context() context.Context { return s.ctx }
func (s *session) cause() error             { return context.Cause(s.ctx) }

type stats struct {
	sent  int64
	ended uint64
}

func ended(s *stats) *uint64 { return &s.ended }

type config = registry.Config[*session, stats]

func newRegistry(configure ...func(*config)) *registry.Registry[*session, stats] {
	c := config{
		Cancel: func(s *session, cause error) { s.cancel(cause) },
		Count:  func(all *stats, s *session) { all.sent += s.sent.Load() },
		TooOld: errTooOld, Expired: errExpired,
	}
	for _, change := range configure {
		change(&c)
	}
	return registry.New(c)
}

// TestAll lists those that are open, the last one first, whoever has left.
func TestAll(t *testing.T) {
	for name, test := range map[string]struct {
		leave []int
		ids   []uint64
	}{
		"nobody":          {nil, []uint64{4, 3, 2, 1}},
		"the first":       {[]int{0}, []uint64{4, 3, 2}},
		"the last":        {[]int{3}, []uint64{3, 2, 1}},
		"one between":     {[]int{1}, []uint64{4, 3, 1}},
		"two neighbours":  {[]int{1, 2}, []uint64{4, 1}},
		"all in order":    {[]int{0, 1, 2, 3}, []uint64{}},
		"all but the one": {[]int{3, 0, 1}, []uint64{3}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			open, sessions := newRegistry(), make([]*session, 4)
			for i := range sessions {
				sessions[i] = newSession()
				open.Add(sessions[i])
			}
			for _, i := range test.leave {
				open.Remove(sessions[i], ended)
			}
			ids := []uint64{}
			for s := range open.All() {
				ids = append(ids, s.ID())
			}
			assert.Equal(t, test.ids, ids)
			all, opened, count := open.Stats()
			assert.Equal(t, stats{ended: uint64(len(test.leave))}, all)
			assert.Equal(t, uint64(4), opened)
			assert.Equal(t, len(test.ids), count)
			open.Add(newSession())
			assert.Len(t, slices.Collect(open.All()), len(test.ids)+1)
		})
	}
}

// TestAllIsOfOneMoment: sessions may come and go while somebody looks at them.
func TestAllIsOfOneMoment(t *testing.T) {
	t.Parallel()
	open := newRegistry()
	open.Add(newSession())
	open.Add(newSession())
	seen := 0
	for s := range open.All() {
		open.Remove(s, ended)
		open.Add(newSession())
		seen++
	}
	assert.Equal(t, 2, seen)
}

// TestOneThatHasEndedKeepsNoOther, for those who keep it.
func TestOneThatHasEndedKeepsNoOther(t *testing.T) {
	t.Parallel()
	open := newRegistry()
	first, kept, last := newSession(), newSession(), newSession()
	others := []weak.Pointer[session]{weak.Make(first), weak.Make(last)}
	for _, s := range []*session{first, kept, last} {
		open.Add(s)
	}
	for _, s := range []*session{kept, first, last} {
		open.Remove(s, ended)
	}
	runtime.GC()
	for _, other := range others {
		assert.Nil(t, other.Value())
	}
	runtime.KeepAlive(kept)
	runtime.KeepAlive(open)
}

// TestStatsCountEachOnce: one that ends is never counted twice, or not at all.
func TestStatsCountEachOnce(t *testing.T) {
	t.Parallel()
	open := newRegistry()
	var work sync.WaitGroup
	for range 4 {
		work.Go(func() {
			for range 200 {
				s := newSession()
				s.sent.Store(1)
				open.Add(s)
				open.Remove(s, ended)
			}
		})
	}
	for range 200 {
		all, opened, count := open.Stats()
		assert.Equal(t, opened, all.ended+uint64(count))
		assert.Equal(t, opened, uint64(all.sent))
	}
	work.Wait()
	all, opened, count := open.Stats()
	assert.Equal(t, stats{sent: 800, ended: 800}, all)
	assert.Equal(t, uint64(800), opened)
	assert.Zero(t, count)
}

func TestCancelEndsThoseThatAreOpen(t *testing.T) {
	t.Parallel()
	open, left, stays, next := newRegistry(), newSession(), newSession(), newSession()
	open.Add(left)
	open.Add(stays)
	open.Remove(left, ended)
	open.Cancel(errClosed)
	open.Add(next)
	assert.NoError(t, left.cause())
	assert.Equal(t, errClosed, stays.cause())
	assert.NoError(t, next.cause())
}

// TestStopEndsAll, those to come included, also those that come meanwhile.
func TestStopEndsAll(t *testing.T) {
	t.Parallel()
	open, sessions := newRegistry(), make([]*session, 100)
	var work sync.WaitGroup
	for i := range sessions {
		sessions[i] = newSession()
		work.Go(func() { open.Add(sessions[i]) })
	}
	open.Stop()
	work.Wait()
	for _, s := range sessions {
		assert.Equal(t, app.ErrStopping, s.cause())
	}
	assert.Len(t, slices.Collect(open.All()), len(sessions), "they leave when they have ended")
}

// TestNothingIsAllocatedForAnEntry, of which there is one in each session.
func TestNothingIsAllocatedForAnEntry(t *testing.T) {
	open, s := newRegistry(), newSession()
	assert.Zero(t, testing.AllocsPerRun(100, func() {
		open.Add(s)
		open.Remove(s, ended)
	}))
}

// TestLimit: whichever is earlier ends a session, if anything does.
func TestLimit(t *testing.T) {
	in := func(d time.Duration) func(*app.Call) (time.Time, bool) {
		return func(*app.Call) (time.Time, bool) { return time.Now().Add(d), true }
	}
	never := func(*app.Call) (time.Time, bool) { return time.Time{}, false }
	for name, test := range map[string]struct {
		age   time.Duration
		until func(*app.Call) (time.Time, bool)
		cause error
		after time.Duration // less a fifth at most for the age
	}{
		"none":             {},
		"never":            {until: never},
		"the age":          {age: time.Hour, cause: errTooOld, after: time.Hour},
		"the age, never":   {time.Hour, never, errTooOld, time.Hour},
		"the age is first": {time.Hour, in(2 * time.Hour), errTooOld, time.Hour},
		"the smallest age": {age: 1, cause: errTooOld, after: 1},
		"a time":           {0, in(time.Hour), errExpired, time.Hour},
		"a time is first":  {2 * time.Hour, in(time.Hour), errExpired, time.Hour},
		"now":              {time.Hour, in(0), errExpired, 0},
		"has passed":       {0, in(-time.Hour), errExpired, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				open, s, began := newRegistry(func(c *config) { c.MaxAge, c.Until = test.age, test.until }), newSession(), time.Now()
				limit := open.Limit(s)
				assert.Equal(t, test.after > 0, limit != nil)
				if test.cause == nil {
					time.Sleep(24 * time.Hour)
					assert.NoError(t, s.cause())
					return
				}
				<-s.ctx.Done()
				assert.Equal(t, test.cause, s.cause())
				assert.LessOrEqual(t, time.Since(began), test.after)
				assert.GreaterOrEqual(t, time.Since(began), test.after-test.after/5)
				if errors.Is(test.cause, errExpired) {
					assert.Equal(t, test.after, time.Since(began))
				}
			})
		})
	}
}

// TestUntilIsAskedOfTheCall, once.
func TestUntilIsAskedOfTheCall(t *testing.T) {
	t.Parallel()
	var asked []*app.Call
	open, s := newRegistry(func(c *config) {
		c.Until = func(c *app.Call) (time.Time, bool) {
			asked = append(asked, c)
			return time.Time{}, false
		}
	}), newSession()
	assert.Nil(t, open.Limit(s))
	require.Len(t, asked, 1)
	assert.Same(t, s.call, asked[0])
}

// TestTheAgeIsSpread, so that not all end at once.
func TestTheAgeIsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		open, ages := newRegistry(func(c *config) { c.MaxAge = time.Hour }), map[time.Duration]bool{}
		for range 100 {
			s, began := newSession(), time.Now()
			open.Limit(s)
			<-s.ctx.Done()
			age := time.Since(began)
			assert.GreaterOrEqual(t, age, 48*time.Minute)
			assert.LessOrEqual(t, age, time.Hour)
			ages[age.Truncate(3*time.Minute)] = true
		}
		assert.GreaterOrEqual(t, len(ages), 4, "they lie in the whole of the last fifth")
	})
}
