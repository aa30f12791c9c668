package mcphttp

import "encoding/json"

// An rpcMessage is what has to be known of a message of JSON-RPC 2.0.
type rpcMessage struct {
	Method string          `json:"method"`
	ID     json.RawMessage `json:"id"`
	Params json.RawMessage `json:"params"`
}

// readMessage reads a message. It returns one that is nothing if there is none.
func readMessage(data []byte) rpcMessage {
	var m rpcMessage
	if len(data) == 0 || json.Unmarshal(data, &m) != nil {
		return rpcMessage{}
	}
	if string(m.ID) == "null" {
		m.ID = nil
	}
	return m
}

func (m rpcMessage) isRequest() bool      { return m.Method != "" && m.ID != nil }
func (m rpcMessage) isNotification() bool { return m.Method != "" && m.ID == nil }
func (m rpcMessage) isAnswer() bool       { return m.Method == "" && m.ID != nil }
