package app_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
)

// flat returns the properties of dotted paths and their values, in order.
//
// Ktor: MapApplicationConfig.
func flat(pairs ...any) app.Properties {
	var p app.Properties
	for i := 0; i < len(pairs); i += 2 {
		p = p.With(app.PropertiesAt(pairs[i].(string), pairs[i+1]))
	}
	return p
}

// texts returns what a list of properties holds as texts.
func texts(list []app.Properties, path string) (found []string) {
	for _, item := range list {
		text, _ := item.Text(path)
		found = append(found, text)
	}
	return found
}

// requireText asserts what a path is as text; "" is nothing.
func requireText(t *testing.T, p app.Properties, path, want string) {
	t.Helper()
	text, ok := p.Text(path)
	require.Equal(t, want, text, path)
	require.Equal(t, want != "", ok, path)
}

func users() app.Properties {
	return flat("auth.hashAlgorithm", "SHA-256", "auth.salt", "ktor", "auth.users.size", "1", "auth.users.0.name", "test",
		"auth.values.size", "2", "auth.values.0", "a", "auth.values.1", "b", "auth.listValues", []string{"a", "b", "c"})
}

// TestKtorMapApplicationConfigTest is Ktor's test of that name.
// MapApplicationConfigNestedPut differs: properties are not changed, but laid
// over.
func TestKtorMapApplicationConfigTest(t *testing.T) {
	t.Run("testMapApplicationConfig", func(t *testing.T) {
		p := users()
		auth := p.At("auth")
		requireText(t, auth, "salt", "ktor")
		require.Equal(t, []string{"test"}, texts(auth.List("users"), "name"))
		require.Equal(t, []string{"a", "b", "c"}, texts(auth.List("listValues"), ""))
		require.Equal(t, []string{"a", "b"}, texts(auth.List("values"), ""))
		requireText(t, auth, "missingProperty", "")
		requireText(t, auth, "hashAlgorithm", "SHA-256")
		requireText(t, p, "missingProperty", "")
		requireText(t, p, "auth.missingProperty", "")
		requireText(t, p, "auth.hashAlgorithm", "SHA-256")
		require.Len(t, p.List("auth.listValues"), 3)
	})
	t.Run("testMapApplicationConfigNestedPut", func(t *testing.T) {
		p := flat("auth.salt", "ktor", "auth.value1", "data1")
		requireText(t, p, "auth.salt", "ktor")
		requireText(t, p, "auth.value1", "data1")
		requireText(t, p.At("auth"), "value1", "data1")
	})
	t.Run("testKeysTopLevelMapConfig", func(t *testing.T) {
		p := users().With(flat("auth.data.value1", "1", "auth.data.value2", "2"))
		require.Equal(t, []string{
			"auth.data.value1", "auth.data.value2", "auth.hashAlgorithm", "auth.listValues", "auth.salt", "auth.users", "auth.values",
		}, p.Keys())
	})
	t.Run("testKeysNestedMapConfig", func(t *testing.T) {
		nested := flat("auth.nested.data.value1", "1", "auth.nested.data.value2", "2", "auth.nested.list.size", "2",
			"auth.nested.list.0", "a", "auth.nested.list.1", "b", "auth.data1.value1", "other value").At("auth.nested")
		require.Equal(t, []string{"data.value1", "data.value2", "list"}, nested.Keys())
		requireText(t, nested, "data.value1", "1")
		requireText(t, nested, "data.value2", "2")
		require.Equal(t, []string{"a", "b"}, texts(nested.List("list"), ""))
	})
	t.Run("testToMap", func(t *testing.T) {
		p := flat("hashAlgorithm", "SHA-256", "values", []string{"a", "b"}, "data.value1", "1", "data.value2", "2", "users.size", "2",
			"users.0.name", "test", "users.0.password", "asd", "users.1.name", "other", "users.1.password", "qwe", "nested.config.value", "a1")
		require.Equal(t, map[string]any{
			"hashAlgorithm": "SHA-256", "values": []any{"a", "b"}, "data": map[string]any{"value1": "1", "value2": "2"},
			"users":  []any{map[string]any{"name": "test", "password": "asd"}, map[string]any{"name": "other", "password": "qwe"}},
			"nested": map[string]any{"config": map[string]any{"value": "a1"}},
		}, p.Map())
	})
	t.Run("testGetAsFromRoot", func(t *testing.T) {
		type root struct {
			Host string
			Port int
		}
		found, err := app.Property[root](flat("host", "0.0.0.0", "port", "8080"), "")
		require.NoError(t, err)
		require.Equal(t, root{"0.0.0.0", 8080}, found)
	})
}

