package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
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

// visitor is somebody who listens in a room.
type visitor struct {
	t        *testing.T
	response *http.Response
}

// visit opens the stream of a room, in a bubble.
func visit(t *testing.T, host *apptest.Host, room, name string, options ...apptest.RequestOption) visitor {
	t.Helper()
	response := host.Get("/rooms/"+room+"/events?name="+url.QueryEscape(name), options...)
	require.Equal(t, http.StatusOK, response.StatusCode)
	synctest.Wait() // until the room has been told
	return visitor{t, response}
}

// back is for a visitor who comes back.
func back(id string) apptest.RequestOption { return apptest.Header("Last-Event-ID", id) }

// next returns the next event of a type, and reads its data into value.
func (v visitor) next(kind string, value any) sse.Event {
	v.t.Helper()
	for {
		event := ssetest.Take(v.t, v.response.Body, 1)[0]
		if event.Event == kind {
			require.NoError(v.t, json.Unmarshal([]byte(event.Data), value))
			return event
		}
	}
}

// entry returns the next entry as a sentence, and its position.
func (v visitor) entry() (text, id string) {
	v.t.Helper()
	var entry Entry
	event := v.next("", &entry)
	return sentence(entry), event.ID
}

// hears asserts what is written next.
func (v visitor) hears(sentences ...string) {
	v.t.Helper()
	for _, want := range sentences {
		got, _ := v.entry()
		require.Equal(v.t, want, got)
	}
}

// history returns what a visitor who is new is shown.
func (v visitor) history() []string {
	v.t.Helper()
	var entries []Entry
	v.next("history", &entries)
	sentences := []string{}
	for _, entry := range entries {
		sentences = append(sentences, sentence(entry))
	}
	return sentences
}

// names returns the next list of people.
func (v visitor) names() []string {
	v.t.Helper()
	var list List
	v.next("people", &list)
	return list.Names
}

func (v visitor) leave() { require.NoError(v.t, v.response.Body.Close()) }

func sentence(entry Entry) string {
	return strings.TrimSpace(entry.Name + " " + entry.Kind + " " + entry.Text)
}

// post sends JSON.
func post(host *apptest.Host, path, body string, options ...apptest.RequestOption) *http.Response {
	return host.Post(path, "application/json", strings.NewReader(body), options...)
}

// say sends a message, in a bubble.
func say(t *testing.T, host *apptest.Host, room, name, text string) {
	t.Helper()
	body, err := json.Marshal(map[string]string{"name": name, "text": text})
	require.NoError(t, err)
	require.Equal(t, http.StatusNoContent, post(host, "/rooms/"+room+"/messages", string(body)).StatusCode)
	synctest.Wait() // until the log has been read
}

// inBubble runs a test with the application in fake time.
func inBubble(t *testing.T, test func(t *testing.T, host *apptest.Host)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, apptest.Start(t, Module(inMemory()))) })
}

func TestTwoPeopleTalk(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		ada := visit(t, host, "lobby", "Ada")
		assert.Empty(t, ada.history())
		ada.hears("Ada joined")
		bo := visit(t, host, "lobby", "Bo")
		ada.hears("Bo joined")
		assert.Equal(t, []string{"Ada", "Bo"}, bo.names())
		synctest.Wait()
		sessions, _ := sse.SessionsOf(host.Application())
		assert.Equal(t, 2, sessions.Stats().Parked)

		say(t, host, "lobby", "Ada", "good morning")
		say(t, host, "tea", "Eve", "in another room")
		say(t, host, "lobby", "Bo", "good evening")
		ada.hears("Ada message good morning", "Bo message good evening")
		bo.hears("Bo joined", "Ada message good morning", "Bo message good evening")
	})
}

func TestWhoIsNewGetsTheHistory(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		ada := visit(t, host, "lobby", "Ada")
		for i := range entriesOfRoom + 10 {
			say(t, host, "lobby", "Ada", fmt.Sprint(i))
		}
		ada.hears("Ada joined", "Ada message 0")
		history := visit(t, host, "lobby", "Bo").history()
		require.Len(t, history, entriesOfRoom)
		assert.Equal(t, "Ada message 10", history[0])
		assert.Equal(t, "Ada message 59", history[entriesOfRoom-1])
	})
}

