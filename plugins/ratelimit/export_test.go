package ratelimit

import "github.com/chitor-go/chitor/app"

// Keys returns how many buckets the limit of that name has in memory.
func Keys(a *app.Application, name string) int {
	memory := memoryOf(a, name)
	memory.mu.Lock()
	defer memory.mu.Unlock()
	return len(memory.buckets)
}

// Has reports whether a key has a bucket of its own.
func Has(a *app.Application, name, key string) bool {
	memory := memoryOf(a, name)
	memory.mu.Lock()
	defer memory.mu.Unlock()
	return memory.buckets[key] != nil
}

func memoryOf(a *app.Application, name string) *memory {
	limiters, _ := limitersKey.Get(a)
	return limiters[name].memory
}
