// Package model holds the tasks of Ktor's tutorials, which share them.
package model

import (
	"fmt"
	"slices"
)

// Priority says how urgent a task is. As text, in JSON too, it is its name.
type Priority int

// The priorities.
const (
	Low Priority = iota
	Medium
	High
	Vital
)

func names() []string { return []string{"Low", "Medium", "High", "Vital"} }

func (p Priority) String() string { return names()[p] }

// MarshalText returns the name of the priority.
func (p Priority) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText sets the priority by its name. Another text is an error.
func (p *Priority) UnmarshalText(text []byte) error {
	i := slices.Index(names(), string(text))
	if i < 0 {
		return fmt.Errorf("no priority is named %q", text)
	}
	*p = Priority(i)
	return nil
}

// Task is something to do.
type Task struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Priority    Priority `json:"priority"`
}
