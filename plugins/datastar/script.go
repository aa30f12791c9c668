package datastar

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"net/url"
	"strings"
)

// script is an element that runs a script, before it is an event.
type script struct {
	attributes []attribute
	stays      bool
	elements   []ElementsOption
}

type attribute struct{ name, value string }

// Attribute gives the element of a script an attribute, such as type="module" or
// a nonce that the page's Content-Security-Policy asks for. Several stand in the
// order of the options.
func Attribute(name, value string) ScriptOption {
	return scriptOption(func(s *script) { s.attributes = append(s.attributes, attribute{name, value}) })
}

// Stay keeps the element of a script in the page. By default it is removed when
// the script has run.
func Stay() ScriptOption { return scriptOption(func(s *script) { s.stays = true }) }

// ExecuteScript runs a script in the page, as an element that is appended to the
// body. It is code: put values into it as JSON, never as they are. A script that
// holds "</script" or "<!--" would end its element or hide its end and is refused;
// within a string of JavaScript they can be written as "<\/script" and "<\!--".
func ExecuteScript(to Sender, code string, options ...ScriptOption) error {
	if err := executeScript(to, code, options); err != nil {
		return fmt.Errorf("execute script: %w", err)
	}
	return nil
}

// ConsoleLog writes a message to the console of the browser.
func ConsoleLog(to Sender, message string, options ...ScriptOption) error {
	if err := executeScript(to, "console.log("+quote(message)+")", options); err != nil {
		return fmt.Errorf("log to the console: %w", err)
	}
	return nil
}

// ConsoleError writes an error to the console of the browser. The text reaches the
// client: it is no place for that of an unexpected error.
func ConsoleError(to Sender, message string, options ...ScriptOption) error {
	if err := executeScript(to, "console.error("+quote(message)+")", options); err != nil {
		return fmt.Errorf("log an error to the console: %w", err)
	}
	return nil
}

// Redirect sends the browser to another page. A location of another scheme than
// http and https, such as javascript, is refused.
func Redirect(to Sender, location string, options ...ScriptOption) error {
	target, err := url.Parse(location)
	switch {
	case err != nil:
		return fmt.Errorf("redirect: %w: the location is no URL", ErrInvalid)
	case target.Scheme != "" && target.Scheme != "http" && target.Scheme != "https":
		return fmt.Errorf("redirect: %w: the scheme %.100q leads to no page", ErrInvalid, target.Scheme)
	}
	// The script ends before the page does, so that it can be removed.
	code := "setTimeout(() => window.location.href = " + quote(location) + ")"
	if err := executeScript(to, code, options); err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	return nil
}

func executeScript(to Sender, code string, options []ScriptOption) error {
	var element script
	for _, option := range options {
		if option == nil {
			return fmt.Errorf("%w: an option is nil", ErrInvalid)
		}
		option.applyToScript(&element)
	}
	text, err := element.html(code)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrInvalid, err)
	}
	return patchElements(to, text, append([]ElementsOption{Selector("body"), Append}, element.elements...))
}

// html returns the element (HTML standard, section 4.12.1.3, for what a script
// cannot hold).
func (s *script) html(code string) (string, error) {
	if lower := strings.ToLower(code); strings.Contains(lower, "</script") || strings.Contains(lower, "<!--") {
		return "", errors.New("the script holds </script or <!--, which HTML would take for its own")
	}
	var text strings.Builder
	text.WriteString("<script")
	for _, one := range s.attributes {
		if one.name == "" || strings.ContainsAny(one.name, " \t\r\n\f\x00\"'<>/=") {
			return "", fmt.Errorf("%.100q is no name of an attribute", one.name)
		}
		fmt.Fprintf(&text, ` %s="%s"`, one.name, html.EscapeString(one.value))
	}
	if !s.stays {
		text.WriteString(` data-effect="el.remove()"`)
	}
	text.WriteString(">" + code + "</script>")
	return text.String(), nil
}

// quote returns text as a literal of JavaScript that is safe within an element:
// <, > and & are escaped, as are the line ends of JavaScript. No string fails.
func quote(text string) string {
	literal, _ := json.Marshal(text)
	return string(literal)
}
