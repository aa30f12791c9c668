package main

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/chitor-go/chitor/plugins/sse"
)

// believed is how long the list of another process is believed without a new
// one. The page does the same.
const believed = 3 * beat

// List says who is in a room, as far as one process knows: those whose streams
// it serves.
type List struct {
	Process string   `json:"process"`
	Names   []string `json:"names"`
}

// people is who is there. Its methods may be called concurrently.
type people struct {
	process string // names this one

	mu        sync.Mutex                  // guards what follows
	here      map[string]map[string]int   // by room and name: how many streams
	elsewhere map[string]map[string]heard // by room and process
}

// heard is what another process has said.
type heard struct {
	list List
	at   time.Time
}

func newPeople(process string) *people {
	return &people{process: process, here: map[string]map[string]int{}, elsewhere: map[string]map[string]heard{}}
}

// add counts a stream.
func (p *people) add(room, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.here[room] == nil {
		p.here[room] = map[string]int{}
	}
	p.here[room][name]++
}

// remove takes a stream back.
func (p *people) remove(room, name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.here[room][name]--; p.here[room][name] > 0 {
		return
	}
	if delete(p.here[room], name); len(p.here[room]) == 0 {
		delete(p.here, room)
	}
}

// read takes the list of another process.
func (p *people) read(room string, event sse.Event) {
	var list List
	if event.Event != "people" || json.Unmarshal([]byte(event.Data), &list) != nil || list.Process == p.process {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.elsewhere[room] == nil {
		p.elsewhere[room] = map[string]heard{}
	}
	p.elsewhere[room][list.Process] = heard{list, time.Now()}
	p.forget()
}

// forget drops the lists that are too old. It is called with the lock.
func (p *people) forget() {
	for room, lists := range p.elsewhere {
		maps.DeleteFunc(lists, func(_ string, h heard) bool { return time.Since(h.at) > believed || len(h.list.Names) == 0 })
		if len(lists) == 0 {
			delete(p.elsewhere, room)
		}
	}
}

// list returns who is in a room by streams of this process.
func (p *people) list(room string) List {
	p.mu.Lock()
	defer p.mu.Unlock()
	return List{p.process, append([]string{}, slices.Sorted(maps.Keys(p.here[room]))...)}
}

// lists returns who is in a room, process by process.
func (p *people) lists(room string) []List {
	lists := []List{p.list(room)}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget()
	for _, other := range p.elsewhere[room] {
		lists = append(lists, other.list)
	}
	return lists
}

// in reports whether somebody of that name is in a room.
func (p *people) in(room, name string) bool {
	return slices.ContainsFunc(p.lists(room), func(list List) bool { return slices.Contains(list.Names, name) })
}

// occupied returns the rooms in which somebody is.
func (p *people) occupied() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.here))
}
