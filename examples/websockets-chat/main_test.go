package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
)

// A window is a WebSocket of one browser.
type window struct {
	t    *testing.T
	conn *websocket.Conn
}

// open opens a window of a browser, and waits until it has joined.
func open(t *testing.T, host *apptest.Host, browser *http.Client) window {
	t.Helper()
	conn, _, err := websocket.Dial(t.Context(), host.URL+"/ws", &websocket.DialOptions{HTTPClient: browser})
	require.NoError(t, err)
	synctest.Wait()
	return window{t, conn}
}

func browser(host *apptest.Host) *http.Client { return host.NewClient(apptest.Cookies()).HTTP() }

func (w window) say(text string) {
	w.t.Helper()
	require.NoError(w.t, w.conn.Write(w.t.Context(), websocket.MessageText, []byte(text)))
}

func (w window) hear(lines ...string) {
	w.t.Helper()
	for _, line := range lines {
		_, data, err := w.conn.Read(w.t.Context())
		require.NoError(w.t, err)
		assert.Equal(w.t, line, string(data))
	}
}

func (w window) close() {
	w.t.Helper()
	require.NoError(w.t, w.conn.Close(websocket.StatusNormalClosure, ""))
	synctest.Wait()
}

// TestSimpleConversation is Ktor's testSimpleConversation.
func TestSimpleConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		one := open(t, host, browser(host))
		one.say("HELLO")
		one.hear("[server] Member joined: user1.", "[user1] HELLO")
		one.close()
	})
}

// TestDualConversation is Ktor's testDualConversation.
func TestDualConversation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		one := open(t, host, browser(host))
		one.hear("[server] Member joined: user1.")
		two := open(t, host, browser(host))
		one.say("HELLO")
		synctest.Wait()
		two.say("HI")
		one.hear("[server] Member joined: user2.", "[user1] HELLO", "[user2] HI")
		two.hear("[server] Member joined: user2.", "[user1] HELLO", "[user2] HI")
		two.close()
		one.hear("[server] Member left: user2.")
		one.close()
	})
}

func TestCommands(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		one, two := open(t, host, browser(host)), open(t, host, browser(host))
		one.hear("[server] Member joined: user1.", "[server] Member joined: user2.")
		two.hear("[server] Member joined: user2.")
		for _, exchange := range [][2]string{
			{"/help", "[server::help] Possible commands are: /user, /help and /who"},
			{"/who", "[server::who] user1, user2"},
			{"/user", "[server::help] /user [newName]"},
			{"/user " + strings.Repeat("é", 51), "[server::help] new name is too long: 50 characters limit"},
			{"/user A\u202eda", "[server::help] a name has no invisible characters"},
			{"/dance now", "[server::help] Unknown command /dance"},
			{"/user  Ada Lovelace ", "[server] Member renamed from user1 to Ada Lovelace"},
			{"Hi!", "[Ada Lovelace] Hi!"},
		} {
			one.say(exchange[0])
			one.hear(exchange[1])
		}
		// And no answer to a command.
		two.hear("[server] Member renamed from user1 to Ada Lovelace", "[Ada Lovelace] Hi!")
		one.close()
		two.hear("[server] Member left: Ada Lovelace.")
		two.close()
	})
}

// TestWindowsOfOneBrowser are one member, and hear the same.
func TestWindowsOfOneBrowser(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		ada := browser(host)
		first := open(t, host, ada)
		first.hear("[server] Member joined: user1.")
		second := open(t, host, ada)
		second.say("/who")
		first.hear("[server::who] user1")
		second.hear("[server::who] user1")
		second.close()
		first.say("still here")
		first.hear("[user1] still here")
		first.close()
	})
}

// TestWhatWasSaidLast comes first, and is bounded.
func TestWhatWasSaidLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		one := open(t, host, browser(host))
		one.hear("[server] Member joined: user1.")
		var lines []string
		for i := range keptMessages + 5 {
			text := fmt.Sprintf("message %d", i)
			one.say(text)
			one.hear("[user1] " + text)
			lines = append(lines, "[user1] "+text)
		}
		two := open(t, host, browser(host))
		two.hear(lines[5:]...)
		two.hear("[server] Member joined: user2.")
		one.close()
		two.close()
	})
}

func TestThePage(t *testing.T) {
	host := apptest.Start(t, Module)
	response := host.Get("/")
	assert.Contains(t, apptest.Text(t, response), "Night chat")
	assert.Equal(t, policy, response.Header.Get("Content-Security-Policy"))
}
