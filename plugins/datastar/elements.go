package datastar

import (
	"context"
	"errors"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"

	"github.com/chitor-go/chitor/plugins/sse"
)

// A Mode says how elements meet those of the page. What the modes other than
// [Outer] and [Replace] need is a [Selector].
type Mode string

// The modes of Datastar 1.
const (
	Outer   Mode = "outer"   // morphs the element as a whole, the default
	Inner   Mode = "inner"   // morphs what is in the element
	Replace Mode = "replace" // replaces the element, with no trace of its state
	Prepend Mode = "prepend" // inserts at the beginning of the element
	Append  Mode = "append"  // inserts at the end of the element
	Before  Mode = "before"  // inserts in front of the element
	After   Mode = "after"   // inserts behind the element
	Remove  Mode = "remove"  // removes the element, see RemoveElements
)

func (m Mode) applyToElements(e *elements) { e.mode = m }

// A Namespace says what elements are created as, if they are no HTML.
type Namespace string

// The namespaces of Datastar 1.
const (
	HTML   Namespace = "html" // the default
	SVG    Namespace = "svg"
	MathML Namespace = "mathml"
)

func (n Namespace) applyToElements(e *elements) { e.namespace = n }

// Selector names the elements of the page that are patched, as CSS does. Without
// one, or with an empty one, each patched element is found by its id.
func Selector(css string) ElementsOption {
	return elementsOption(func(e *elements) { e.selector = strings.TrimSpace(css) })
}

// ViewTransition patches within a transition of the View Transition API, in
// browsers that have it.
func ViewTransition() ElementsOption {
	return elementsOption(func(e *elements) { e.viewTransition = true })
}

// elements is a patch of elements before it is an event.
type elements struct {
	event          sse.Event // without type and data
	html           string
	selector       string
	mode           Mode      // empty is Outer
	namespace      Namespace // empty is HTML
	viewTransition bool
}

// PatchElements sends HTML into the page: one or more whole elements, each with
// an id unless a [Selector] says where they go. A [Mode] and a [Namespace] are
// options as well:
//
//	datastar.PatchElements(s, `<li>new</li>`, datastar.Selector("#feed"), datastar.Append)
//
// The HTML is sent as it is. Text from outside has to be escaped in it, or goes
// through [PatchTemplate].
func PatchElements(to Sender, html string, options ...ElementsOption) error {
	if err := patchElements(to, html, options); err != nil {
		return fmt.Errorf("patch elements: %w", err)
	}
	return nil
}

// PatchTemplate is [PatchElements] for what a template makes of data. It sends
// nothing if the template fails or is nil.
func PatchTemplate(to Sender, page *template.Template, data any, options ...ElementsOption) error {
	if page == nil {
		return fmt.Errorf("patch elements: %w: the template is nil", ErrInvalid)
	}
	var html strings.Builder
	if err := page.Execute(&html, data); err != nil {
		return fmt.Errorf("patch elements: %w", err)
	}
	return PatchElements(to, html.String(), options...)
}

// A Component renders itself as HTML, as the components of templ do
// (https://templ.guide).
type Component interface {
	Render(ctx context.Context, w io.Writer) error
}

// PatchComponent is [PatchElements] for a component, which is rendered with ctx.
// It sends nothing if that fails or the component is nil.
func PatchComponent(ctx context.Context, to Sender, component Component, options ...ElementsOption) error {
	if component == nil {
		return fmt.Errorf("patch elements: %w: the component is nil", ErrInvalid)
	}
	var html strings.Builder
	if err := component.Render(ctx, &html); err != nil {
		return fmt.Errorf("patch elements: render: %w", err)
	}
	return PatchElements(to, html.String(), options...)
}

// RemoveElements removes the elements of the page that a selector names, whatever
// the options say of mode and selector.
func RemoveElements(to Sender, selector string, options ...ElementsOption) error {
	all := slices.Concat(options, []ElementsOption{Remove, Selector(selector)})
	if err := patchElements(to, "", all); err != nil {
		return fmt.Errorf("remove elements: %w", err)
	}
	return nil
}

func patchElements(to Sender, html string, options []ElementsOption) error {
	patch := elements{html: html}
	for _, option := range options {
		if option == nil {
			return fmt.Errorf("%w: an option is nil", ErrInvalid)
		}
		option.applyToElements(&patch)
	}
	if err := patch.check(); err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return send(to, patch.encode())
}

// check reports what Datastar would refuse or leave undone.
func (e *elements) check() error {
	switch e.mode {
	case "", Outer, Replace:
		if e.html == "" {
			return errors.New("there are no elements")
		}
	case Inner, Prepend, Append, Before, After, Remove:
		if e.selector == "" {
			return fmt.Errorf("the mode %s needs a selector", e.mode)
		}
	default:
		return fmt.Errorf("there is no mode %.100q", string(e.mode))
	}
	switch e.namespace {
	case "", HTML, SVG, MathML:
		return nil
	default:
		return fmt.Errorf("there is no namespace %.100q", string(e.namespace))
	}
}

func (e *elements) encode() sse.Event {
	var data lines
	if e.selector != "" {
		data.add("selector", e.selector)
	}
	if e.mode != "" && e.mode != Outer {
		data.add("mode", string(e.mode))
	}
	if e.namespace != "" && e.namespace != HTML {
		data.add("namespace", string(e.namespace))
	}
	if e.viewTransition {
		data.add("useViewTransition", "true")
	}
	if e.html != "" {
		data.add("elements", e.html)
	}
	event := e.event
	event.Event, event.Data = "datastar-patch-elements", data.text.String()
	return event
}