func TestWhoComesBackGetsWhatIsMissing(t *testing.T) {
	for name, option := range map[string]func(id string) apptest.RequestOption{
		"by the header": back,
		"by the query": func(id string) apptest.RequestOption {
			return func(r *http.Request) { r.URL.RawQuery += "&lastEventId=" + id }
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, host *apptest.Host) {
				bo := visit(t, host, "lobby", "Bo")
				bo.hears("Bo joined")
				say(t, host, "lobby", "Ada", "one")
				_, id := bo.entry()
				bo.leave()
				say(t, host, "lobby", "Ada", "two")
				say(t, host, "tea", "Ada", "elsewhere")
				say(t, host, "lobby", "Ada", "three")
				bo = visit(t, host, "lobby", "Bo", option(id))
				say(t, host, "lobby", "Ada", "four")
				bo.hears("Ada message two", "Ada message three", "Ada message four")
			})
		})
	}
}

func TestWhoWasAwayForTooLongIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		say(t, host, "lobby", "Ada", "one")
		bo := visit(t, host, "lobby", "Bo", back(sse.Position{Epoch: "before", Offset: 1}.String()))
		var topics []string
		bo.next("missed", &topics)
		assert.Equal(t, []string{"lobby"}, topics)
	})
}

func TestWhoDoesNotComeBackHasLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		ada := visit(t, host, "lobby", "Ada")
		bo := visit(t, host, "lobby", "Bo")
		ada.hears("Ada joined", "Bo joined")
		_, id := bo.entry()
		began := time.Now()
		bo.leave()
		time.Sleep(gracePeriod / 2)
		bo = visit(t, host, "lobby", "Bo", back(id)) // in time
		time.Sleep(gracePeriod)
		bo.leave()
		ada.hears("Bo left")
		assert.Equal(t, gracePeriod*5/2, time.Since(began))
		assert.Equal(t, []string{"Ada"}, visit(t, host, "lobby", "Ada").names(), "two pages are one person")
	})
}

func TestWhoTypesIsSeen(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		ada := visit(t, host, "lobby", "Ada")
		require.Equal(t, http.StatusNoContent, post(host, "/rooms/lobby/typing", `{"name":"Bo"}`).StatusCode)
		var name string
		assert.Empty(t, ada.next("typing", &name).ID, "nobody needs it later")
		assert.Equal(t, "Bo", name)
	})
}

func TestListsTellWhoIsThere(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		ada := visit(t, host, "lobby", "Ada")
		assert.Equal(t, []string{"Ada"}, ada.names())
		assert.Equal(t, []string{"Ada"}, ada.names(), "since Ada has come")
		began := time.Now()
		assert.Equal(t, []string{"Ada"}, ada.names())
		assert.Equal(t, beat, time.Since(began))
	})
}

func TestRooms(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		assert.JSONEq(t, `[]`, apptest.Text(t, host.Get("/rooms")))
		say(t, host, "tea", "Ada", "one")
		time.Sleep(time.Second)
		say(t, host, "lobby", "Ada", "two")
		assert.JSONEq(t, `["lobby", "tea"]`, apptest.Text(t, host.Get("/rooms")))
		for i := range mostRooms - 1 {
			time.Sleep(time.Second)
			say(t, host, fmt.Sprintf("room-%d", i), "Ada", "one")
		}
		var rooms []string
		require.NoError(t, json.Unmarshal([]byte(apptest.Text(t, host.Get("/rooms"))), &rooms))
		assert.Len(t, rooms, mostRooms)
		assert.NotContains(t, rooms, "tea", "it was silent for longest")
	})
}

