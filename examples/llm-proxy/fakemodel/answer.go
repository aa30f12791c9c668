package fakemodel

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// A request is what of a chat completion's request is looked at.
type request struct {
	Model    string `json:"model"`
	Stream   bool   `json:"stream"`
	Messages []struct {
		Role    string  `json:"role"`
		Content content `json:"content"`
	} `json:"messages"`
	StreamOptions struct {
		IncludeUsage bool `json:"include_usage"`
	} `json:"stream_options"`
}

// content is a text, or a list of parts of which only texts count.
type content string

// UnmarshalJSON reads both forms.
func (c *content) UnmarshalJSON(data []byte) error {
	var text string
	if json.Unmarshal(data, &text) == nil {
		*c = content(text)
		return nil
	}
	var parts []struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal(data, &parts); err != nil {
		return fmt.Errorf("content: %w", err)
	}
	for _, part := range parts {
		*c += content(part.Text)
	}
	return nil
}

// longestQuote is how many characters of a question are repeated.
const longestQuote = 200

// words returns the answer, cut where a model's tokens might be.
func (r *request) words() []string {
	question := ""
	for _, message := range r.Messages {
		if message.Role == "user" {
			question = strings.TrimSpace(string(message.Content))
		}
	}
	if runes := []rune(question); len(runes) > longestQuote {
		question = string(runes[:longestQuote]) + " …"
	}
	text := fmt.Sprintf("You have asked: “%s”\n\n", question) +
		"I am no model. I know as many words as stand in my source, and bring them as a model does: I think for a while, " +
		"so that a proxy between us has to send comments, or somebody takes the silence for a broken line. Then one word follows the other.\n\n" +
		"- **Markdown** and <b>tags</b> arrive as they are written.\n" +
		"- Press Stop, and I hear of it at once, and stop working."
	return strings.SplitAfter(text, " ")
}

type (
	failure struct {
		Error errorBody `json:"error"`
	}
	errorBody struct {
		Message string `json:"message"`
		Type    string `json:"type"`
		Code    string `json:"code"`
	}
	message struct {
		Role    string `json:"role,omitempty"`
		Content string `json:"content"`
	}
	choice struct {
		Index        int      `json:"index"`
		Delta        *message `json:"delta,omitempty"`   // in a stream
		Message      *message `json:"message,omitempty"` // in a whole answer
		FinishReason *string  `json:"finish_reason"`
	}
	usage struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Total      int `json:"total_tokens"`
	}
	completion struct {
		ID      string   `json:"id"`
		Object  string   `json:"object"`
		Created int64    `json:"created"`
		Model   string   `json:"model"`
		Choices []choice `json:"choices"`
		Usage   *usage   `json:"usage,omitempty"`
	}
)

var (
	errBroken  = errors.New("the model broke the connection")
	errFailing = errors.New("the model has failed")
)

// wordsBeforeFailure is how much those say that fail in the middle.
const wordsBeforeFailure = 5

// answer sends the answer, and returns how many words of it were sent, and why it
// is not whole, if it is not.
func (s *server) answer(w http.ResponseWriter, r *http.Request, asked *request) (sent int, err error) {
	words, stop := asked.words(), "stop"
	used := &usage{Prompt: len(asked.Messages), Completion: len(words), Total: len(asked.Messages) + len(words)}
	head := completion{ID: "chatcmpl-1", Object: "chat.completion", Created: 1700000000, Model: asked.Model}
	if !asked.Stream {
		head.Choices = []choice{{Message: &message{"assistant", strings.Join(words, "")}, FinishReason: &stop}}
		head.Usage = used
		respond(w, http.StatusOK, head)
		return len(words), nil
	}
	head.Object = "chat.completion.chunk"
	w.Header().Set("Content-Type", "text/event-stream; charset=utf-8")
	send := func(delta *message, finish *string) error {
		chunk := head
		chunk.Choices = []choice{{Delta: delta, FinishReason: finish}}
		return sendValue(w, chunk)
	}
	for i, word := range words {
		switch {
		case i < wordsBeforeFailure:
		case asked.Model == "fake-broken":
			return i, errBroken
		case asked.Model == "fake-failing":
			return i, errors.Join(errFailing, sendValue(w, failure{errorBody{errFailing.Error(), "server_error", "model_error"}}))
		}
		delta := &message{Content: word}
		if i == 0 {
			delta.Role = "assistant"
		} else if err := pause(r.Context(), s.config.Pace); err != nil {
			return i, err
		}
		if err := send(delta, nil); err != nil {
			return i, err
		}
	}
	err = send(&message{}, &stop)
	if err == nil && asked.StreamOptions.IncludeUsage {
		head.Choices, head.Usage = []choice{}, used
		err = sendValue(w, head)
	}
	if err == nil {
		err = sendData(w, "[DONE]")
	}
	return len(words), err
}

// sendValue sends an event without a name.
func sendValue(w http.ResponseWriter, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return sendData(w, string(data))
}

func sendData(w http.ResponseWriter, data string) error {
	if _, err := fmt.Fprintf(w, "data: %s\n\n", data); err != nil {
		return err
	}
	return http.NewResponseController(w).Flush()
}
