package sessions

// Envelope reads and writes an envelope again. It returns nil for what is none.
func Envelope(data []byte) []byte {
	e, err := parseEnvelope(data)
	if err != nil {
		return nil
	}
	return e.append(nil)
}

// CookieValue returns the value of the first cookie of a name.
func CookieValue(lines []string, name string) string { return cookieValue(lines, name) }