func TestRefusals(t *testing.T) {
	long := strings.Repeat("ä", longestText)
	const messages = "/rooms/lobby/messages"
	for name, test := range map[string]struct {
		path, body string
		status     int
		message    string
	}{
		"long":             {messages, `{"name":"Ada","text":"` + long + `"}`, 204, ""},
		"too long":         {messages, `{"name":"Ada","text":"` + long + `x"}`, 400, "a message has at most 1000 characters"},
		"much too long":    {messages, `{"name":"Ada","text":"` + strings.Repeat(long, 10) + `"}`, 413, "this is much too long"},
		"nothing":          {messages, `{"name":"Ada","text":" \n "}`, 400, "a message has something to read"},
		"nothing visible":  {messages, `{"name":"Ada","text":"\u200b"}`, 400, "a message has something to read"},
		"no name":          {messages, `{"text":"x"}`, 400, "a name has 1 to 24 characters"},
		"a long name":      {messages, `{"name":"` + long[:50] + `","text":"x"}`, 400, "a name has 1 to 24 characters"},
		"a name in spaces": {messages, `{"name":" Ada","text":"x"}`, 400, "a name has no space at its ends"},
		"a strange name":   {messages, `{"name":"A\u202eda","text":"x"}`, 400, "a name has no invisible characters"},
		"a strange room":   {"/rooms/%3Cb%3E/messages", `{"name":"Ada","text":"x"}`, 400, "a room's name has letters, digits and hyphens"},
		"a long room":      {"/rooms/" + long[:50] + "/messages", `{"name":"Ada","text":"x"}`, 400, "a room's name has 1 to 24 characters"},
		"no JSON":          {messages, `Ada`, 400, "the body cannot be read: invalid character 'A' looking for beginning of value, at byte 1"},
		"who types":        {"/rooms/lobby/typing", `{}`, 400, "a name has 1 to 24 characters"},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(t *testing.T, host *apptest.Host) {
				response := post(host, test.path, test.body)
				require.Equal(t, test.status, response.StatusCode)
				var problem Problem
				if test.message != "" {
					require.NoError(t, json.Unmarshal([]byte(apptest.Text(t, response)), &problem))
				}
				assert.Equal(t, test.message, problem.Error)
			})
		})
	}
}

func TestStreamsAreRefusedWithAReason(t *testing.T) {
	host := apptest.Start(t, Module(inMemory()))
	response := host.Get("/rooms/lobby/events")
	assert.Equal(t, http.StatusBadRequest, response.StatusCode)
	assert.JSONEq(t, `{"error": "a name has 1 to 24 characters"}`, apptest.Text(t, response))
}

func TestOtherSitesCannotSpeak(t *testing.T) {
	host := apptest.Start(t, Module(inMemory()))
	const message = `{"name":"Ada","text":"x"}`
	for _, site := range []string{"cross-site", "same-site"} {
		response := post(host, "/rooms/lobby/messages", message, apptest.Header("Sec-Fetch-Site", site))
		assert.Equal(t, http.StatusForbidden, response.StatusCode)
	}
	response := post(host, "/rooms/lobby/messages", message, apptest.Header("Sec-Fetch-Site", "same-origin"))
	assert.Equal(t, http.StatusNoContent, response.StatusCode)
	response = host.Post("/rooms/lobby/messages", "text/plain", strings.NewReader(message))
	assert.Equal(t, http.StatusUnsupportedMediaType, response.StatusCode, "a form's type")
}

func TestTextStaysText(t *testing.T) {
	inBubble(t, func(t *testing.T, host *apptest.Host) {
		const text = "<script>alert(1)</script>\r\ndata: x\n\nevent: people"
		ada := visit(t, host, "lobby", "Ada")
		ada.hears("Ada joined")
		say(t, host, "lobby", "<b>", text)
		ada.hears("<b> message " + text)
		assert.Equal(t, []string{"<b> message " + text}, visit(t, host, "lobby", "Bo").history())
	})
}

func TestPage(t *testing.T) {
	host := apptest.Start(t, Module(inMemory()))
	for path, contentType := range map[string]string{
		"/":          "text/html; charset=utf-8",
		"/style.css": "text/css; charset=utf-8",
		"/chat.js":   "text/javascript; charset=utf-8",
		"/icon.svg":  "image/svg+xml",
	} {
		response := host.Get(path)
		assert.Equal(t, http.StatusOK, response.StatusCode, path)
		assert.Equal(t, contentType, response.Header.Get("Content-Type"))
		assert.Equal(t, policy, response.Header.Get("Content-Security-Policy"))
		for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "https://", "style=\""} {
			assert.NotContains(t, apptest.Text(t, host.Get(path)), way, path)
		}
	}
	assert.Equal(t, http.StatusNotFound, host.Get("/main.go").StatusCode)

	page := apptest.Text(t, host.Get("/"))
	assert.Equal(t, 2, strings.Count(page, fmt.Sprintf(`name="room" maxlength="%d"`, longestRoom))+
		strings.Count(page, fmt.Sprintf(`placeholder="open a room" maxlength="%d"`, longestRoom)))
	assert.Contains(t, page, fmt.Sprintf(`name="name" maxlength="%d"`, longestName))
	assert.Contains(t, page, fmt.Sprintf(`maxlength="%d" placeholder="Write a message"`, longestText))
}
