package main

import (
	"slices"
	"sync"
)

// Article is a text of the journal.
type Article struct {
	ID          int
	Title, Body string
}

// Journal keeps articles in memory. The zero Journal is empty. Its methods may be
// called from any goroutine.
type Journal struct {
	mu       sync.Mutex
	articles []Article // the oldest first
	last     int       // the greatest ID so far
}

// All returns the articles, the newest first.
func (j *Journal) All() []Article {
	j.mu.Lock()
	defer j.mu.Unlock()
	all := slices.Clone(j.articles)
	slices.Reverse(all)
	return all
}

// Find returns the article with an ID, and whether there is one.
func (j *Journal) Find(id int) (Article, bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := j.index(id); i >= 0 {
		return j.articles[i], true
	}
	return Article{}, false
}

// Add adds an article and returns it.
func (j *Journal) Add(title, body string) Article {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	added := Article{ID: j.last, Title: title, Body: body}
	j.articles = append(j.articles, added)
	return added
}

// Update replaces the article that has the ID of this one, if there is one.
func (j *Journal) Update(article Article) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if i := j.index(article.ID); i >= 0 {
		j.articles[i] = article
	}
}

// Delete removes the article with an ID, if there is one.
func (j *Journal) Delete(id int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.articles = slices.DeleteFunc(j.articles, func(a Article) bool { return a.ID == id })
}

func (j *Journal) index(id int) int {
	return slices.IndexFunc(j.articles, func(a Article) bool { return a.ID == id })
}
