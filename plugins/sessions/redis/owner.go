package sessionsredis

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/chitor-go/chitor/plugins/sessions"
)

// A session that has an owner is in the owner's list whenever it is there: it is
// listed before it is saved, and leaves the list after it was deleted. The list
// may have others as well, which have expired, were never saved or have changed
// hands; they leave it when their time is over. The two are in different places
// of a cluster, so that no script can have both.

// list returns the key of an owner's list.
func (s *Storage) list(owner string) string { return s.config.Prefix + "owner:" + owner }

// listing runs a script that changes a session, and lists the session first for
// the owner that the script returns. It begins with firstFor, unless that is
// empty.
func (s *Storage) listing(
	ctx context.Context, key string, life int64, firstFor string,
	change func(ctx context.Context, listedFor string) (any, error),
) error {
	_, err := within(ctx, s.config.Timeout, func(ctx context.Context) (any, error) {
		owner := firstFor
		for {
			if owner != "" && life > 0 {
				if _, err := s.run(ctx, s.scripts.list, s.list(owner), key, life); err != nil {
					return nil, err
				}
			}
			reply, err := change(ctx, owner)
			if err != nil {
				return nil, err
			}
			switch reply := reply.(type) {
			case string: // another call has given it another owner meanwhile
				owner = reply
			case int64:
				if reply == 0 {
					return nil, sessions.ErrNoSession
				}
				return nil, nil
			default:
				return nil, fmt.Errorf("read the reply: %T says nothing", reply)
			}
		}
	})
	return err
}

// batch is how many sessions of an owner are deleted at once, about.
const batch = 500

// DeleteOwner forgets all sessions of an owner: see [sessions.OwnerStorage]. It
// takes some round trips for each 500 of them, each of which ends within
// Config.Timeout.
func (s *Storage) DeleteOwner(ctx context.Context, owner string) error {
	for cursor := uint64(0); ; {
		next, err := within(ctx, s.config.Timeout, func(ctx context.Context) (uint64, error) {
			return s.deleteBatch(ctx, owner, cursor)
		})
		if err != nil {
			return fmt.Errorf("delete an owner's sessions in redis: %w", err)
		}
		if next == 0 {
			return nil
		}
		cursor = next
	}
}

// deleteBatch deletes some sessions of an owner, and returns the cursor of the
// next ones, 0 if there are none. Those that it does not find stay in the list: a
// call that has listed one may be about to save it.
func (s *Storage) deleteBatch(ctx context.Context, owner string, cursor uint64) (next uint64, err error) {
	found, next, err := s.client.ZScan(ctx, s.list(owner), cursor, "", batch).Result()
	if err != nil || len(found) == 0 {
		return next, err
	}
	var keys []string // a member is followed by its score
	for i := 0; i < len(found); i += 2 {
		keys = append(keys, found[i])
	}
	replies, err := s.client.Pipelined(ctx, func(p redis.Pipeliner) error {
		for _, key := range keys {
			p.Eval(ctx, s.scripts.drop.source, []string{s.config.Prefix + key}, owner)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	var gone []any
	for i, reply := range replies {
		if had, err := reply.(*redis.Cmd).Text(); err == nil && had == owner {
			gone = append(gone, keys[i])
		}
	}
	if len(gone) == 0 {
		return next, nil
	}
	return next, s.client.ZRem(ctx, s.list(owner), gone...).Err()
}
