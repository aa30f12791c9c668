package hostile_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"
)

// A flooding is a frame that costs its sender little, sent without end.
type flooding struct {
	prepare func(p *peer) error // nil for nothing
	step    func(p *peer, i int) error
	answers bool // each has an answer
}

func floodings() map[string]flooding {
	openStream := func(p *peer) error { return p.open(1, "GET", "/wait") }
	openBody := func(p *peer) error { return p.open(1, "POST", "/read") }
	closed := func(p *peer) error {
		if err := p.open(1, "GET", "/wait"); err != nil {
			return err
		}
		return p.WriteRSTStream(1, http2.ErrCodeCancel)
	}
	// Several SETTINGS have one answer.
	return map[string]flooding{
		"SETTINGS": {nil, func(p *peer, _ int) error { return p.WriteSettings() }, false},
		"SETTINGS that move all windows": {openStream, func(p *peer, i int) error {
			return p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: uint32(i % 2)})
		}, false},
		"SETTINGS of the header table": {openStream, func(p *peer, i int) error {
			return p.WriteSettings(http2.Setting{ID: http2.SettingHeaderTableSize, Val: 1<<32 - 1 - uint32(i)})
		}, false},
		"PING":                     {nil, func(p *peer, _ int) error { return p.WritePing(false, [8]byte{}) }, true},
		"PRIORITY":                 {nil, func(p *peer, i int) error { return p.WritePriority(odd(i), http2.PriorityParam{Weight: 1}) }, false},
		"WINDOW_UPDATE":            {openStream, func(p *peer, i int) error { return p.WriteWindowUpdate(uint32(i%2), 1) }, false},
		"DATA that is empty":       {openBody, func(p *peer, _ int) error { return p.WriteData(1, false, nil) }, false},
		"DATA after the end":       {closed, func(p *peer, _ int) error { return p.WriteData(1, false, nil) }, true},
		"RST_STREAM of a closed":   {closed, func(p *peer, _ int) error { return p.WriteRSTStream(1, http2.ErrCodeCancel) }, false},
		"frames that nobody knows": {nil, func(p *peer, _ int) error { return p.WriteRawFrame(0xfa, 0, 0, nil) }, false},
	}
}

// The client reads all answers, if there are any: it costs both sides the same,
// and keeps nothing.
func TestFloods(t *testing.T) {
	for name, f := range floodings() {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet().listen()
				if f.prepare != nil {
					require.NoError(t, f.prepare(p))
				}
				synctest.Wait()
				before := heap()
				flood(10_000, func(i int) error { return f.step(p, i) })
				s.expectHonestClientsAreServed()
				synctest.Wait()
				assert.Less(t, heap(), before+1<<20, "bytes on the heap, while the connection is open")
				p.leave()
			})
		})
	}
}

// The client reads nothing. What has answers would pile up: the connection is
// closed when 10,000 wait, or when the server could write nothing for
// WriteTimeout.
func TestFloodsByClientsThatDoNotRead(t *testing.T) {
	for name, f := range floodings() {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet()
				if f.prepare != nil {
					require.NoError(t, f.prepare(p))
				}
				synctest.Wait()
				before := heap()
				began := time.Now()
				sent := flood(25_000, func(i int) error { return f.step(p, i) })
				assert.LessOrEqual(t, time.Since(began), time.Minute)
				if f.answers {
					assert.Less(t, sent, 25_000, "frames that were sent")
				}
				synctest.Wait()
				assert.Less(t, heap(), before+8<<20, "bytes on the heap, while the connection may be open")
				s.expectHonestClientsAreServed()
				p.leave()
			})
		})
	}
}

// What breaks the rules ends the connection at once, and says why.
func TestFramesAgainstTheRules(t *testing.T) {
	tooLarge := make([]byte, 1<<20+1)
	for name, test := range map[string]struct {
		send func(p *peer) error
		code http2.ErrCode
	}{
		"a window that is too large": {func(p *peer) error {
			_ = p.WriteWindowUpdate(0, 1<<31-1)
			return p.WriteWindowUpdate(0, 1<<31-1)
		}, http2.ErrCodeFlowControl},
		"a window that grows by 0":                 {func(p *peer) error { return p.WriteWindowUpdate(0, 0) }, http2.ErrCodeProtocol},
		"a window of a stream that was not opened": {func(p *peer) error { return p.WriteWindowUpdate(1, 1) }, http2.ErrCodeProtocol},
		"a frame that is too large":                {func(p *peer) error { return p.WriteRawFrame(http2.FrameData, 0, 1, tooLarge) }, http2.ErrCodeFrameSize},
		"DATA for no stream":                       {func(p *peer) error { return p.WriteData(1, false, nil) }, http2.ErrCodeProtocol},
		"RST_STREAM for no stream":                 {func(p *peer) error { return p.WriteRSTStream(1, http2.ErrCodeCancel) }, http2.ErrCodeProtocol},
		"a stream of the server":                   {func(p *peer) error { return p.open(2, "GET", "/") }, http2.ErrCodeProtocol},
		"streams that go down": {func(p *peer) error {
			_ = p.open(3, "GET", "/")
			return p.open(1, "GET", "/")
		}, http2.ErrCodeProtocol},
		"CONTINUATION of nothing": {func(p *peer) error { return p.WriteContinuation(1, true, nil) }, http2.ErrCodeProtocol},
		"PUSH_PROMISE": {func(p *peer) error {
			_ = p.open(1, "GET", "/wait")
			return p.WritePushPromise(http2.PushPromiseParam{StreamID: 1, PromiseID: 2, BlockFragment: p.request("GET", "/"), EndHeaders: true})
		}, http2.ErrCodeProtocol},
		"SETTINGS with too much": {func(p *peer) error {
			return p.WriteSettings(make([]http2.Setting, 101)...)
		}, http2.ErrCodeProtocol},
		"an acknowledgment of nothing": {func(p *peer) error {
			_ = p.WriteSettingsAck()
			return p.WriteSettingsAck()
		}, http2.ErrCodeProtocol},
		"headers that cannot be decoded": {func(p *peer) error {
			return p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: []byte{0xff, 0xff, 0xff, 0xff, 0xff}, EndHeaders: true})
		}, http2.ErrCodeCompression},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.greet().listen()
				synctest.Wait()
				_ = test.send(p)
				p.expectEnd(2*time.Second, test.code)
			})
		})
	}
}

