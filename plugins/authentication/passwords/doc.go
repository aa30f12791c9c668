// Package passwords keeps passwords as hashes, and tells whether one that
// somebody sends is right.
//
//	users, err := passwords.NewTable(map[string]string{
//		"ada": "$argon2id$v=19$m=19456,t=2,p=1$…",
//	})
//	…
//	err = users.Authenticate(c.Context(), name, password)
//
// # Hashes
//
// [Hash] makes one of argon2id (RFC 9106) in the PHC string format, with a random
// salt: "$argon2id$v=19$m=19456,t=2,p=1$salt$hash". Its parameters are what OWASP
// recommends, 19 MiB of memory and two passes by one thread, about 20 ms of a CPU.
// [Verify] and [Table] know by the beginning of a hash what it is:
//
//   - argon2id, version 19, as [Hash] or another program has made it. Parameters
//     that would take all memory or all time are refused: more than 1 GiB, 32
//     passes, 16 threads, or 4 GiB in all passes together.
//   - bcrypt, "$2a$", "$2b$" and "$2y$", of a cost up to 16.
//
// What Ktor's getDigestFunction has made is for [NewDigestTable]: it is a fast hash,
// made for other things, and whoever gets the table tries billions of passwords a
// second.
//
// A password of bcrypt has at most 72 bytes and no zero byte, any other at most
// [MaxLength] bytes. What is longer is wrong.
//
// # What a table does not tell
//
// [Table.Authenticate] verifies a hash for a name that nobody has, too, one of those
// that the table has, so that its time does not tell which names there are. If the
// hashes differ in kind or cost the unknown names differ as much: each has the cost
// of some user, always the same while the program runs. A table that becomes the
// same for all with the next login of each user is better.
//
// # Floods
//
// Each verification takes the memory that its hash says. A table makes no more than
// [Config.MaxConcurrent] of them at once; other calls wait, as long as their context
// lasts. That bounds memory, not the wait: a rate limit in front, by address and by
// name, keeps guessing slow. [Hash] and [Verify] themselves are not bounded;
// [Table.Hash] is.
//
// Nothing of a password or a hash is in an error of this package.
//
// Ktor: UserHashedTableAuth.
package passwords
