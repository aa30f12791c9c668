package callid

import (
	"fmt"
	"slices"

	"github.com/chitor-go/chitor/app"
)

// A picker is what runs where the plugin is installed: it picks the id of each
// call. It never changes, and serves any number of calls at once.
type picker struct {
	maxLength int
	sources   []Source // in the order in which they are asked
	verify    Verifier
	replies   []func(c *app.Call, id string)
}

// newPicker returns what config describes, or all mistakes in it.
func newPicker(config Config) (*picker, error) {
	if config.MaxLength < 1 {
		config.mistakes.Add(fmt.Errorf("MaxLength is %d: an id has at least 1 byte", config.MaxLength))
	}
	for _, text := range config.texts {
		if err := text.check(config.MaxLength, config.dictionary); err != nil {
			config.mistakes.Add(fmt.Errorf("generate text: %w", err))
		}
	}
	return &picker{
		maxLength: config.MaxLength,
		sources:   slices.Concat(config.retrieve, config.generate),
		verify:    config.verify,
		replies:   slices.Clone(config.replies),
	}, config.mistakes.Err()
}

// identify gives the call its id before the rest of its way.
func (p *picker) identify(c *app.Call) error {
	id, err := p.pick(c)
	if err != nil {
		return fmt.Errorf("find the call id: %w", err)
	}
	if id != "" {
		idKey.Set(c, id)
		for _, reply := range p.replies {
			reply(c, id)
		}
	}
	return nil
}

// pick returns the first id that passes, or "".
func (p *picker) pick(c *app.Call) (string, error) {
	for _, source := range p.sources {
		id := source(c)
		if id == "" {
			continue
		}
		if len(id) > p.maxLength || hasControl(id) {
			return "", &RejectedError{ID: id}
		}
		if passes, err := p.verify(id); passes || err != nil {
			return id, err
		}
	}
	return "", nil
}

// hasControl reports whether the id has a character that could end a line of a
// log or a header.
func hasControl(id string) bool {
	for i := range len(id) {
		if id[i] < ' ' || id[i] == 0x7f {
			return true
		}
	}
	return false
}
