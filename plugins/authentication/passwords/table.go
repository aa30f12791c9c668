package passwords

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"maps"
	"slices"

	"github.com/chitor-go/chitor/internal/mistakes"
	"github.com/chitor-go/chitor/plugins/authentication"
)

// ErrMismatch is what [Table.Authenticate] returns for a name that nobody has and
// for a wrong password alike. It wraps [authentication.ErrInvalidCredentials], so
// that a scheme may return it as it is.
var ErrMismatch = fmt.Errorf("%w: the name or the password is wrong", authentication.ErrInvalidCredentials)

// A Lookup finds the hash of a user's password, in a database for instance. It
// reports false for a name that nobody has. An error is a failure, and no refusal.
// It is called from several goroutines, before one waits for its turn.
type Lookup func(ctx context.Context, name string) (hash string, found bool, err error)

// A Table knows the hashes of users' passwords by name. It does not change, and is
// safe for concurrent use.
//
// Ktor: UserHashedTableAuth.
type Table struct {
	// find returns nil for a name that nobody has.
	find func(ctx context.Context, name string) (stored, error)
	// One of the decoys stands for such a name, which one is by seed.
	decoys []stored
	seed   maphash.Seed
	turns  chan struct{} // of those that verify or hash now
	// verified is called for every hash that is verified. Nil outside of tests.
	verified func(stored)
}

// NewTable returns a table of hashes by name, which it copies: those of [Hash], and
// the other kinds of the package. The error names every user whose hash is none.
func NewTable(hashes map[string]string, configure ...func(*Config)) (*Table, error) {
	users := make(map[string]stored, len(hashes))
	var wrong []error
	for _, name := range slices.Sorted(maps.Keys(hashes)) {
		one, err := parse(hashes[name])
		if err != nil {
			wrong = append(wrong, fmt.Errorf("user %q: %w", name, err))
		}
		users[name] = one
	}
	return newTable(users, usualDecoy(), wrong, configure)
}

// NewLookupTable returns a table whose hashes lie elsewhere. It cannot know which
// kind they are, so a name that nobody has costs what [Config.Decoy] does. How long
// find takes is its own matter: let it take as long for every name.
func NewLookupTable(find Lookup, configure ...func(*Config)) (*Table, error) {
	var wrong []error
	if find == nil {
		wrong = append(wrong, errors.New("the function that finds the hash of a user is nil"))
	}
	t, err := newTable(nil, usualDecoy(), wrong, configure)
	if err != nil {
		return nil, err
	}
	t.find = func(ctx context.Context, name string) (stored, error) {
		hash, found, err := find(ctx, name)
		if err != nil || !found {
			return nil, err
		}
		return parse(hash)
	}
	return t, nil
}

// newTable returns a table of what is stored of users, or all mistakes. The decoy
// is for a table without any.
func newTable(users map[string]stored, decoy stored, wrong mistakes.List, configure []func(*Config)) (*Table, error) {
	config := defaultConfig()
	wrong.Add(mistakes.Configure(&config, configure))
	wrong.Add(config.check())
	if config.Decoy != "" {
		one, err := parse(config.Decoy)
		if err != nil {
			wrong.Add(fmt.Errorf("the decoy: %w", err))
		}
		decoy = one
	}
	if err := wrong.Err(); err != nil {
		return nil, fmt.Errorf("table of passwords: %w", err)
	}
	t := &Table{
		find:   func(_ context.Context, name string) (stored, error) { return users[name], nil },
		decoys: slices.Collect(maps.Values(users)),
		seed:   maphash.MakeSeed(),
		turns:  make(chan struct{}, config.MaxConcurrent),
	}
	if len(t.decoys) == 0 || config.Decoy != "" {
		t.decoys = []stored{decoy}
	}
	return t, nil
}

// Authenticate returns nil if a user has that name and that password, and
// [ErrMismatch] if not; which of the two is wrong shows in nothing. Any other error
// is a failure: of the lookup, of a hash that it has found, or of the context,
// which has ended while the call waited for its turn.
//
// Ktor: authenticate.
func (t *Table) Authenticate(ctx context.Context, name, password string) error {
	user, err := t.find(ctx, name)
	if err != nil {
		return fmt.Errorf("find a user's password: %w", err)
	}
	known := user != nil
	if !known {
		user = t.decoys[maphash.String(t.seed, name)%uint64(len(t.decoys))]
	}
	if err := t.enter(ctx); err != nil {
		return fmt.Errorf("verify a password: %w", err)
	}
	defer t.leave()
	if t.verified != nil {
		t.verified(user)
	}
	if matches := user.matches(password); !matches || !known {
		return ErrMismatch
	}
	return nil
}

// Hash does what the function of that name does, as one of those that the table
// makes at once.
func (t *Table) Hash(ctx context.Context, password string) (string, error) {
	if err := t.enter(ctx); err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer t.leave()
	return Hash(password)
}

// enter waits until there is room for one more hash.
func (t *Table) enter(ctx context.Context) error {
	select {
	case t.turns <- struct{}{}:
		return nil
	default:
	}
	select {
	case t.turns <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%d are under way, as many as there may be: %w", cap(t.turns), context.Cause(ctx))
	}
}

func (t *Table) leave() { <-t.turns }
