package contentnegotiation_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
	"github.com/chitor-go/chitor/plugins/requestbodylimit"
	"github.com/chitor-go/chitor/routing"
)

// MyEntity and ChildEntity are what Ktor's AbstractServerSerializationTest
// sends.
type MyEntity struct {
	ID       int           `json:"id"`
	Name     string        `json:"name"`
	Children []ChildEntity `json:"children"`
}

// ChildEntity is a part of MyEntity.
type ChildEntity struct {
	Item     string `json:"item"`
	Quantity int    `json:"quantity"`
}

var testEntities = []MyEntity{
	{111, "ൠ", []ChildEntity{{"item1", 1}, {"item2", 2}}},
	{222, "ൠ1", []ChildEntity{{"item3", 3}, {"item4", 5}}},
}

// serializing starts the application of Ktor's AbstractServerSerializationTest.
func serializing(t *testing.T, options ...apptest.Option) *apptest.Host {
	t.Helper()
	return apptest.Start(t, func(a *app.Application) {
		a.Install(with(onlyJSON))
		routing.Routes(a, func(r *routing.Route) {
			r.Get("/list", respond(testEntities))
			r.Get("/flow", respond(slices.Values(testEntities)))
			r.Get("/map", respond(map[string]any{"id": 1, "title": "Hello, World!", "unicode": "Т"}))
			r.Post("/map", func(c *app.Call) error {
				received, err := app.Receive[map[string]any](c)
				if err != nil {
					return err
				}
				var text []string
				for _, key := range slices.Sorted(maps.Keys(received)) {
					text = append(text, fmt.Sprintf("%s=%v", key, received[key]))
				}
				return c.Respond(strings.Join(text, ", "))
			})
			r.Get("/entity", respond(MyEntity{777, "Cargo", []ChildEntity{{"Qube", 1}, {"Sphere", 2}, {"Т", 3}}}))
			r.Post("/entity", echo[MyEntity])
			r.Post("/null", func(c *app.Call) error {
				received, err := app.Receive[*MyEntity](c)
				if err != nil {
					return err
				}
				if received == nil {
					return c.RespondText("OK")
				}
				return c.RespondText("something")
			})
		})
	}, options...)
}

// decode reads a JSON body as a T.
func decode[T any](t *testing.T, response *http.Response) T {
	t.Helper()
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	var value T
	require.NoError(t, json.Unmarshal([]byte(apptest.Text(t, response)), &value))
	return value
}

// The following tests are Ktor's AbstractServerSerializationTest, under its
// names.

func TestEntityNoAccept(t *testing.T) {
	assert.Equal(t, 777, decode[MyEntity](t, serializing(t).Get("/entity")).ID)
}

func TestEntityWithAccept(t *testing.T) {
	assert.Equal(t, 777, decode[MyEntity](t, serializing(t).Get("/entity", accept("application/json"))).ID)
}

func TestDumpWithMultipleAccept(t *testing.T) {
	response := serializing(t).Get("/entity", accept("application/json;q=1,text/plain;q=0.9"))
	assert.Equal(t, 777, decode[MyEntity](t, response).ID)
}

func TestListNoAcceptUTF8(t *testing.T) {
	assert.Equal(t, testEntities, decode[[]MyEntity](t, serializing(t).Get("/list")))
}

// Ktor responds in UTF-16 here. JSON is UTF-8: RFC 8259 section 8.1.
func TestListAcceptUTF16(t *testing.T) {
	assert.Equal(t, testEntities, decode[[]MyEntity](t, serializing(t).Get("/list", apptest.Header("Accept-Charset", "UTF-16"))))
}

func TestFlowNoAcceptUTF8(t *testing.T) {
	response := serializing(t).Get("/flow")
	assert.Equal(t, []string{"chunked"}, response.TransferEncoding)
	assert.Equal(t, testEntities, decode[[]MyEntity](t, response))
}

