// Package fakemodel is a server of a model without the model. It speaks the form
// of OpenAI's chat completions, as many servers do, and takes its time as they do:
// it thinks, and then its words come one after the other. What it says is made of
// the question, so that it can be tested.
//
// It has five models:
//
//	fake          answers
//	fake-busy     refuses at once, with 429
//	fake-late     thinks, and refuses then
//	fake-failing  begins its answer, and then reports an error in the stream
//	fake-broken   begins its answer, and then the connection breaks
package fakemodel

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Config configures [New].
type Config struct {
	// Key is what callers have to send in Authorization, behind Bearer. Empty asks
	// for none.
	Key string
	// Thinking is the time before the first word, and Pace that between two. 0 is
	// none.
	Thinking, Pace time.Duration
	// Ended is called when an answer ends, with the number of words that were sent
	// and, if it is not whole, the reason: context.Canceled if the caller has gone.
	// It is called for concurrent answers at once. Nil is not called.
	Ended func(words int, err error)
}

// New returns the server: POST /v1/chat/completions and GET /v1/models.
func New(config Config) http.Handler {
	s := &server{config}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/models", s.models)
	mux.HandleFunc("POST /v1/chat/completions", s.complete)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		expected, given := "Bearer "+config.Key, r.Header.Get("Authorization")
		if config.Key != "" && subtle.ConstantTimeCompare([]byte(given), []byte(expected)) != 1 {
			// Like some servers it repeats what it was given.
			refuse(w, http.StatusUnauthorized, "invalid_request_error", "invalid_api_key", "incorrect API key provided: "+given)
			return
		}
		w.Header().Set("X-Ratelimit-Remaining-Requests", "99") // what the owner of the key has left
		mux.ServeHTTP(w, r)
	})
}

// Listen serves the server on a free port of this machine, and returns its base URL
// and what stops it.
func Listen(ctx context.Context, config Config) (base string, stop func() error, err error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen for the fake model: %w", err)
	}
	server := &http.Server{Handler: New(config), ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	stop = func() error {
		err := server.Close()
		if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	}
	return "http://" + listener.Addr().String() + "/v1", stop, nil
}

// A server has nothing that changes.
type server struct{ config Config }

func (s *server) models(w http.ResponseWriter, _ *http.Request) {
	type model struct {
		ID     string `json:"id"`
		Object string `json:"object"`
	}
	list := struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{Object: "list"}
	for _, name := range [...]string{"fake", "fake-busy", "fake-late", "fake-failing", "fake-broken"} {
		list.Data = append(list.Data, model{name, "model"})
	}
	respond(w, http.StatusOK, list)
}

// complete answers a question. The server of net/http ends the request's context
// when the caller goes away.
func (s *server) complete(w http.ResponseWriter, r *http.Request) {
	var asked request
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8<<20)).Decode(&asked); err != nil {
		refuse(w, http.StatusBadRequest, "invalid_request_error", "", "the body is no JSON of a chat completion")
		return
	}
	switch asked.Model {
	case "fake", "fake-busy", "fake-late", "fake-failing", "fake-broken":
	default:
		refuse(w, http.StatusNotFound, "invalid_request_error", "model_not_found", "there is no such model")
		return
	}
	if asked.Model == "fake-busy" {
		refuseBusy(w)
		return
	}
	sent, err := 0, pause(r.Context(), s.config.Thinking)
	if err == nil && asked.Model == "fake-late" {
		refuseBusy(w)
		return
	}
	if err == nil {
		sent, err = s.answer(w, r, &asked)
	}
	if s.config.Ended != nil {
		s.config.Ended(sent, err)
	}
	if errors.Is(err, errBroken) {
		// This is how net/http is asked to break a connection.
		panic(http.ErrAbortHandler)
	}
}

// pause waits, and returns an error when the caller goes away meanwhile.
func pause(ctx context.Context, duration time.Duration) error {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func refuseBusy(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "7")
	refuse(w, http.StatusTooManyRequests, "requests", "rate_limit_exceeded", "the model has too much to do")
}

// refuse answers with an error in OpenAI's form.
func refuse(w http.ResponseWriter, status int, kind, code, message string) {
	respond(w, status, failure{errorBody{message, kind, code}})
}

func respond(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a caller that has gone hears nothing
}
