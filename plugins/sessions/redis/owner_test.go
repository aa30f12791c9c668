package sessionsredis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	sessionsredis "github.com/chitor-go/chitor/plugins/sessions/redis"
	"github.com/chitor-go/chitor/plugins/sessions/storagetest"
)

// listed returns what is in the list of an owner.
func (s *server) listed(t testing.TB, owner string) []string {
	t.Helper()
	members, err := s.admin.ZRange(t.Context(), prefix+"owner:"+storagetest.Key(owner), 0, -1).Result()
	require.NoError(t, err)
	return members
}

// All sessions of an owner end, however many there are, and nothing is left.
func TestOwnerOfManySessions(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	const many = 2500
	for i := range many {
		save(t, storage, fmt.Sprint(i), "x", "owner")
	}
	save(t, storage, "other", "y", "another")
	assert.Len(t, server.listed(t, "owner"), many)
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("owner")))
	assert.Empty(t, server.listed(t, "owner"))
	assert.EqualValues(t, 2, server.admin.DBSize(t.Context()).Val(), "the other session, and its list")
	requireData(t, storage, "other", "y")
}

// What is deleted leaves the list, and the list is gone with the last one.
func TestDeletedSessionsLeaveTheList(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	save(t, storage, "a", "x", "owner")
	save(t, storage, "b", "x", "owner")
	require.NoError(t, storage.Delete(t.Context(), storagetest.Key("a")))
	assert.Equal(t, []string{storagetest.Key("b")}, server.listed(t, "owner"))
	require.NoError(t, storage.Delete(t.Context(), storagetest.Key("b")))
	assert.Zero(t, server.admin.DBSize(t.Context()).Val())
}

// A list expires after all that is in it, and forgets what has expired.
func TestListsExpire(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key, list := storagetest.Key("a"), prefix+"owner:"+storagetest.Key("owner")
	life := func() time.Duration { return server.admin.PTTL(t.Context(), list).Val() }

	save(t, storage, "a", "x", "owner")
	assert.InDelta(t, 2*time.Hour+time.Minute, life(), float64(30*time.Second))
	require.NoError(t, storage.Touch(t.Context(), key, time.Now().Add(10*time.Hour)))
	assert.InDelta(t, 20*time.Hour+time.Minute, life(), float64(30*time.Second))
	require.NoError(t, storage.Update(t.Context(), key, record("y", "owner", 100*time.Hour)))
	assert.InDelta(t, 200*time.Hour+time.Minute, life(), float64(30*time.Second))
	require.NoError(t, storage.Update(t.Context(), key, record("y", "owner", time.Hour)))
	save(t, storage, "b", "x", "owner")
	assert.InDelta(t, 200*time.Hour+time.Minute, life(), float64(30*time.Second), "none of them is shortened")
	score := server.admin.ZScore(t.Context(), list, key).Val()
	require.NoError(t, storage.Save(t.Context(), key, record("again", "owner", time.Hour)))
	assert.InDelta(t, score, server.admin.ZScore(t.Context(), list, key).Val(), 1)

	require.NoError(t, server.admin.ZAdd(t.Context(), list, redis.Z{Score: float64(time.Now().UnixMilli() - 1), Member: "expired"}).Err())
	save(t, storage, "c", "x", "owner")
	assert.ElementsMatch(t, []string{key, storagetest.Key("b"), storagetest.Key("c")}, server.listed(t, "owner"))
}

// What is listed for long enough is not listed again: one round trip will do.
func TestSessionsAreListedRarely(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key := storagetest.Key("a")
	save(t, storage, "a", "x", "owner")
	// Without the list, it is seen whether somebody lists it.
	require.NoError(t, server.admin.Del(t.Context(), prefix+"owner:"+storagetest.Key("owner")).Err())
	for range 3 {
		require.NoError(t, storage.Touch(t.Context(), key, time.Now().Add(100*time.Minute)))
		require.NoError(t, storage.Update(t.Context(), key, record("y", "owner", 100*time.Minute)))
	}
	assert.Empty(t, server.listed(t, "owner"))
	require.NoError(t, storage.Touch(t.Context(), key, time.Now().Add(3*time.Hour)))
	assert.Equal(t, []string{key}, server.listed(t, "owner"))
}

// Another owner's session is left alone, though it is still listed.
func TestSessionThatHasChangedHands(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	save(t, storage, "a", "x", "owner")
	require.NoError(t, storage.Update(t.Context(), storagetest.Key("a"), record("y", "another", time.Hour)))
	assert.Equal(t, []string{storagetest.Key("a")}, server.listed(t, "owner"))
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("owner")))
	requireData(t, storage, "a", "y")
	assert.Equal(t, []string{storagetest.Key("a")}, server.listed(t, "owner"), "a call may be about to give it back")
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("another")))
	requireNone(t, storage, "a")
}