// The first frame has 2 s, a connection without a stream 2 min, and a header
// that is not finished is no stream.
func TestSilence(t *testing.T) {
	for name, test := range map[string]struct {
		send func(p *peer)
		open time.Duration
	}{
		"no SETTINGS": {func(*peer) {}, 2 * time.Second},
		"no request":  {func(p *peer) { _ = p.WriteSettings() }, 2 * time.Minute},
		"half a frame": {func(p *peer) {
			_ = p.WriteSettings()
			_, _ = p.Write([]byte{0, 0, 100, 1})
		}, 2 * time.Minute},
		"PING alone": {func(p *peer) {
			_ = p.WriteSettings()
			go flood(1000, func(int) error {
				time.Sleep(time.Second)
				return p.WritePing(false, [8]byte{})
			})
		}, 2 * time.Minute},
		"half a header": {func(p *peer) {
			_ = p.WriteSettings()
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.request("GET", "/")})
		}, 2 * time.Minute},
		"a header that goes on": {func(p *peer) {
			_ = p.WriteSettings()
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.request("GET", "/")})
			go flood(1000, func(int) error {
				time.Sleep(time.Second)
				return p.WriteContinuation(1, false, nil)
			})
		}, 2 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			attack(t, func(t *testing.T, s *site) {
				p := s.connect().listen()
				test.send(p)
				p.expectEnd(test.open + 2*time.Second)
				assert.GreaterOrEqual(t, p.ended, test.open)
				assert.EqualValues(t, 1, s.Stats().Unused)
			})
		})
	}
}

// A header has 64 KiB, decoded, however it is sent.
func TestHeadersWithoutEnd(t *testing.T) {
	long := func(p *peer, n int) []byte {
		fields := make([]hpack.HeaderField, n)
		for i := range fields {
			// It is sent whole, and not by its number in the table.
			fields[i] = hpack.HeaderField{Name: "x", Value: pad(i), Sensitive: true}
		}
		return p.request("GET", "/", fields...)
	}
	t.Run("431", func(t *testing.T) {
		attack(t, func(t *testing.T, s *site) {
			p := s.greet().listen()
			block := long(p, 64) // a little more than there may be, or the connection ends
			require.NoError(t, p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: block[:15<<10]}))
			rest := block[15<<10:]
			for len(rest) > 0 {
				piece := rest[:min(len(rest), 15<<10)]
				rest = rest[len(piece):]
				require.NoError(t, p.WriteContinuation(1, len(rest) == 0, piece))
			}
			synctest.Wait()
			p.mu.Lock()
			assert.Equal(t, "431", p.statuses[1])
			p.mu.Unlock()
			s.expectHonestClientsAreServed()
			p.leave()
			assert.EqualValues(t, 1, s.Stats().Unserved)
		})
	})
	t.Run("CONTINUATION", func(t *testing.T) {
		attack(t, func(t *testing.T, s *site) {
			p := s.greet().listen()
			synctest.Wait()
			before := heap()
			require.NoError(t, p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.request("GET", "/")}))
			block := long(p, 15)
			sent := flood(10_000, func(int) error { return p.WriteContinuation(1, false, block) })
			assert.Less(t, sent, 100)
			p.expectEnd(2*time.Second, http2.ErrCodeProtocol)
			assert.Less(t, heap(), before+1<<20)
		})
	})
	t.Run("CONTINUATION that is empty", func(t *testing.T) {
		attack(t, func(t *testing.T, s *site) {
			p := s.greet().listen()
			synctest.Wait()
			before := heap()
			require.NoError(t, p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.request("GET", "/")}))
			flood(10_000, func(int) error { return p.WriteContinuation(1, false, nil) })
			s.expectHonestClientsAreServed()
			assert.Less(t, heap(), before+1<<20)
			p.expectEnd(2*time.Minute + 2*time.Second)
		})
	})
	t.Run("one field that is repeated by its number", func(t *testing.T) {
		attack(t, func(t *testing.T, s *site) {
			p := s.greet().listen()
			synctest.Wait()
			before := heap()
			big := hpack.HeaderField{Name: "x", Value: pad(0) + pad(0) + pad(0)}
			require.NoError(t, p.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: p.request("GET", "/", big)}))
			again := make([]byte, 16<<10) // each byte is the field
			for i := range again {
				again[i] = 0x80 | 62
			}
			flood(1000, func(int) error { return p.WriteContinuation(1, false, again) })
			p.expectEnd(2*time.Second, http2.ErrCodeProtocol)
			assert.Less(t, heap(), before+1<<20)
		})
	})
}

// pad returns a kilobyte that differs from others.
func pad(i int) string {
	text := make([]byte, 1000)
	for j := range text {
		text[j] = 'a' + byte((i+j)%26)
	}
	return string(text)
}
