package datastar

import (
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
)

// An ElementsOption says where elements go and how. Of two that set the same the
// later one counts. A nil one is [ErrInvalid].
type ElementsOption interface{ applyToElements(e *elements) }

// A SignalsOption says how signals are merged. A nil one is [ErrInvalid].
type SignalsOption interface{ applyToSignals(s *signals) }

// A ScriptOption changes the element of a script. A nil one is [ErrInvalid].
type ScriptOption interface{ applyToScript(s *script) }

// An Option goes with every event.
type Option interface {
	ElementsOption
	SignalsOption
	ScriptOption
}

// EventID gives the event an ID, which the client sends back as Last-Event-ID
// when its connection breaks: see [sse.Event]. Empty is none.
func EventID(id string) Option { return frame(func(e *sse.Event) { e.ID = id }) }

// Retry tells the client how long to wait before it connects again. Zero sends
// nothing; the client begins with 1 s, which datastar-go never sends, and Retry
// does.
func Retry(wait time.Duration) Option { return frame(func(e *sse.Event) { e.Retry = wait }) }

// frame is an option for the event around the lines.
type frame func(*sse.Event)

func (f frame) applyToElements(e *elements) { f(&e.event) }
func (f frame) applyToSignals(s *signals)   { f(&s.event) }
func (f frame) applyToScript(s *script)     { s.elements = append(s.elements, f) }

type elementsOption func(*elements)

func (o elementsOption) applyToElements(e *elements) { o(e) }

type signalsOption func(*signals)

func (o signalsOption) applyToSignals(s *signals) { o(s) }

type scriptOption func(*script)

func (o scriptOption) applyToScript(s *script) { o(s) }
