package contentnegotiation_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
	"github.com/chitor-go/chitor/plugins/contentnegotiation"
)

// An Order has a field of each kind that JSON knows.
type Order struct {
	Customer struct{ Age uint8 }
	Items    []struct {
		Price float64 `json:"price"`
	}
	Tags   map[string]int
	Paid   *bool
	Photo  []byte
	Pair   [2]int
	Until  time.Time
	Secret Secret
	Strict Strict
}

// A Secret says more than a client is told.
type Secret struct{}

func (*Secret) UnmarshalJSON([]byte) error { return errors.New("no such table: secrets") }

// Strict has an answer of its own.
type Strict struct{}

func (*Strict) UnmarshalJSON(text []byte) error {
	var number int
	return errors.Join(app.NewError(http.StatusConflict, "taken"), json.Unmarshal(text, &number))
}

// TestBadRequestNamesTheField: what a client is told of a body that cannot be
// read is about the body, and nothing of how it is read.
func TestBadRequestNamesTheField(t *testing.T) {
	strict := func(j *contentnegotiation.JSONConfig) { j.DisallowUnknownFields = true }
	long := strings.Repeat("9", 1000)
	tests := map[string]struct {
		configure func(*contentnegotiation.JSONConfig)
		body      string
		want      string // after the common beginning
	}{
		"syntax":                    {compact, `{"Paid": yes}`, ": invalid character 'y' looking for beginning of value, at byte 10"},
		"the end is missing":        {compact, `{"Paid": true`, ": unexpected end of JSON input, at byte 13"},
		"the end, strictly":         {strict, `{"Paid": true`, ": unexpected end of JSON input"},
		"nothing, strictly":         {strict, ``, ": unexpected end of JSON input"},
		"the whole":                 {compact, `[]`, ": an array, where an object is expected, at byte 1"},
		"deep down":                 {compact, `{"Customer":{"Age":"old"}}`, ": field Customer.Age: a string, where a whole number is expected, at byte 24"},
		"in an array":               {compact, `{"Items":[{"price":"1"}]}`, ": field Items.price: a string, where a number is expected, at byte 22"},
		"in an object":              {compact, `{"Tags":{"a":true}}`, ": field Tags: a boolean, where a whole number is expected, at byte 17"},
		"out of range":              {compact, `{"Customer":{"Age":300}}`, ": field Customer.Age: number 300 is out of range, at byte 22"},
		"a fraction":                {compact, `{"Customer":{"Age":1.5}}`, ": field Customer.Age: number 1.5, where a whole number is expected, at byte 22"},
		"many digits":               {compact, `{"Customer":{"Age":` + long + `}}`, ": field Customer.Age: number " + long[:93] + "… is out of range, at byte 1019"},
		"an optional boolean":       {compact, `{"Paid":1}`, ": field Paid: a number, where a boolean is expected, at byte 9"},
		"bytes":                     {compact, `{"Photo":{}}`, ": field Photo: an object, where a string in Base64 is expected, at byte 10"},
		"an array":                  {compact, `{"Pair":""}`, ": field Pair: a string, where an array is expected, at byte 10"},
		"a field that is not known": {strict, `{"Colour":1}`, `: unknown field "Colour"`},
		"an endless field":          {strict, `{"` + long + `":1}`, `: unknown field "` + long[:99] + "…"},
		"a time":                    {compact, `{"Until":"tomorrow"}`, ""},
		"an unmarshaler's error":    {compact, `{"Secret":1}`, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			host := start(t, func(c *contentnegotiation.Config) { c.JSON(test.configure) }, echo[Order])
			response := host.Post("/", "application/json", strings.NewReader(test.body))
			assert.Equal(t, http.StatusBadRequest, response.StatusCode)
			assert.Equal(t, "the body cannot be read"+test.want, apptest.Text(t, response))
		})
	}
	t.Run("an unmarshaler's status", func(t *testing.T) {
		response := start(t, onlyJSON, echo[Order]).Post("/", "application/json", strings.NewReader(`{"Strict":""}`))
		assert.Equal(t, http.StatusConflict, response.StatusCode)
		assert.Equal(t, "taken", apptest.Text(t, response))
	})
}
