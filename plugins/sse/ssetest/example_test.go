package ssetest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/plugins/sse/ssetest"
)

// prices answers with a stream of two events.
func prices(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	for i, price := range []string{"42", "43"} {
		wire, err := sse.Event{Event: "price", Data: price, ID: fmt.Sprint(i)}.AppendText(nil)
		if err != nil {
			return
		}
		if _, err := w.Write(wire); err != nil {
			return
		}
	}
}

func ExampleEvents() {
	t := new(testing.T) // what a test function is given

	recorder := httptest.NewRecorder()
	prices(recorder, httptest.NewRequest(http.MethodGet, "/prices", nil))
	for event := range ssetest.Events(t, recorder.Result().Body) {
		fmt.Println(event.ID, event.Event, event.Data)
	}
	// Output:
	// 0 price 42
	// 1 price 43
}

func ExampleTake() {
	t := new(testing.T) // what a test function is given

	recorder := httptest.NewRecorder()
	prices(recorder, httptest.NewRequest(http.MethodGet, "/prices", nil))
	body := recorder.Result().Body
	fmt.Println(ssetest.Take(t, body, 1)[0].Data)
	fmt.Println(ssetest.Take(t, body, 1)[0].Data)
	// Output:
	// 42
	// 43
}
