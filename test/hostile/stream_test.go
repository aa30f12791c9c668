package hostile_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
)

// streams is how many streams a client may have open: net/http's default.
const streams = 250

// odd returns the number of the i-th stream of a client.
func odd(i int) uint32 { return uint32(2*i + 1) }

// A client opens streams and resets them at once (CVE-2023-39325), or makes the
// server reset them (CVE-2025-8671): the handlers go on, so that streams are not
// what has to be counted. net/http lets as many run as there may be streams,
// four times as many wait, and then ends the connection.
func TestStreamsThatAreReset(t *testing.T) {
	for name, reset := range map[string]func(p *peer, stream uint32) error{
		"by the client": func(p *peer, stream uint32) error { return p.WriteRSTStream(stream, http2.ErrCodeCancel) },
		"by the server": func(p *peer, stream uint32) error { return p.WriteWindowUpdate(stream, 1<<31-1) },
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet().listen()
				flood(10_000, func(i int) error {
					if err := p.open(odd(i), "GET", "/slow"); err != nil {
						return err
					}
					return reset(p, odd(i))
				})
				s.expectHonestClientsAreServed()
				p.expectEnd(10*time.Second, http2.ErrCodeEnhanceYourCalm)
				assert.LessOrEqual(t, s.most.Load(), int64(streams))
				assert.NotZero(t, s.Stats().HTTP2Errors)
			})
		})
	}
}

// Handlers that end with their call are as quick as the client: no more than
// its streams run at a time.
func TestStreamsThatAreResetAndEnd(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet().listen()
		flood(5000, func(i int) error {
			if err := p.open(odd(i), "GET", "/wait"); err != nil {
				return err
			}
			return p.WriteRSTStream(odd(i), http2.ErrCodeCancel)
		})
		s.expectHonestClientsAreServed()
		synctest.Wait()
		assert.LessOrEqual(t, s.most.Load(), int64(streams))
		assert.Zero(t, s.running.Load())
		p.leave()
	})
}

func TestMoreStreamsThanAreAllowed(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet().listen()
		synctest.Wait()
		require.Equal(t, 2*streams, flood(2*streams, func(i int) error { return p.open(odd(i), "GET", "/wait") }))
		synctest.Wait()
		assert.Equal(t, int64(streams), s.running.Load())
		p.mu.Lock()
		assert.Len(t, p.resets, streams, "those beyond are refused")
		p.mu.Unlock()
		s.expectHonestClientsAreServed()
		p.leave()
	})
}

// Bodies that are announced and do not come.
func TestStreamsWithoutTheirBodies(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet().listen()
		flood(streams, func(i int) error { return p.open(odd(i), "POST", "/read") })
		synctest.Wait()
		assert.Equal(t, int64(streams), s.running.Load())
		s.expectHonestClientsAreServed()
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Zero(t, s.running.Load(), "after ReadTimeout")
		p.mu.Lock()
		assert.Len(t, p.statuses, streams)
		for _, status := range p.statuses {
			assert.Equal(t, "408", status)
		}
		p.mu.Unlock()
		p.expectEnd(2*time.Minute + time.Second) // idle
	})
}

// Frames of bodies that hold nothing, or one byte now and then, are no sign of
// life.
func TestBodiesThatTrickle(t *testing.T) {
	for name, test := range map[string]struct {
		data  string
		pause time.Duration
	}{
		"empty frames":                {"", time.Second},
		"a byte in 55 s":              {"x", 55 * time.Second},
		"as slowly as nobody will do": {"x", time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet().listen()
				require.NoError(t, p.open(1, "POST", "/read"))
				began := time.Now()
				flood(1000, func(int) error {
					time.Sleep(test.pause)
					if s.running.Load() == 0 {
						return assert.AnError
					}
					return p.WriteData(1, false, []byte(test.data))
				})
				assert.LessOrEqual(t, time.Since(began), 2*time.Minute)
				synctest.Wait()
				p.mu.Lock()
				assert.Equal(t, "408", p.statuses[1])
				p.mu.Unlock()
				p.leave()
			})
		})
	}
}

// A body that nobody reads is not kept: its window is a mebibyte, for all
// streams of a connection together.
func TestBodiesThatNobodyReads(t *testing.T) {
	attack(t, func(t *testing.T, s *site) {
		p := s.greet().listen()
		data := make([]byte, 16<<10)
		flood(streams, func(i int) error {
			if err := p.open(odd(i), "POST", "/ignore"); err != nil {
				return err
			}
			return p.WriteData(odd(i), false, data)
		})
		synctest.Wait()
		assert.Zero(t, s.running.Load())
		s.expectHonestClientsAreServed()
		p.leave()
	})
}
