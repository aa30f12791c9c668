// Package storagetest has the tests that every [sessions.Storage] must pass, as
// testing/fstest has those of a file system.
//
//	func TestStorage(t *testing.T) {
//		storagetest.Test(t, func(t *testing.T) sessions.Storage { return connect(t) })
//	}
//
// It asks for a storage without sessions for each test. If that is a
// [sessions.OwnerStorage], it is tested as one. The tests never sleep: what must
// expire, does so by a time that has passed.
package storagetest
