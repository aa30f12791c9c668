// Package admission limits how many sessions are open at once, in all and by a
// key such as the address of the client.
//
//	room := admission.NewRoom(admission.Limits{Max: 100_000, Of: "event streams"})
//	...
//	key := room.Key(c)
//	if err := room.Admit(c, key); err != nil {
//		return err // 503, or 429 for the key
//	}
//	defer room.Leave(key)
//
// It is the one place for that rule, which event streams and WebSockets share.
package admission
