package main

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/examples/tutorial-server-routing-and-requests/model"
)

func dial(t *testing.T, host *apptest.Host, path string) *websocket.Conn {
	t.Helper()
	client, _, err := websocket.Dial(t.Context(), host.URL+path, &websocket.DialOptions{HTTPClient: host.Client()})
	require.NoError(t, err)
	return client
}

func next(t *testing.T, client *websocket.Conn) model.Task {
	t.Helper()
	_, data, err := client.Read(t.Context())
	require.NoError(t, err)
	var task model.Task
	require.NoError(t, json.Unmarshal(data, &task))
	return task
}

func say(t *testing.T, client *websocket.Conn, text string) {
	t.Helper()
	require.NoError(t, client.Write(t.Context(), websocket.MessageText, []byte(text)))
}

// TestRoot is Ktor's testRoot: four tasks, of which each takes a second.
func TestRoot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := dial(t, apptest.Start(t, Module), "/tasks")
		began := time.Now()
		for _, want := range model.NewRepository().All() {
			assert.Equal(t, want, next(t, client))
		}
		assert.Equal(t, 3*time.Second, time.Since(began))
		_, _, err := client.Read(t.Context())
		var closed websocket.CloseError
		require.ErrorAs(t, err, &closed)
		assert.Equal(t, websocket.CloseError{Code: websocket.StatusNormalClosure, Reason: "All done"}, closed)
	})
}

// TestANewTaskReachesAllPages, also those that are still being sent the others.
func TestANewTaskReachesAllPages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		host := apptest.Start(t, Module)
		one, late := dial(t, host, "/tasks2"), dial(t, host, "/tasks2")
		for range 4 {
			next(t, one)
			next(t, late)
		}
		later := dial(t, host, "/tasks2")
		assert.Equal(t, "cleaning", next(t, later).Name)
		say(t, one, `{"name":"cooking","description":"Cook the dinner","priority":"High"}`)
		want := model.Task{Name: "cooking", Description: "Cook the dinner", Priority: model.High}
		assert.Equal(t, want, next(t, one))
		assert.Equal(t, want, next(t, late))
		var names []string
		for range 4 {
			names = append(names, next(t, later).Name)
		}
		assert.ElementsMatch(t, []string{"gardening", "shopping", "painting", "cooking"}, names)

		newest := dial(t, host, "/tasks2")
		for _, name := range []string{"cleaning", "gardening", "shopping", "painting", "cooking"} {
			assert.Equal(t, name, next(t, newest).Name)
		}
	})
}

func TestWhatIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		message string
		want    websocket.CloseError
	}{
		"a name that is taken": {
			`{"name":"cleaning","description":"Again","priority":"Low"}`,
			websocket.CloseError{Code: websocket.StatusPolicyViolation, Reason: "a task of that name is there already"},
		},
		"what is no task": {`cleaning`, websocket.CloseError{Code: websocket.StatusInvalidFramePayloadData}},
		"a priority that there is not": {
			`{"name":"x","description":"y","priority":"Urgent"}`, websocket.CloseError{Code: websocket.StatusInvalidFramePayloadData},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client := dial(t, apptest.Start(t, Module), "/tasks2")
				for range 4 {
					next(t, client)
				}
				say(t, client, test.message)
				_, _, err := client.Read(t.Context())
				var closed websocket.CloseError
				require.ErrorAs(t, err, &closed)
				assert.Equal(t, test.want, closed)
			})
		})
	}
}
