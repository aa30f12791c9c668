package compression

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/chitor-go/chitor/internal/httpheader"
	"github.com/chitor-go/chitor/internal/mistakes"
)

// EncoderConfig says when and how one encoder is used. Its [Conditions] must
// hold besides the global ones; where they fail, the encoder that the client
// prefers next is asked.
//
// Ktor: CompressionEncoderBuilder.
type EncoderConfig struct {
	Conditions

	// Priority decides between encoders that the client accepts equally: the
	// greater one wins, and of equal ones the one that was named first. 1 by
	// default, 0.9 for deflate; any number but NaN, negative and zero included.
	//
	// Ktor: priority.
	Priority float64

	// Level is how much work is done for a smaller body; 0, the default, leaves
	// it to the encoder. Gzip and deflate know 1 to 9 and take 5. Zstd knows 1
	// to 22, of which 1 to 2, 3 to 5, 6 to 9 and 10 to 22 are the same, and
	// takes 3. For gzip and deflate, levels up to 6 suit bodies that are
	// written at once; bodies that are flushed in small pieces want 7 or more.
	Level int

	encoder Encoder
}

// offers are encoders in the order in which they were named.
type offers []*EncoderConfig

func (o offers) with(encoder Encoder, priority float64, configure []func(*EncoderConfig)) offers {
	added := &EncoderConfig{Priority: priority, encoder: encoder}
	added.mistakes.Add(mistakes.Configure(added, configure))
	return append(o, added)
}

// codings makes the encoders ready for use, by falling priority, and returns
// all mistakes in them. Alone says that there is no other condition, so that those
// which have none of their own get the default ones.
func (o offers) codings(alone bool) (made []*coding, wrong mistakes.List) {
	for i, config := range o {
		name := config.encoder.Name
		if slices.ContainsFunc(o[:i], func(other *EncoderConfig) bool { return httpheader.EqualFold(other.encoder.Name, name) }) {
			wrong.Add(fmt.Errorf("encoder %q: it is named twice", name))
			continue
		}
		added, err := config.coding(alone)
		if err != nil {
			wrong.Add(fmt.Errorf("encoder %q: %w", name, err))
			continue
		}
		made = append(made, added)
	}
	slices.SortStableFunc(made, func(a, b *coding) int { return cmp.Compare(b.priority, a.priority) })
	if !slices.ContainsFunc(made, func(known *coding) bool { return known.newWriter == nil }) {
		// The plain body is always on offer, to a client that asks for it.
		made = append(made, &coding{name: identity, unasked: true})
	}
	return made, wrong
}

// coding makes one encoder ready for use, or returns all mistakes in it.
func (e *EncoderConfig) coding(alone bool) (*coding, error) {
	wrong := slices.Clone(e.mistakes)
	if !httpheader.IsToken(e.encoder.Name) || e.encoder.Name == "*" {
		wrong.Add(errors.New("the name is not one that a content coding can have"))
	}
	if math.IsNaN(e.Priority) {
		wrong.Add(errors.New("the priority is not a number"))
	}
	conditions := e.Conditions
	made := &coding{name: e.encoder.Name, priority: e.Priority, header: []string{e.encoder.Name}}
	made.wrap = made.open
	if create, level := e.encoder.NewWriter, e.Level; create != nil {
		made.newWriter = func() (Writer, error) { return create(level) }
		writer, err := made.newWriter()
		if err == nil && writer == nil {
			err = errors.New("NewWriter returns neither a writer nor an error")
		}
		wrong.Add(err)
		if alone && len(conditions.conditions) == 0 {
			conditions = defaultConditions()
		}
	}
	made.conditions = conditions.conditions
	return made, wrong.Err()
}