// simple is Ktor's SimpleConfig: a char is a text.
type simple struct {
	String  string  `property:",required"`
	Int     int     `property:",required"`
	Long    int64   `property:",required"`
	Float   float32 `property:",required"`
	Double  float64 `property:",required"`
	Boolean bool    `property:",required"`
	Char    string  `property:",required"`
	Byte    int8    `property:",required"`
	Short   int16   `property:",required"`
}

// simpleAt returns the properties of one below path.
func simpleAt(path, text string, number int) app.Properties {
	p := flat(path+".string", text, path+".boolean", "false", path+".char", "a")
	for _, name := range []string{"int", "long", "float", "double", "byte", "short"} {
		p = p.With(flat(path+"."+name, fmt.Sprint(number)))
	}
	return p
}

// count is Ktor's TestEnum.
type count int

func (c *count) UnmarshalText(text []byte) error {
	for i, name := range []string{"ONE", "TWO", "THREE"} {
		if string(text) == name {
			*c = count(i + 1)
			return nil
		}
	}
	return fmt.Errorf("there is no %s", text)
}

// TestKtorMapDecoderTest is Ktor's test of that name, of texts at flat paths.
func TestKtorMapDecoderTest(t *testing.T) {
	one, two := simple{"first", 1, 1, 1, 1, false, "a", 1, 1}, simple{"second", 2, 2, 2, 2, false, "a", 2, 2}
	t.Run("testSimpleTypes", func(t *testing.T) {
		found, err := app.Property[simple](flat("string", "test", "int", "42", "long", "1234567890", "float", "3.14", "double", "3.14159",
			"boolean", "true", "char", "x", "byte", "127", "short", "32000"), "")
		require.NoError(t, err)
		require.Equal(t, simple{"test", 42, 1234567890, 3.14, 3.14159, true, "x", 127, 32000}, found)
	})
	t.Run("testLists", func(t *testing.T) {
		type lists struct {
			Strings []string
			Ints    []int
			Nested  []simple
		}
		p := flat("strings.size", "3", "strings.0", "one", "strings.1", "two", "strings.2", "three", "ints.size", "2", "ints.0", "1", "ints.1", "2", "nested.size", "2").
			With(simpleAt("nested.0", "first", 1)).With(simpleAt("nested.1", "second", 2))
		found, err := app.Property[lists](p, "")
		require.NoError(t, err)
		require.Equal(t, lists{[]string{"one", "two", "three"}, []int{1, 2}, []simple{one, two}}, found)
	})
	t.Run("testMaps", func(t *testing.T) {
		type maps struct {
			StringMap map[string]string
			IntMap    map[string]int
			ConfigMap map[string]simple
		}
		p := flat("stringMap.first", "one", "stringMap.second", "two", "intMap.first", "1", "intMap.second", "2").
			With(simpleAt("configMap.first", "first", 1)).With(simpleAt("configMap.second", "second", 2))
		found, err := app.Property[maps](p, "")
		require.NoError(t, err)
		require.Equal(t, maps{
			map[string]string{"first": "one", "second": "two"}, map[string]int{"first": 1, "second": 2}, map[string]simple{"first": one, "second": two},
		}, found)
	})
	t.Run("testEnums", func(t *testing.T) {
		type enums struct {
			Enum     count
			EnumList []count
			EnumMap  map[string]count
		}
		found, err := app.Property[enums](flat("enum", "TWO", "enumList.size", "3", "enumList.0", "ONE", "enumList.1", "TWO", "enumList.2", "THREE",
			"enumMap.first", "ONE", "enumMap.second", "TWO"), "")
		require.NoError(t, err)
		require.Equal(t, enums{2, []count{1, 2, 3}, map[string]count{"first": 1, "second": 2}}, found)
	})
	t.Run("testMissingValue", func(t *testing.T) {
		var found simple
		require.ErrorContains(t, app.Properties{}.Decode("", &found), "string: it is required, and missing\nint: it is required, and missing\n")
	})
	t.Run("testInvalidNumber", func(t *testing.T) {
		var found struct{ Int int }
		require.EqualError(t, flat("string", "test", "int", "not a number").Decode("", &found), `int: "not a number" is no whole number`)
	})
	t.Run("testOptionals", func(t *testing.T) {
		type address struct {
			StreetName   string `property:",required"`
			PostalCode   string `property:",required"`
			UnitNumber   *string
			Municipality string `property:",required"`
		}
		found, err := app.Property[address](flat("streetName", "Test street", "postalCode", "12345", "municipality", "Test municipality"), "")
		require.NoError(t, err)
		require.Equal(t, address{"Test street", "12345", nil, "Test municipality"}, found)
	})
}

