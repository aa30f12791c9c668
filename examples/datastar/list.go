package main

import (
	"slices"
	"strings"
	"sync"
)

// A thing is on the list.
type thing struct {
	ID   int
	Text string
}

// most is how many things a list holds.
const most = 200

// list is what is to be brought. It may be used from any goroutine.
type list struct {
	mu     sync.Mutex // guards what follows
	things []thing
	last   int // the ID that was given last
}

// add adds a thing, unless the list is full.
func (l *list) add(text string) (ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.things) >= most {
		return false
	}
	l.last++
	l.things = append(l.things, thing{l.last, text})
	return true
}

// remove removes the thing with an ID, if it is there.
func (l *list) remove(id int) (ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := len(l.things)
	l.things = slices.DeleteFunc(l.things, func(one thing) bool { return one.ID == id })
	return len(l.things) < before
}

// find returns the things whose text holds what is asked for, in upper or lower
// case: all, if that is nothing.
func (l *list) find(query string) []thing {
	l.mu.Lock()
	defer l.mu.Unlock()
	query = strings.ToLower(strings.TrimSpace(query))
	var found []thing
	for _, one := range l.things {
		if strings.Contains(strings.ToLower(one.Text), query) {
			found = append(found, one)
		}
	}
	return found
}
