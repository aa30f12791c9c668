package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/chitor-go/chitor/plugins/websockets"
)

// echo sends back each message when all of it has come.
func echo(s *websockets.Session) error {
	for {
		message, err := s.Receive()
		if err != nil {
			return err
		}
		if err := s.Send(message); err != nil {
			return err
		}
	}
}

// echoParts sends back each message while it comes, in fragments.
func echoParts(s *websockets.Session) error {
	for {
		kind, from, err := s.Reader()
		if err != nil {
			return err
		}
		to, err := s.Writer(kind)
		if err != nil {
			return err
		}
		_, err = io.Copy(to, from)
		if err = errors.Join(err, to.Close()); err != nil {
			return err
		}
	}
}

// closeAsAsked closes with the reason that the first message has, as JSON.
func closeAsAsked(s *websockets.Session) error {
	message, err := s.Receive()
	if err != nil {
		return err
	}
	var reason websockets.CloseReason
	if err := json.Unmarshal(message.Data, &reason); err != nil {
		return fmt.Errorf("%w: %w", websockets.ErrInvalidData, err)
	}
	return s.CloseWith(reason)
}
