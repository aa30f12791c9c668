package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"unicode/utf8"

	"github.com/chitor-go/chitor/app"
)

const (
	maxMessages   = 20    // that a model is sent: the newest ones
	maxCharacters = 8_000 // of a message
)

// A Message is what one side of a conversation has said.
type Message struct {
	Role    string `json:"role"` // "user" or "assistant"
	Content string `json:"content"`
}

// receiveMessages receives a conversation, which ends with a question. The page
// keeps it, so that the server keeps nothing; what it sends comes from outside, and
// cannot give the model orders in the name of the system.
func receiveMessages(c *app.Call) ([]Message, error) {
	body, err := c.ReceiveBytes()
	if err != nil {
		return nil, err
	}
	var conversation struct {
		Messages []Message `json:"messages"`
	}
	if err := json.Unmarshal(body, &conversation); err != nil {
		return nil, &app.Error{Status: http.StatusBadRequest, Message: "The body is not a conversation.", Err: err}
	}
	messages := conversation.Messages
	messages = messages[max(0, len(messages)-maxMessages):]
	for _, message := range messages {
		switch {
		case message.Role != "user" && message.Role != "assistant":
			return nil, app.NewError(http.StatusBadRequest, "A message is neither the user's nor the assistant's.")
		case utf8.RuneCountInString(message.Content) > maxCharacters:
			return nil, app.NewError(http.StatusRequestEntityTooLarge,
				fmt.Sprintf("A message has at most %d characters.", maxCharacters))
		}
	}
	if len(messages) == 0 || messages[len(messages)-1].Role != "user" || messages[len(messages)-1].Content == "" {
		return nil, app.NewError(http.StatusBadRequest, "There is no question.")
	}
	return messages, nil
}