func TestMap(t *testing.T) {
	host := serializing(t)
	response := host.Get("/map", accept("application/json"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
	assert.JSONEq(t, `{"id":1,"title":"Hello, World!","unicode":"Т"}`, apptest.Text(t, response))

	response = host.Post("/map", "application/json", strings.NewReader(`{"id":1.5,"title":"Hello, World!","unicode":"Т"}`), accept("text/plain"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
	assert.Equal(t, "id=1.5, title=Hello, World!, unicode=Т", apptest.Text(t, response))
}

func TestPostEntity(t *testing.T) {
	body, err := json.Marshal(testEntities[0])
	require.NoError(t, err)
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		response := serializing(t, mode).Post("/entity", "application/json", strings.NewReader(string(body)))
		assert.Equal(t, testEntities[0], decode[MyEntity](t, response))
	})
}

func TestReceiveNullValue(t *testing.T) {
	response := serializing(t).Post("/null", "application/json", strings.NewReader("null"))
	assert.Equal(t, http.StatusOK, response.StatusCode)
	assert.Equal(t, "OK", apptest.Text(t, response))
}

// The following two are Ktor's ServerGsonTest, whose second one sends what only
// a lenient reader takes.

func TestGsonOnTextAny(t *testing.T) {
	type data struct {
		X int `json:"x"`
	}
	host := start(t, func(c *contentnegotiation.Config) {
		c.JSON()
		c.Register("text/*", contentnegotiation.JSON())
	}, func(c *app.Call) error {
		received, err := app.Receive[data](c)
		assert.Equal(t, data{777}, received)
		if err != nil {
			return err
		}
		return c.RespondText("OK")
	})
	for _, contentType := range []string{"text/plain", "application/json"} {
		response := host.Post("/", contentType, strings.NewReader(`{"x": 777}`))
		assert.Equal(t, http.StatusOK, response.StatusCode)
		assert.Equal(t, "OK", apptest.Text(t, response))
	}
}

func TestReceiveValuesMap(t *testing.T) {
	host := start(t, onlyJSON, func(c *app.Call) error {
		received, err := app.Receive[map[string]any](c)
		if err != nil {
			return err
		}
		assert.Equal(t, map[string]any{"hello": map[string]any{"ktor": "world"}}, received)
		return c.RespondText("OK")
	})
	assert.Equal(t, "OK", apptest.Text(t, host.Post("/", "application/json", strings.NewReader(`{ "hello": { "ktor" : "world" } }`))))
	assert.Equal(t, http.StatusBadRequest, host.Post("/", "application/json", strings.NewReader(`{ hello: { ktor : world } }`)).StatusCode)
}

// The following test is Ktor's JsonReceiveNullableWithBodyLimitTest.

func TestReceiveNullableWithEmptyBodyReturnsNull(t *testing.T) {
	tests := map[string]func(*app.Application){
		"without limit": func(*app.Application) {},
		"with limit": func(a *app.Application) {
			a.Install(requestbodylimit.Plugin.With(func(c *requestbodylimit.Config) {
				c.BodyLimit(func(*app.Call) int64 { return 1024 })
			}))
		},
	}
	for name, install := range tests {
		t.Run(name, func(t *testing.T) {
			host := apptest.Start(t, func(a *app.Application) {
				install(a)
				a.Install(with(onlyJSON))
				routing.Routes(a, func(r *routing.Route) {
					r.Post("/", func(c *app.Call) error {
						received := &MyEntity{}
						if err := c.Receive(&received); err != nil {
							return err
						}
						return c.RespondText(fmt.Sprint(received == nil))
					})
				})
			})
			for _, body := range []io.Reader{nil, strings.NewReader(""), io.MultiReader(strings.NewReader(""))} {
				assert.Equal(t, "true", apptest.Text(t, host.Post("/", "application/json", body)))
			}
			assert.Equal(t, "false", apptest.Text(t, host.Post("/", "application/json", strings.NewReader("{}"))))
		})
	}
}

// Ktor's JettySerializationIOExhaustionTest.
func TestConcurrentDeserialization(t *testing.T) {
	host := serializing(t)
	var clients sync.WaitGroup
	for i := range 50 {
		clients.Go(func() {
			body := fmt.Sprintf(`{"id":%d,"name":"value%d","children":null}`, i, i)
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, host.URL+"/entity", strings.NewReader(body))
			if !assert.NoError(t, err) {
				return
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := host.Client().Do(request)
			if !assert.NoError(t, err) {
				return
			}
			defer func() { assert.NoError(t, response.Body.Close()) }()
			text, err := io.ReadAll(response.Body)
			assert.NoError(t, err)
			assert.Equal(t, body, string(text))
		})
	}
	clients.Wait()
}

func TestJSONWrites(t *testing.T) {
	var none *MyEntity
	tests := map[string]struct {
		configure func(*contentnegotiation.JSONConfig)
		value     any
		want      string
	}{
		"compact":              {compact, ChildEntity{"a", 1}, `{"item":"a","quantity":1}`},
		"indented":             {func(j *contentnegotiation.JSONConfig) { j.Indent = "    " }, ChildEntity{"a", 1}, "{\n    \"item\": \"a\",\n    \"quantity\": 1\n}"},
		"HTML as it is":        {compact, "<a&b>", `"<a&b>"`},
		"HTML escaped":         {func(j *contentnegotiation.JSONConfig) { j.EscapeHTML = true }, "<a&b>", `"\u003ca\u0026b\u003e"`},
		"nil pointer":          {compact, none, "null"},
		"nil":                  {compact, nil, "null"},
		"sequence":             {compact, slices.Values([]int{1, 2, 3}), "[1,2,3]"},
		"empty sequence":       {compact, slices.Values([]int{}), "[]"},
		"sequence with errors": {compact, pairs(nil), `["first","second"]`},
		"sequence of nil":      {compact, slices.Values([]any{nil, none}), "[null,null]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, func(c *contentnegotiation.Config) {
				c.ClearIgnoredTypes()
				c.JSON(test.configure)
			}, respond(test.value))
			response := host.Get("/")
			assert.Equal(t, "application/json", response.Header.Get("Content-Type"))
			assert.Equal(t, test.want, apptest.Text(t, response))
		})
	}
}

