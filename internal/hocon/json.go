package hocon

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
)

// checkJSON refuses what HOCON would take and JSON does not.
func checkJSON(file string, text []byte) error {
	var value json.RawMessage
	var syntax *json.SyntaxError
	err := json.Unmarshal(text, &value)
	if !errors.As(err, &syntax) {
		return err
	}
	l := newLexer(file, text)
	l.advance(min(max(int(syntax.Offset)-1, 0), len(text)))
	if int(syntax.Offset) > len(bytes.TrimRight(text, " \r\n\t")) {
		return errorf(l.site(), "expected JSON, as the file's name says, found the end of the file")
	}
	return errorf(l.site(), "expected JSON, as the file's name says: %s", strings.TrimPrefix(syntax.Error(), "json: "))
}
