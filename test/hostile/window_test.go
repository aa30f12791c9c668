package hostile_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
)

// A client asks for a lot and lets nothing be sent: each handler waits for
// WriteTimeout, and no longer.
func TestZeroWindows(t *testing.T) {
	for name, test := range map[string]struct {
		settings []http2.Setting
		path     string
	}{
		"of streams":        {[]http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}, "/large"},
		"of the connection": {[]http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 1 << 20}}, "/large"},
		"for short answers": {[]http2.Setting{{ID: http2.SettingInitialWindowSize, Val: 0}}, "/"},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet(test.settings...).listen()
				flood(streams, func(i int) error { return p.open(odd(i), "GET", test.path) })
				synctest.Wait()
				if test.path == "/large" {
					assert.Equal(t, int64(streams), s.running.Load())
				}
				s.expectHonestClientsAreServed()
				time.Sleep(time.Minute)
				synctest.Wait()
				assert.Zero(t, s.running.Load())
				p.mu.Lock()
				assert.Len(t, p.resets, streams, "streams that were reset")
				p.mu.Unlock()
				p.expectEnd(2*time.Minute + 2*time.Second) // idle
			})
		})
	}
}

// A window that opens a little now and then does not hold a handler longer.
func TestWindowsThatOpenSlowly(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}).listen()
		require.NoError(t, p.open(1, "GET", "/large"))
		began := time.Now()
		flood(1000, func(int) error {
			time.Sleep(5 * time.Second)
			if s.running.Load() == 0 {
				return assert.AnError
			}
			return p.WriteWindowUpdate(1, 1)
		})
		assert.LessOrEqual(t, time.Since(began), time.Minute)
		p.leave()
	})
}

// The client reads nothing at all, so that not even frames that end streams can
// leave: the connection ends.
func TestStreamsThatAreNotRead(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1<<31 - 1})
		require.NoError(t, p.WriteWindowUpdate(0, 1<<30))
		flood(streams, func(i int) error { return p.open(odd(i), "GET", "/large") })
		synctest.Wait()
		s.expectHonestClientsAreServed()
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		assert.Zero(t, s.running.Load())
		stats := s.Stats()
		assert.Zero(t, stats.New+stats.Active+stats.Idle, "%+v", stats)
		p.leave()
	})
}