// pairs yields two texts, and err with the second one.
func pairs(err error) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		_ = yield("first", nil) && yield("second", err)
	}
}

func TestJSONCannotWrite(t *testing.T) {
	var nilSequence iter.Seq[int]
	tests := map[string]any{
		"a channel":                make(chan int),
		"not a number":             math.NaN(),
		"a function":               func() {},
		"a sequence without error": func(func(string, int) bool) {},
		"a nil sequence":           nilSequence,
		"an element":               slices.Values([]any{make(chan int)}),
		"a sequence that fails":    iter.Seq2[string, error](func(yield func(string, error) bool) { yield("", errors.New("failed")) }),
	}
	for name, value := range tests {
		t.Run(name, func(t *testing.T) {
			response := start(t, onlyJSON, respond(value)).Get("/")
			assert.Equal(t, http.StatusInternalServerError, response.StatusCode)
			assert.Equal(t, "text/plain; charset=UTF-8", response.Header.Get("Content-Type"))
			assert.Equal(t, "Internal Server Error", apptest.Text(t, response))
		})
	}
}

func TestSequenceLeavesElementByElement(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		goOn := make(chan struct{})
		host := apptest.Start(t, func(a *app.Application) {
			a.Install(with(onlyJSON))
			routing.Routes(a, func(r *routing.Route) {
				r.Get("/", func(c *app.Call) error {
					return c.Respond(iter.Seq[int](func(yield func(int) bool) {
						for i := range 3 {
							if !yield(i) {
								return
							}
							<-goOn
						}
					}))
				})
			})
		}, mode)
		response := host.Get("/")
		for _, want := range []string{"[0", ",1", ",2", "]"} {
			part := make([]byte, len(want))
			_, err := io.ReadFull(response.Body, part)
			require.NoError(t, err)
			assert.Equal(t, want, string(part))
			if want != "]" {
				goOn <- struct{}{}
			}
		}
	})
}

