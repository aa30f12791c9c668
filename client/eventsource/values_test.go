package eventsource_test

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/chitor-go/chitor/client/eventsource"
	"github.com/chitor-go/chitor/plugins/sse"
)

// A chunk is a piece of an answer.
type chunk struct{ Word string }

// words returns the words of a stream, and what has ended it.
func words(stream *eventsource.Stream) (all []string, failure error) {
	for value, err := range eventsource.Values[chunk](stream.Events()) {
		if err != nil {
			failure = err
			continue
		}
		all = append(all, value.Word)
	}
	return all, failure
}

// Events without data, which a proxy or an MCP server sends, are none of the
// answer, nor are comments as data, and [DONE] is no JSON:
// openai/openai-python#2722, modelcontextprotocol/go-sdk#768,
// modelcontextprotocol/typescript-sdk#1184, anomalyco/opencode#50871.
func TestValues(t *testing.T) {
	const a, b = "data: {\"word\":\"a\"}\n\n", "event: delta\ndata: {\"word\":\ndata: \"b\"}\n\n"
	for name, test := range map[string]struct {
		body    string
		want    []string
		failure string
	}{
		"whole":             {a + b + "data: [DONE]\n\n", []string{"a", "b"}, ""},
		"cut":               {a + b, []string{"a", "b"}, "read event stream: it has ended before its last event: unexpected EOF"},
		"an error's event":  {a + "data: {\"error\":{}}\n\ndata: [DONE]\n\n", []string{"a", ""}, ""},
		"comments":          {": OPENROUTER PROCESSING\n\n" + a + ":\n\ndata: [DONE]\n\n", []string{"a"}, ""},
		"empty data":        {"id: 1\ndata:\n\n" + a + "retry: 5000\ndata: \n\ndata\ndata\n\ndata: [DONE]\n\n", []string{"a"}, ""},
		"no data":           {"id: 1\nretry: 5000\n\n" + a + "data: [DONE]\n\n", []string{"a"}, ""},
		"another type":      {a + "data: [1]\n\n" + b, []string{"a"}, "decode event: json: cannot unmarshal array into Go value of type eventsource_test.chunk"},
		"no blank line":     {"data: {\"word\":\"a\"}\n" + a, nil, "decode event: invalid character '{' after top-level value"},
		"half":              {a + "data: {\"word\":\"\n\n" + b, []string{"a"}, "decode event: unexpected end of JSON input"},
		"comments as data":  {"data: : keepalive\n\n" + a + "data: [DONE]\n\n", []string{"a"}, ""},
		"nothing but [DON]": {"data: [DON]\n\n", nil, "decode event: invalid character 'D' looking for beginning of value"},
	} {
		t.Run(name, func(t *testing.T) {
			overEach(t, func(t *testing.T, protocol string) {
				h := start(t, protocol, answers(test.body))
				got, err := words(eventsource.New(post(t, strings.NewReader("x")), h.use, untilDone, withComments))
				assert.Equal(t, test.want, got)
				if test.failure == "" {
					assert.NoError(t, err)
				} else {
					assert.EqualError(t, err, test.failure)
				}
			})
		})
	}
}

func TestValuesOfAnyEvents(t *testing.T) {
	reader := sse.NewReader(strings.NewReader("data: 1\n\ndata: null\n\ndata: 3\n\n"))
	var got []int
	for value, err := range eventsource.Values[int](reader.All()) {
		assert.NoError(t, err)
		if value == 3 {
			break
		}
		got = append(got, value)
	}
	assert.Equal(t, []int{1, 0}, got)

	reader = sse.NewReader(io.MultiReader(strings.NewReader("data: \"1\"\n\n"), &failing{}))
	var failure error
	for value, err := range eventsource.Values[int](reader.All()) {
		failure = err
		assert.Zero(t, value)
	}
	var wrong *json.UnmarshalTypeError
	assert.ErrorAs(t, failure, &wrong)
}

// failing is a body that breaks off.
type failing struct{}

func (*failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
