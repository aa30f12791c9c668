package ldap

import (
	goldap "github.com/go-ldap/ldap/v3"
)

// An Entry is a user who has logged in. It never changes.
type Entry struct {
	// DN is his distinguished name.
	DN string

	entry *goldap.Entry // nil if nothing was read
}

// Get returns the value of an attribute, the first one if there are several, and
// "" if there is none or [Config.Attributes] does not name it. Names are compared
// without regard to case.
func (e *Entry) Get(attribute string) string {
	if e.entry == nil {
		return ""
	}
	return e.entry.GetEqualFoldAttributeValue(attribute)
}

// All returns the values of an attribute, in the order of the directory.
func (e *Entry) All(attribute string) []string {
	if e.entry == nil {
		return nil
	}
	return e.entry.GetEqualFoldAttributeValues(attribute)
}
