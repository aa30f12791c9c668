package cachingheaders

import (
	"strconv"
	"time"
)

// A CacheControl is something that a Cache-Control header can say (RFC 9111
// section 5.2.2): a [NoCache], a [NoStore], a [MaxAge] or a [Directive]. Its
// String is what the header says if there is nothing else.
//
// Ktor: CacheControl.
type CacheControl interface {
	String() string

	mergeInto(*merged)
}

// Visibility says which caches may keep a response. The zero Visibility says
// nothing.
//
// Ktor: CacheControl.Visibility.
type Visibility string

const (
	// Public lets every cache keep the response, one that many clients share
	// included.
	Public Visibility = "public"
	// Private lets only the cache of the client itself keep it.
	Private Visibility = "private"
)

// NoCache has a cache ask the server each time before it uses the response
// again.
//
// Ktor: CacheControl.NoCache.
type NoCache struct{ Visibility Visibility }

// String returns the directives, as in "no-cache, private".
func (n NoCache) String() string { return mergedOf(n).String() }

func (n NoCache) mergeInto(m *merged) {
	m.noCache = true
	m.see(n.Visibility)
}

// NoStore lets no cache keep the response.
//
// Ktor: CacheControl.NoStore.
type NoStore struct{ Visibility Visibility }

// String returns the directives, as in "no-store".
func (n NoStore) String() string { return mergedOf(n).String() }

func (n NoStore) mergeInto(m *merged) {
	m.noStore = true
	m.see(n.Visibility)
}

// MaxAge says for how long a cache may use the response without asking.
//
// Ktor: CacheControl.MaxAge.
type MaxAge struct {
	// Age is for how long, in whole seconds. Zero and less are no time at all.
	Age time.Duration
	// SharedAge is Age for caches that many clients share. Zero says nothing of
	// them, and less is no time at all.
	//
	// Ktor: proxyMaxAgeSeconds.
	SharedAge time.Duration
	// Revalidate says which caches must not use the response any longer without
	// asking, not even if the server cannot be reached. The zero Revalidation
	// says nothing.
	Revalidate Revalidation
	// Visibility says which caches may keep it.
	Visibility Visibility
}

// A Revalidation says which caches have to ask the server when the age of a
// response is reached. Several are joined by |.
type Revalidation uint8

const (
	// MustRevalidate is for every cache.
	MustRevalidate Revalidation = 1 << iota
	// ProxyRevalidate is for caches that many clients share.
	ProxyRevalidate
)

// String returns the directives, as in "max-age=60, must-revalidate, public".
func (a MaxAge) String() string { return mergedOf(a).String() }

func (a MaxAge) mergeInto(m *merged) {
	age := max(0, a.Age)
	if !m.hasAge || age < m.age {
		m.age = age
	}
	m.hasAge = true
	if shared := max(0, a.SharedAge); a.SharedAge != 0 && (!m.hasSharedAge || shared < m.sharedAge) {
		m.sharedAge, m.hasSharedAge = shared, true
	}
	m.revalidate |= a.Revalidate
	m.see(a.Visibility)
}

// A Directive is any other one, as it stands in the header: "immutable",
// "stale-while-revalidate=60". An empty one says nothing.
//
// Ktor: a class of one's own that extends CacheControl.
type Directive string

// String returns the directive.
func (d Directive) String() string { return string(d) }

func (d Directive) mergeInto(m *merged) {
	if d != "" {
		m.others = append(m.others, string(d))
	}
}

// seconds returns a directive with an age.
func seconds(name string, age time.Duration) string {
	return name + "=" + strconv.FormatInt(int64(age/time.Second), 10)
}
