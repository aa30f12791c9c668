package passwords_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/chitor-go/chitor/plugins/authentication/passwords"
)

// A table of hashes that passwords.Hash has made.
func Example() {
	users, err := passwords.NewTable(map[string]string{
		"ada": "$argon2id$v=19$m=4096,t=3,p=4$c29tZXNhbHQ$poE/0h2cjbv+UlPDgRVOHqwlmCAYo5LF5leMrvQqVrI",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(users.Authenticate(ctx, "ada", "password"))
	fmt.Println(users.Authenticate(ctx, "ada", "secret"))
	fmt.Println(users.Authenticate(ctx, "eve", "secret"))
	// Output:
	// <nil>
	// invalid credentials: the name or the password is wrong
	// invalid credentials: the name or the password is wrong
}

// A user who registers, and logs in.
func ExampleHash() {
	hash, err := passwords.Hash("correct horse battery staple")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(hash[:30])
	fmt.Println(passwords.Verify(hash, "correct horse battery staple"))
	fmt.Println(passwords.Verify(hash, "correct horse"))
	// Output:
	// $argon2id$v=19$m=19456,t=2,p=1
	// true <nil>
	// false <nil>
}

// A table as Ktor's sample has it, with a salt of the length of each password.
func ExampleNewDigestTable() {
	digester := passwords.Digest(sha256.New, func(password string) string { return "ktor" + strconv.Itoa(len(password)) })
	users, err := passwords.NewDigestTable(digester, map[string][]byte{
		"jetbrains": digester("foobar"),
		"admin":     digester("password"),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(users.Authenticate(context.Background(), "admin", "password"))
	// Output: <nil>
}
