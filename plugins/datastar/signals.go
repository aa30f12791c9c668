package datastar

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chitor-go/chitor/plugins/sse"
)

// signals is a patch of signals before it is an event.
type signals struct {
	event         sse.Event // without type and data
	onlyIfMissing bool
}

// OnlyIfMissing leaves signals alone that the page has already.
func OnlyIfMissing() SignalsOption {
	return signalsOption(func(s *signals) { s.onlyIfMissing = true })
}

// PatchSignals merges value into the signals of the page. It is sent as JSON, by
// encoding/json, and has to be an object: a struct or a map. Null in it removes a
// signal (RFC 7396). A [json.RawMessage] is sent as it is written, with its lines.
func PatchSignals(to Sender, value any, options ...SignalsOption) error {
	text, err := encodeSignals(value)
	if err != nil {
		return fmt.Errorf("patch signals: %w", err)
	}
	if err := patchSignals(to, text, options); err != nil {
		return fmt.Errorf("patch signals: %w", err)
	}
	return nil
}

// RemoveSignals removes signals from the page. A dot leads into an object, as in
// "user.name". No name, an empty one, and one that is within another are
// [ErrInvalid].
func RemoveSignals(to Sender, names []string, options ...SignalsOption) error {
	tree, err := removal(names)
	if err != nil {
		return fmt.Errorf("remove signals: %w: %w", ErrInvalid, err)
	}
	text, err := encodeSignals(tree)
	if err != nil {
		return fmt.Errorf("remove signals: %w", err)
	}
	if err := patchSignals(to, text, options); err != nil {
		return fmt.Errorf("remove signals: %w", err)
	}
	return nil
}

// encodeSignals returns value as a JSON object.
func encodeSignals(value any) (string, error) {
	text, isRaw := value.(json.RawMessage)
	if isRaw && !json.Valid(text) {
		return "", fmt.Errorf("%w: the signals are no JSON", ErrInvalid)
	}
	if !isRaw {
		var err error
		if text, err = json.Marshal(value); err != nil {
			return "", err
		}
	}
	text = bytes.Trim(text, " \t\r\n")
	if !bytes.HasPrefix(text, []byte("{")) {
		return "", fmt.Errorf("%w: the signals are no object: %T", ErrInvalid, value)
	}
	return string(text), nil
}

func patchSignals(to Sender, text string, options []SignalsOption) error {
	var patch signals
	for _, option := range options {
		if option == nil {
			return fmt.Errorf("%w: an option is nil", ErrInvalid)
		}
		option.applyToSignals(&patch)
	}
	var data lines
	if patch.onlyIfMissing {
		data.add("onlyIfMissing", "true")
	}
	data.add("signals", text)
	event := patch.event
	event.Event, event.Data = "datastar-patch-signals", data.text.String()
	return send(to, event)
}

// removal returns the object that removes signals: {"user":{"name":null}} for
// "user.name".
func removal(names []string) (map[string]any, error) {
	if len(names) == 0 {
		return nil, errors.New("no signal is named")
	}
	tree := map[string]any{}
	for _, name := range names {
		path := strings.Split(name, ".")
		at := tree
		for i, step := range path {
			next, known := at[step]
			below, isObject := next.(map[string]any)
			last := i == len(path)-1
			switch {
			case step == "":
				return nil, fmt.Errorf("%.100q is no name of a signal", name)
			case last && !isObject:
				at[step] = nil
			case last, known && !isObject:
				return nil, fmt.Errorf("%.100q is within another name, or holds one", name)
			case !known:
				below = map[string]any{}
				at[step] = below
			}
			at = below
		}
	}
	return tree, nil
}
