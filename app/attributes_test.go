package app_test

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// withOwners runs test with each kind of owner that can hold attributes.
func withOwners(t *testing.T, test func(t *testing.T, owner app.Attributed)) {
	t.Helper()
	t.Run("application", func(t *testing.T) { t.Parallel(); test(t, app.New()) })
	t.Run("scope", func(t *testing.T) { t.Parallel(); test(t, app.NewScope(app.New(), "/")) })
	t.Run("call", func(t *testing.T) {
		t.Parallel()
		served := false
		a := start(t, answering(func(c *app.Call) error {
			served = true
			test(t, c)
			return c.RespondText("done")
		}))
		get(t, a, "/")
		require.True(t, served)
	})
}

func TestAttributesAreFoundByKeyNotByName(t *testing.T) {
	t.Parallel()
	withOwners(t, func(t *testing.T, owner app.Attributed) {
		value, ok := countKey.Get(owner)
		assert.False(t, ok)
		assert.Zero(t, value)
		countKey.Delete(owner) // nothing to delete

		countKey.Set(owner, 1)
		nameKey.Set(owner, "Jet")
		otherKey.Set(owner, 2)
		requireHeld(t, owner, countKey, 1)
		requireHeld(t, owner, otherKey, 2) // the same name and type, another key
		requireHeld(t, owner, nameKey, "Jet")

		countKey.Set(owner, 3) // the oldest entry is replaced
		nameKey.Set(owner, "Brains")
		requireHeld(t, owner, countKey, 3)
		requireHeld(t, owner, otherKey, 2)
		requireHeld(t, owner, nameKey, "Brains")

		otherKey.Delete(owner)
		_, ok = otherKey.Get(owner)
		assert.False(t, ok)
		requireHeld(t, owner, countKey, 3)
		requireHeld(t, owner, nameKey, "Brains")

		reportKey.Set(owner, nil) // a zero value is a value
		interfaceKey.Set(owner, nil)
		requireHeld(t, owner, reportKey, nil)
		requireHeld(t, owner, interfaceKey, nil)
	})
}

func TestAttributesBelongToOneOwner(t *testing.T) {
	t.Parallel()
	a := app.New()
	scope := app.NewScope(a, "/")
	countKey.Set(a, 1)
	_, ok := countKey.Get(scope)
	assert.False(t, ok, "a scope does not look into the scopes around it")
	_, ok = countKey.Get(app.New())
	assert.False(t, ok)
}

func TestKeyPrintsItsName(t *testing.T) {
	t.Parallel()
	assert.Equal(t, "count", countKey.String())
}

func TestAttributesAreSetConcurrently(t *testing.T) {
	t.Parallel()
	withOwners(t, func(t *testing.T, owner app.Attributed) {
		var keys [8]*app.Key[int]
		var setting sync.WaitGroup
		for i := range keys {
			keys[i] = app.NewKey[int]("")
			setting.Go(func() {
				for n := range 200 {
					keys[i].Set(owner, n)
					nameKey.Set(owner, "shared")
					got, ok := keys[i].Get(owner)
					assert.True(t, ok)
					assert.Equal(t, n, got)
				}
				countKey.Set(owner, i)
				countKey.Delete(owner)
			})
		}
		setting.Wait()
		for _, key := range keys {
			requireHeld(t, owner, key, 199)
		}
		requireHeld(t, owner, nameKey, "shared")
		_, ok := countKey.Get(owner)
		assert.False(t, ok, "each of its setters has deleted it last")
	})
}

// Whoever asks first decides, and all others get the same.
func TestGetOrSetKeepsTheFirst(t *testing.T) {
	t.Parallel()
	withOwners(t, func(t *testing.T, owner app.Attributed) {
		key, other := app.NewKey[int]("first"), app.NewKey[int]("other")
		got := make([]int, 8)
		var setting sync.WaitGroup
		for i := range got {
			setting.Go(func() {
				other.Set(owner, i)
				got[i] = key.GetOrSet(owner, i)
				other.Delete(owner)
			})
		}
		setting.Wait()
		held, ok := key.Get(owner)
		assert.True(t, ok)
		for _, each := range got {
			assert.Equal(t, held, each)
		}
		assert.Equal(t, held, key.GetOrSet(owner, 99))
	})
}

func TestAttributesAllocateOncePerSet(t *testing.T) {
	a := app.New()
	keys := []*app.Key[int]{countKey, otherKey, app.NewKey[int]("third")}
	allocated := testing.AllocsPerRun(100, func() {
		for _, key := range keys {
			key.Delete(a)
		}
	})
	assert.Zero(t, allocated, "deleting what is not there")
	scopes := make([]app.Scope, 101) // AllocsPerRun calls once more, to warm up
	for i := range scopes {
		scopes[i] = app.NewScope(a, "/")
	}
	next := 0
	allocated = testing.AllocsPerRun(len(scopes)-1, func() {
		for i, key := range keys {
			key.Set(scopes[next], i)
		}
		next++
	})
	assert.InDelta(t, float64(len(keys)), allocated, 0, "one for each Set")
	assert.Zero(t, testing.AllocsPerRun(100, func() { countKey.Get(scopes[0]) }))
}
