package cachingheaders

import (
	"strings"
	"time"
)

// merged is what several [CacheControl] say together: each directive once, the
// least of the ages, private where one of them says so.
type merged struct {
	noCache, noStore bool
	others           []string

	age, sharedAge       time.Duration
	hasAge, hasSharedAge bool
	revalidate           Revalidation
	visibility           Visibility
}

func mergedOf(all ...CacheControl) *merged {
	m := &merged{}
	for _, one := range all {
		one.mergeInto(m)
	}
	return m
}

func (m *merged) see(v Visibility) {
	if m.visibility != Private && v != "" {
		m.visibility = v
	}
}

// forbidding drops what lets a response be kept. That it is private may be all
// that remains.
func (m *merged) forbidding() {
	m.others, m.hasAge = nil, false
	if m.visibility == Public {
		m.visibility = ""
	}
}

// String returns the directives in Ktor's order: no-cache, no-store, others,
// ages, where the visibility follows the ages, or else the first of the two, or
// stands for itself.
func (m *merged) String() string {
	var parts []string
	add := func(said bool, part string) {
		if said && part != "" {
			parts = append(parts, part)
		}
	}
	visibility := string(m.visibility)
	add(m.noCache, "no-cache")
	add(m.noCache && !m.hasAge, visibility)
	add(m.noStore, "no-store")
	add(!m.noCache && !m.hasAge, visibility)
	parts = append(parts, m.others...)
	if m.hasAge {
		add(true, seconds("max-age", m.age))
		add(m.hasSharedAge, seconds("s-maxage", m.sharedAge))
		add(m.revalidate&MustRevalidate != 0, "must-revalidate")
		add(m.revalidate&ProxyRevalidate != 0, "proxy-revalidate")
		add(true, visibility)
	}
	return strings.Join(parts, ", ")
}
