// Package models holds no code but its tests: OpenAI's client for Go, in front of
// examples/llm-proxy. It has to find the answer among the comments that keep the
// stream alive, and errors wherever they come.
//
// It is a module of its own, so that nobody else depends on that client.
package models