// refusing fails every command that names a key.
type refusing struct{ key string }

func (r refusing) DialHook(next redis.DialHook) redis.DialHook { return next }

func (r refusing) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

func (r refusing) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, command redis.Cmder) error {
		if slices.Contains(command.Args(), any(r.key)) {
			command.SetErr(errRefused)
			return errRefused
		}
		return next(ctx, command)
	}
}

var errRefused = errors.New("refused")

// A session is listed before it is there, and as long as it may be: a call that
// ends between the two leaves none behind that its owner cannot end.
func TestSessionsAreListedFirst(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	key := storagetest.Key("a")
	client := redis.NewClient(&redis.Options{Network: "unix", Addr: server.Socket(), ContextTimeoutEnabled: true})
	defer client.Close()
	client.AddHook(refusing{key: prefix + key})
	failing, err := sessionsredis.New(client)
	require.NoError(t, err)
	require.ErrorIs(t, failing.Save(t.Context(), key, record("x", "owner", time.Hour)), errRefused)
	assert.Equal(t, []string{key}, server.listed(t, "owner"))
	storage := server.node(t)
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("owner")))
	assert.Equal(t, []string{key}, server.listed(t, "owner"), "it may still come")
	save(t, storage, "a", "x", "owner")
	require.ErrorIs(t, failing.Delete(t.Context(), key), errRefused)
	assert.Equal(t, []string{key}, server.listed(t, "owner"))
}

// A list that fails keeps a session from being saved, and no session that is
// there from being deleted.
func TestListThatFails(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	storage := server.node(t)
	key := storagetest.Key("a")
	save(t, storage, "a", "x", "")
	list := prefix + "owner:" + storagetest.Key("owner")
	require.NoError(t, server.admin.Set(t.Context(), list, "a text", 0).Err())
	require.ErrorContains(t, storage.Save(t.Context(), storagetest.Key("b"), record("x", "owner", time.Hour)), "save in redis: ")
	requireNone(t, storage, "b")
	require.ErrorContains(t, storage.Update(t.Context(), key, record("y", "owner", time.Hour)), "update in redis: ")
	requireData(t, storage, "a", "x")
	require.ErrorContains(t, storage.DeleteOwner(t.Context(), storagetest.Key("owner")), "delete an owner's sessions in redis: ")

	save(t, storage, "c", "x", "another")
	require.NoError(t, server.admin.Rename(t.Context(), list, prefix+"owner:"+storagetest.Key("another")).Err())
	require.ErrorContains(t, storage.Touch(t.Context(), storagetest.Key("c"), time.Now().Add(9*time.Hour)), "touch in redis: ")
	loaded, err := storage.Load(t.Context(), storagetest.Key("c"))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now().Add(time.Hour), loaded.Expires, time.Minute)
	require.NoError(t, storage.Delete(t.Context(), storagetest.Key("c")))
	requireNone(t, storage, "c")
}

// Whatever happens at the same time, who ends all sessions of an owner when
// nobody makes any more ends all.
func TestNoSessionEscapesItsOwner(t *testing.T) {
	t.Parallel()
	server := startServer(t, "--appendonly", "no")
	owners := []string{"one", "two", ""}
	var all sync.WaitGroup
	for node := range 4 {
		storage := server.node(t)
		all.Go(func() {
			for round := range 200 {
				name, owner := fmt.Sprint(node, "-", round%7), owners[round%3]
				_ = storage.Save(t.Context(), storagetest.Key(name), record("x", owner, time.Hour))
				_ = storage.Touch(t.Context(), storagetest.Key(fmt.Sprint((node+1)%4, "-", round%7)), time.Now().Add(time.Duration(round)*time.Hour))
				_ = storage.Update(t.Context(), storagetest.Key(fmt.Sprint((node+2)%4, "-", round%7)), record("x", owners[(round+1)%3], time.Hour))
				if round%10 == 0 {
					assert.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key(owners[round/10%2])))
				}
			}
		})
	}
	all.Wait()
	storage := server.node(t)
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("one")))
	require.NoError(t, storage.DeleteOwner(t.Context(), storagetest.Key("two")))
	for node := range 4 {
		for i := range 7 {
			key := storagetest.Key(fmt.Sprint(node, "-", i))
			if loaded, err := storage.Load(t.Context(), key); err == nil {
				assert.Empty(t, loaded.Owner)
			}
		}
	}
}
