package main

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A piece is the data of the events of an answer: "word" and "error" have a text,
// and "end", the last, says why there is no more.
type piece struct {
	Text   string `json:"text,omitempty"`
	Finish string `json:"finish,omitempty"`
}

// answer sends the answer of a model as it comes. That it is not whole is an event,
// since its beginning has been read by then. When the page goes away, or the server
// stops, the session's context ends, and with it the request to the model.
func answer(s *sse.Session, model *Model, messages []Message) error {
	finish, err := model.ask(s.Context(), messages, func(text string) error {
		return s.SendTyped(sse.TypedEvent{Event: "word", Data: piece{Text: text}})
	})
	switch {
	case s.Context().Err() != nil:
		return err // nobody hears, or LastEvent says why
	case err != nil:
		s.Call().Application().Logger().WarnContext(s.Context(), "the model has not answered", "error", err)
		return s.SendTyped(sse.TypedEvent{Event: "error", Data: piece{Text: shown(err)}})
	default:
		return s.SendTyped(sse.TypedEvent{Event: "end", Data: piece{Finish: finish}})
	}
}

// shown returns what the page says of an error, whose own text is for the log.
func shown(err error) string {
	if refused := new(eventsource.ResponseError); errors.As(err, &refused) && refused.StatusCode == http.StatusTooManyRequests {
		if wait, known := refused.RetryAfter(); known {
			return fmt.Sprintf("The model has too much to do. Try again in %.0f s.", max(1, wait.Round(time.Second).Seconds()))
		}
		return "The model has too much to do. Try again in a moment."
	}
	switch {
	case errors.Is(err, errFailed):
		return "The model has failed in the middle of its answer."
	case errors.Is(err, errBrokeOff):
		return "The answer has broken off."
	default:
		return "The model does not answer."
	}
}
