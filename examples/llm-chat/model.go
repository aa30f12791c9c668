package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/chitor-go/chitor/client/eventsource"
)

// A Model is one that a server has. It may be asked for concurrent answers at once.
type Model struct {
	Base   string // the server, with its /v1
	Key    string // what the server asks for; empty if it asks for none
	Name   string
	Client *http.Client
}

// checkBase returns what is wrong with the address of a server, without it: it may
// have a password.
func checkBase(base string) error {
	parsed, err := url.Parse(base)
	if err != nil || parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return errors.New("OPENAI_BASE_URL is not an address such as https://api.openai.com/v1")
	}
	return nil
}

const (
	patience  = 10 * time.Minute // until the first word
	maxAnswer = 64_000           // bytes of an answer; a model may begin to repeat itself
)

var (
	errFailed   = errors.New("the model has reported an error in the middle of its answer")
	errBrokeOff = errors.New("the answer has broken off")
)

// A chunk is what is read of an event of the answer.
type chunk struct {
	Choices []struct {
		Delta struct {
			Content string `json:"content"`
		} `json:"delta"`
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Error *json.RawMessage `json:"error"`
}

// ask sends a conversation to the model, and says its answer piece by piece. It
// returns why the answer has ended: "stop" if it is whole, "length" if it is not. It
// ends, and the model's work with it, when the context does.
func (m *Model) ask(ctx context.Context, messages []Message, say func(text string) error) (finish string, err error) {
	request, err := m.request(ctx, messages)
	if err != nil {
		return "", err
	}
	stream := eventsource.New(request, func(c *eventsource.Config) {
		c.HTTPClient = m.Client
		c.ResponseTimeout = patience // the head comes with the first word
		c.IsLast = eventsource.IsDone
	})
	said := 0
	for piece, err := range eventsource.Values[chunk](stream.Events()) {
		switch {
		case err != nil && finish != "": // all has been said, whatever has become of the end
			return finish, nil
		case err != nil && said > 0:
			return "", fmt.Errorf("%w: %w", errBrokeOff, err)
		case err != nil:
			return "", err
		case piece.Error != nil:
			return "", errFailed
		case len(piece.Choices) == 0: // such as how many tokens were used
			continue
		}
		choice := piece.Choices[0]
		if text := choice.Delta.Content; text != "" {
			if said += len(text); said > maxAnswer {
				return "length", nil
			}
			if err := say(text); err != nil {
				return "", err
			}
		}
		if choice.FinishReason != "" {
			finish = choice.FinishReason
		}
	}
	if finish == "" {
		return "", errBrokeOff
	}
	return finish, nil
}

func (m *Model) request(ctx context.Context, messages []Message) (*http.Request, error) {
	system := Message{"system", "You are helpful, and brief. Answer in plain text."}
	body, err := json.Marshal(map[string]any{
		"model": m.Name, "stream": true, "messages": append([]Message{system}, messages...),
	})
	if err != nil {
		return nil, fmt.Errorf("ask the model: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, strings.TrimSuffix(m.Base, "/")+"/chat/completions", bytes.NewReader(body))
	if err != nil {
		return nil, fmt.Errorf("ask the model: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	if m.Key != "" {
		request.Header.Set("Authorization", "Bearer "+m.Key)
	}
	return request, nil
}
