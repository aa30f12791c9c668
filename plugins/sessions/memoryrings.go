package sessions

import "container/heap"

func (m *Memory) add(k *kept) {
	m.sessions[k.key] = k
	m.bytes += k.record.size()
	heap.Push(&m.expiring, k)
	m.own(k)
	m.fresh.insert(k)
	m.nFresh++
}

func (m *Memory) drop(k *kept) {
	delete(m.sessions, k.key)
	m.bytes -= k.record.size()
	heap.Remove(&m.expiring, k.place)
	m.disown(k)
	m.leaveRing(k)
	if len(m.sessions) == 0 { // a map never shrinks
		m.sessions, m.owners, m.expiring = map[string]*kept{}, map[string]*kept{}, expiryQueue{}
	}
}

// use notes that a session was asked for.
func (m *Memory) use(k *kept) {
	m.leaveRing(k)
	k.known = true
	m.known.insert(k)
}

func (m *Memory) leaveRing(k *kept) {
	if !k.known {
		m.nFresh--
	}
	k.prev.next, k.next.prev = k.next, k.prev
}

// empty makes k the head of an empty ring.
func (k *kept) empty() { k.prev, k.next = k, k }

// insert puts added behind the head of a ring, as the youngest.
func (k *kept) insert(added *kept) {
	added.prev, added.next = k, k.next
	k.next.prev = added
	k.next = added
}

// own notes whose a session is.
func (m *Memory) own(k *kept) {
	if k.record.Owner == "" {
		return
	}
	first := m.owners[k.record.Owner]
	k.ownerPrev, k.ownerNext = nil, first
	if first != nil {
		first.ownerPrev = k
	}
	m.owners[k.record.Owner] = k
}

func (m *Memory) disown(k *kept) {
	switch owner := k.record.Owner; {
	case owner == "":
		return
	case k.ownerPrev != nil:
		k.ownerPrev.ownerNext = k.ownerNext
	case k.ownerNext != nil:
		m.owners[owner] = k.ownerNext
	default:
		delete(m.owners, owner)
	}
	if k.ownerNext != nil {
		k.ownerNext.ownerPrev = k.ownerPrev
	}
}

// An expiryQueue orders sessions by when they expire, as package heap has it.
type expiryQueue struct{ sessions []*kept }

func (q *expiryQueue) Len() int { return len(q.sessions) }

func (q *expiryQueue) Less(i, j int) bool {
	return q.sessions[i].record.Expires.Before(q.sessions[j].record.Expires)
}

func (q *expiryQueue) Swap(i, j int) {
	q.sessions[i], q.sessions[j] = q.sessions[j], q.sessions[i]
	q.sessions[i].place, q.sessions[j].place = i, j
}

// Push adds a session at the end.
func (q *expiryQueue) Push(added any) {
	k := added.(*kept)
	k.place = q.Len()
	q.sessions = append(q.sessions, k)
}

// Pop takes the session at the end away.
func (q *expiryQueue) Pop() any {
	last := q.Len() - 1
	k := q.sessions[last]
	q.sessions[last] = nil // for the collector
	q.sessions = q.sessions[:last]
	return k
}

// first returns the session that expires next.
func (q *expiryQueue) first() *kept { return q.sessions[0] }