func TestSequenceThatFailsIsCut(t *testing.T) {
	host := start(t, onlyJSON, respond(pairs(errors.New("failed"))))
	response := host.Get("/")
	assert.Equal(t, http.StatusOK, response.StatusCode)
	text, err := io.ReadAll(response.Body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	assert.Equal(t, `["first"`, string(text))
}

// Moment reads null by itself.
type Moment struct{ time.Time }

func TestJSONReads(t *testing.T) {
	type entity = ChildEntity
	receive := func(receive func(c *app.Call) (any, error)) app.Handler {
		return func(c *app.Call) error {
			value, err := receive(c)
			if err != nil {
				return err
			}
			return c.RespondText(fmt.Sprintf("%+v", value))
		}
	}
	one := receive(func(c *app.Call) (any, error) { return app.Receive[entity](c) })
	anything := receive(func(c *app.Call) (any, error) {
		value, err := app.Receive[any](c)
		return fmt.Sprintf("%T %v", value, value), err
	})
	list := receive(func(c *app.Call) (any, error) { return app.Receive[[]int](c) })
	number := receive(func(c *app.Call) (any, error) { return app.Receive[int](c) })
	moment := receive(func(c *app.Call) (any, error) {
		value, err := app.Receive[Moment](c)
		return value.IsZero(), err
	})
	strict := func(j *contentnegotiation.JSONConfig) { j.DisallowUnknownFields = true }
	numbers := func(j *contentnegotiation.JSONConfig) { j.UseNumber = true }
	tests := map[string]struct {
		configure func(*contentnegotiation.JSONConfig)
		handler   app.Handler
		body      string
		want      string // "400 " and what the answer says besides, or the value
	}{
		"object":                    {compact, one, `{"item":"a","quantity":1}`, "{Item:a Quantity:1}"},
		"white space around":        {compact, one, " \n{}\r\n ", "{Item: Quantity:0}"},
		"unknown field":             {compact, one, `{"more":1}`, "{Item: Quantity:0}"},
		"unknown field, disallowed": {strict, one, `{"more":1}`, `400 unknown field "more"`},
		"wrong type":                {compact, one, `{"quantity":"many"}`, "400 field quantity: a string, where a whole number is expected, at byte 18"},
		"broken":                    {compact, one, `{"item":`, "400 unexpected end of JSON input, at byte 8"},
		"empty":                     {compact, one, "", "400 unexpected end of JSON input, at byte 0"},
		"two values":                {compact, one, "{} {}", "400 invalid character '{' after top-level value, at byte 4"},
		"garbage behind":            {compact, one, "{}]", "400 invalid character ']' after top-level value, at byte 3"},
		"two values, strictly":      {strict, one, "{} {}", "400 something follows the value"},
		"garbage behind, strictly":  {strict, one, "{}]", "400 something follows the value"},
		"strictly":                  {strict, one, `{"item":"a"} `, "{Item:a Quantity:0}"},
		"null for a struct":         {compact, one, " null ", "400 null, where an object is expected"},
		"null for a number":         {compact, number, "null", "400 null, where a whole number is expected"},
		"null for a list":           {compact, list, "null", "[]"},
		"null for anything":         {compact, anything, "null", "<nil> <nil>"},
		"null for an unmarshaler":   {compact, moment, "null", "true"},
		"a number":                  {compact, anything, "12345678901234567890", "float64 1.2345678901234567e+19"},
		"a number with its digits":  {numbers, anything, "12345678901234567890", "json.Number 12345678901234567890"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, func(c *contentnegotiation.Config) { c.JSON(test.configure) }, test.handler)
			response := host.Post("/", "application/json", strings.NewReader(test.body))
			if what, refused := strings.CutPrefix(test.want, "400 "); refused {
				assert.Equal(t, http.StatusBadRequest, response.StatusCode)
				assert.Equal(t, "the body cannot be read: "+what, apptest.Text(t, response))
				return
			}
			assert.Equal(t, http.StatusOK, response.StatusCode)
			assert.Equal(t, test.want, apptest.Text(t, response))
		})
	}
}
