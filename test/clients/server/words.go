package main

import (
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/sse"
	"github.com/chitor-go/chitor/routing"
)

// words declares a stream for POST: each word of the body comes back as one
// event.
func words(r *routing.Route, cuts *clock) {
	r.Post("/words", func(c *app.Call) error {
		var question struct {
			Words []string `json:"words"`
			// Break cuts the first connection off after so many words; 0 never
			// does.
			Break int `json:"break"`
		}
		body, err := c.ReceiveBytes()
		if err != nil {
			return err
		}
		if err := json.Unmarshal(body, &question); err != nil {
			return app.NewError(http.StatusBadRequest, "the body has no words in JSON")
		}
		return sse.Respond(c, func(s *sse.Session) error {
			after, err := strconv.Atoi(s.LastEventID())
			if err != nil || after < 0 {
				after = 0
			}
			for i := after; i < len(question.Words); i++ {
				event := sse.Event{Event: "word", Data: question.Words[i], ID: strconv.Itoa(i + 1), Retry: hurry}
				if err := s.Send(event); err != nil {
					return err
				}
				if after == 0 && i+1 == question.Break {
					return cuts.cutOff(s)
				}
			}
			return nil
		})
	})
}
