package app

import "sync/atomic"

// A Key names a value of type T among the attributes of an [Application], a
// [Scope] or a [Call]. Two keys are the same only if they came from the same
// call of [NewKey], so names never collide. Its methods may be called from any
// goroutine. The zero Key is not usable; keys are package variables made once.
//
// Ktor: AttributeKey, of which two with one name and type are the same.
type Key[T any] struct{ name string }

// NewKey returns a new key. The name is for messages only.
func NewKey[T any](name string) *Key[T] { return &Key[T]{name} }

// String returns the name of the key.
func (k *Key[T]) String() string { return k.name }

// Attributed is what carries attributes: [*Application], [*Call] and every
// [Scope].
type Attributed interface{ attributes() *attributes }

// Get returns the value that owner holds under k, and whether there is one.
func (k *Key[T]) Get(owner Attributed) (T, bool) {
	for n := owner.attributes().head.Load(); n != nil; n = n.next {
		if held, ok := n.self.(*attribute[T]); ok && held.key == k {
			return held.value, true
		}
	}
	var none T
	return none, false
}

// Set puts value under k in owner, in place of what was there.
func (k *Key[T]) Set(owner Attributed, value T) {
	added := &attribute[T]{key: k, value: value}
	added.self = added
	list := owner.attributes()
	for {
		head := list.head.Load()
		added.next = without(head, k)
		if list.head.CompareAndSwap(head, &added.node) {
			return
		}
	}
}

// GetOrSet returns the value that owner holds under k. If there is none, it puts
// value there first, so that all who ask at the same time get the same.
func (k *Key[T]) GetOrSet(owner Attributed, value T) T {
	added := &attribute[T]{key: k, value: value}
	added.self = added
	list := owner.attributes()
	for {
		added.next = list.head.Load() // before the look: what comes after it is seen by the swap
		if held, ok := k.Get(owner); ok {
			return held
		}
		if list.head.CompareAndSwap(added.next, &added.node) {
			return value
		}
	}
}

// Delete removes the value under k from owner, if there is one.
func (k *Key[T]) Delete(owner Attributed) {
	list := owner.attributes()
	for {
		head := list.head.Load()
		if list.head.CompareAndSwap(head, without(head, k)) {
			return
		}
	}
}

// attributes is a list that is never changed, only replaced: a fork of a call
// shares it for free, and a goroutine that reads an old one sees it whole. A
// call has few attributes, so a list beats a map.
type attributes struct{ head atomic.Pointer[node] }

type node struct {
	self any // *attribute[T]
	next *node
}

// attribute holds node, key and value in one allocation.
type attribute[T any] struct {
	node
	key   *Key[T]
	value T
}

// without returns the list less the entry of k. Entries behind it are shared.
func without[T any](head *node, k *Key[T]) *node {
	found := head
	for {
		if found == nil {
			return head
		}
		if held, ok := found.self.(*attribute[T]); ok && held.key == k {
			break
		}
		found = found.next
	}
	rest := found.next
	for n := head; n != found; n = n.next {
		rest = &node{self: n.self, next: rest}
	}
	return rest
}
