package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

func comments(c *sse.ReaderConfig) { c.Comments = true }

func TestHeartbeatsWhileTheModelThinks(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, fake(2*time.Minute, nil), mode)
			began := time.Now()
			response := ask(host, "fake")
			require.Equal(t, 5*time.Second, time.Since(began), "the head waits for no word")
			require.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
			assert.Equal(t, "no", response.Header.Get("X-Accel-Buffering"))
			for i := range 8 { // the first one comes with the head
				event := ssetest.Take(t, response.Body, 1, comments)[0]
				require.NotEmpty(t, event.Comments)
				require.Equal(t, 5*time.Second+time.Duration(i)*15*time.Second, time.Since(began))
			}
			first := ssetest.Take(t, response.Body, 1, comments)[0]
			require.Equal(t, 2*time.Minute, time.Since(began))
			assert.Equal(t, "You ", decode[chunk](t, first.Data).Choices[0].Delta.Content)
			assert.Contains(t, apptest.Text(t, response), "data: [DONE]\n\n")
		})
	})
}

// handWritten is a model whose words a test writes.
func handWritten(write func(say func(text string), r *http.Request)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "text/event-stream")
		write(func(text string) {
			_, _ = io.WriteString(w, text)
			_ = http.NewResponseController(w).Flush()
		}, r)
	})
}

func TestNothingIsPutIntoAnEvent(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			pieces := []string{`data: {"choices": [{"del`, `ta": {"content": "half and half"}}]}`, "\n", "\n", "data: [DONE]\n", "\n"}
			host := start(t, handWritten(func(say func(string), _ *http.Request) {
				for _, piece := range pieces {
					say(piece)
					time.Sleep(40 * time.Second)
				}
			}), mode)
			const event, beats = `data: {"choices": [{"delta": {"content": "half and half"}}]}` + "\n\n", ": heartbeat\r\n: heartbeat\r\n"
			assert.Equal(t, event+beats+"data: [DONE]\n\n"+beats, apptest.Text(t, ask(host, "fake")))
		})
	})
}

func TestErrorsAfterTheHead(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			host := start(t, fake(time.Minute, nil), mode)
			response := ask(host, "fake-late")
			require.Equal(t, http.StatusOK, response.StatusCode)
			events := ssetest.Take(t, response.Body, 1)
			assert.Equal(t, "error", events[0].Event)
			failed := decode[failure](t, events[0].Data).Error
			assert.Equal(t, "rate_limit_exceeded", *failed.Code)
			assert.Empty(t, strings.TrimSpace(apptest.Text(t, response)), "a clean end")
		})
	})
}

func TestServerThatIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, fake(0, nil))
		response := ask(host, "fake-broken")
		ssetest.Take(t, response.Body, 5)
		_, err := io.ReadAll(response.Body)
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, "who reads a part of an answer is told")

		response = ask(host, "fake-failing")
		events := ssetest.Take(t, response.Body, 6)
		assert.Contains(t, events[5].Data, "the model has failed")
	})
}

func TestStop(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			ended := make(chan string, 1)
			host := start(t, fake(0, func(words int, err error) { ended <- fmt.Sprint(words, " ", err) }), mode)
			response := ask(host, "fake")
			ssetest.Take(t, response.Body, 3)
			began := time.Now()
			host.Stop()
			assert.Equal(t, "3 context canceled", <-ended)
			// A client of HTTP/2 has 100 ms to read GOAWAY.
			assert.LessOrEqual(t, time.Since(began), 200*time.Millisecond)
			last := ssetest.Take(t, response.Body, 1)[0]
			assert.Equal(t, "the proxy stops: ask again", decode[failure](t, last.Data).Error.Message)
			assert.Empty(t, strings.TrimSpace(apptest.Text(t, response)), "a clean end")
		})
	})
}

func TestStopInTheMiddleOfAnEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const half = `data: {"choices": [{"del`
		host := start(t, handWritten(func(say func(string), r *http.Request) {
			say(half)
			<-r.Context().Done()
		}))
		response := ask(host, "fake")
		host.Stop()
		assert.Equal(t, half, apptest.Text(t, response))
	})
}

// TestStopAfterTheAnswer: whoever has read all of it reads no further.
func TestStopAfterTheAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const whole = "data: [DONE]\n\n"
		host := start(t, handWritten(func(say func(string), r *http.Request) {
			say(whole)
			<-r.Context().Done()
		}))
		response := ask(host, "fake")
		host.Stop()
		assert.Equal(t, whole, apptest.Text(t, response)[:len(whole)])
	})
}

func TestAnswersAreSessions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := start(t, fake(0, nil))
		response := ask(host, "fake")
		sessions, installed := sse.SessionsOf(host.Application())
		require.True(t, installed)
		assert.Equal(t, 1, sessions.Stats().Open)
		apptest.Text(t, response)
		synctest.Wait()
		assert.Zero(t, sessions.Stats().Open)
	})
}