// TestKtorMergedApplicationConfigTest is Ktor's test of that name. The winner
// is the one that is laid over. testConfigList differs: a list is replaced.
func TestKtorMergedApplicationConfigTest(t *testing.T) {
	t.Run("testProperty, testPropertyOrNull, testKeys, testToMap", func(t *testing.T) {
		p := flat("first", "value2", "second", "value3").With(flat("first", "value1"))
		requireText(t, p, "first", "value1")
		requireText(t, p, "second", "value3")
		requireText(t, p, "third", "")
		require.Equal(t, []string{"first", "second"}, p.Keys())
		require.Equal(t, map[string]any{"first": "value1", "second": "value3"}, p.Map())
	})
	t.Run("testConfig", func(t *testing.T) {
		nested := flat("first.second.third1", "ignored", "first.second.third3", "value3").
			With(flat("first.second.third1", "value1", "first.second.third2", "value2")).At("first.second")
		require.Equal(t, map[string]any{"third1": "value1", "third2": "value2", "third3": "value3"}, nested.Map())
		require.Equal(t, []string{"third1", "third2", "third3"}, nested.Keys())
	})
	t.Run("testConfigList", func(t *testing.T) {
		p := app.PropertiesAt("first.second", []any{map[string]any{"third": "value3"}, map[string]any{"third": "value4"}}).
			With(app.PropertiesAt("first.second", []any{map[string]any{"third": "value1"}}))
		require.Equal(t, []string{"value1"}, texts(p.List("first.second"), "third"))
	})
	t.Run("testConfigListWhenOneHasNoKey", func(t *testing.T) {
		list := []any{map[string]any{"third": "value1"}, map[string]any{"third": "value2"}}
		p := app.PropertiesAt("first2.second", list).With(app.PropertiesAt("first1.second", list))
		require.Equal(t, []string{"value1", "value2"}, texts(p.List("first1.second"), "third"))
		require.Equal(t, []string{"value1", "value2"}, texts(p.List("first2.second"), "third"))
	})
	t.Run("testDeepToMap", func(t *testing.T) {
		p := flat("nested.nested-value-1", "value1", "nested.nested-value-2", "value1").
			With(flat("nested.nested-value-2", "value2", "nested.nested-value-3", "value2"))
		want := map[string]any{"nested-value-1": "value1", "nested-value-2": "value2", "nested-value-3": "value2"}
		require.Equal(t, map[string]any{"nested": want}, p.Map())
		found, err := app.Property[map[string]any](p, "nested")
		require.NoError(t, err)
		require.Equal(t, want, found)
	})
	t.Run("testMergeWith, testMergeWithFallback", func(t *testing.T) {
		under, over := flat("value1", "1", "value2", "2", "value3", "3", "value4", "4"), flat("value1", "2", "value2", "2", "value3", "1")
		require.Equal(t, map[string]any{"value1": "2", "value2": "2", "value3": "1", "value4": "4"}, under.With(over).Map())
	})
}

// TestKtorApplicationConfigTest is Ktor's test of that name.
func TestKtorApplicationConfigTest(t *testing.T) {
	p := flat("data.foo", "foo", "data.bar", "bar")
	data, err := app.Property[map[string]any](p, "data")
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"foo": "foo", "bar": "bar"}, data)
	_, err = app.Property[map[string]any](p, "data2")
	require.EqualError(t, err, "data2: it is required, and missing")
}
