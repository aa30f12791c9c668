package config_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/config"
)

// TestKtorHoconConfigTest is Ktor's test of that name, of files.
func TestKtorHoconConfigTest(t *testing.T) {
	t.Run("testKeysTopLevelHoconConfig", func(t *testing.T) {
		require.Equal(t, []string{
			"auth.data.value1", "auth.data.value2", "auth.hashAlgorithm", "auth.listValues", "auth.salt", "auth.users", "auth.values",
		}, parsed(t, "a.conf", `
auth.hashAlgorithm = SHA-256, auth.salt = ktor, auth.users = [{ name = test }]
auth.values = [a, b], auth.listValues = [a, b, c], auth.data = { value1 = 1, value2 = 2 }`).Keys())
	})
	t.Run("testKeysNestedHoconConfig", func(t *testing.T) {
		nested := parsed(t, "a.conf", `
auth.nested.data = { value1 = 1, value2 = 2 }
auth.nested.list = [a, b]
auth.data1.value1 = 1`).At("auth.nested")
		require.Equal(t, []string{"data.value1", "data.value2", "list"}, nested.Keys())
		requireText(t, nested, "data.value1", "1")
		requireText(t, nested, "data.value2", "2")
		require.Equal(t, []string{"a", "b"}, as[[]string](t, nested, "list"))
	})
	t.Run("testToMap", func(t *testing.T) {
		require.Equal(t, map[string]any{
			"hashAlgorithm": "SHA-256", "salt": "ktor", "values": []any{"a", "b"}, "data": map[string]any{"value1": "1", "value2": int64(2)},
			"users": []any{map[string]any{"name": "test", "password": "asd"}, map[string]any{"name": "other", "password": "qwe"}},
		}, parsed(t, "a.conf", `
hashAlgorithm = SHA-256
salt = ktor
users = [{ name = test, password = asd }, { name = other, password = qwe }]
values = [a, b]
data { value1 = "1", value2 = 2 }`).Map())
	})
	t.Run("readSerializableClass", func(t *testing.T) {
		require.Equal(t, security{"SHA-256", "ktor", []user{{"test", "asd"}, {"other", "qwe"}}}, as[security](t, parsed(t, "a.conf", `
auth {
    hashAlgorithm = SHA-256
    salt = ktor
    users = [{
        name = test
        password = asd
    }, {
        name = other
        password = qwe
    }]
}`), "auth"))
	})
}

// value is Ktor's TestEnum.
type value string

func (v *value) UnmarshalText(text []byte) error {
	switch *v = value(text); *v {
	case "VALUE_ONE", "VALUE_TWO", "VALUE_THREE":
		return nil
	default:
		return fmt.Errorf("there is no %s", text)
	}
}

// TestKtorHoconDecoderTest is Ktor's test of that name. A char is a text.
func TestKtorHoconDecoderTest(t *testing.T) {
	type primitive struct {
		Boolean bool    `property:",required"`
		Byte    int8    `property:",required"`
		Short   int16   `property:",required"`
		Int     int32   `property:",required"`
		Long    int64   `property:",required"`
		Float   float32 `property:",required"`
		Double  float64 `property:",required"`
		Char    string  `property:",required"`
		String  string  `property:",required"`
	}
	t.Run("primitive types", func(t *testing.T) {
		require.Equal(t, primitive{true, 127, 32767, 2147483647, 9223372036854775807, 3.14, 2.71828, "X", "Hello World"}, as[primitive](t, parsed(t, "a.conf", `
test {
    boolean = true
    byte = 127
    short = 32767
    int = 2147483647
    long = 9223372036854775807
    float = 3.14
    double = 2.71828
    char = "X"
    string = "Hello World"
}`), "test"))
	})
	t.Run("nullable values", func(t *testing.T) {
		type nullable struct {
			NullableString *string
			NullableInt    *int
		}
		text := "Not null"
		require.Equal(t, nullable{&text, nil}, as[nullable](t, parsed(t, "a.conf", `test { nullableString = "Not null" }`), "test"))
	})
	t.Run("maps and type parameters", func(t *testing.T) {
		p := parsed(t, "a.conf", "stringMap {\n  key1 = \"value1\"\n  key2 = \"value2\"\n}\nstringIntMap {\n  key1 = 1\n  key2 = 2\n}")
		require.Equal(t, map[string]string{"key1": "value1", "key2": "value2"}, as[map[string]string](t, p, "stringMap"))
		require.Equal(t, map[string]int{"key1": 1, "key2": 2}, as[map[string]int](t, p, "stringIntMap"))
	})
	t.Run("collection types", func(t *testing.T) {
		type item struct {
			ID   int
			Name string
		}
		type collections struct {
			StringList []string
			IntList    []int
			StringMap  map[string]string
			NestedList []item
		}
		require.Equal(t, collections{
			[]string{"one", "two", "three"}, []int{1, 2, 3}, map[string]string{"key1": "value1", "key2": "value2"}, []item{{1, "first"}, {2, "second"}},
		}, as[collections](t, parsed(t, "a.conf", `
test {
    stringList = ["one", "two", "three"]
    intList = [1, 2, 3]
    stringMap {
        key1 = "value1"
        key2 = "value2"
    }
    nestedList = [
        { id = 1, name = "first" },
        { id = 2, name = "second" }
    ]
}`), "test"))
		p := parsed(t, "a.conf", "longList = [1, 2]\ndoubleList = [1, 2147483649, 3.0e2]\nnestedList = [[1]]")
		require.Equal(t, []int64{1, 2}, as[[]int64](t, p, "longList"))
		require.Equal(t, []float64{1, 2147483649, 300}, as[[]float64](t, p, "doubleList"))
		require.Equal(t, [][]int{{1}}, as[[][]int](t, p, "nestedList"))
	})
	t.Run("nested structures", func(t *testing.T) {
		type inner struct{ ID int }
		type element struct {
			Value string
			Inner inner
		}
		type nested struct {
			Nested struct {
				Value  string
				Number int
			}
			NestedList []element
		}
		want := nested{NestedList: []element{{"first", inner{1}}, {"second", inner{2}}}}
		want.Nested.Value, want.Nested.Number = "nested value", 42
		require.Equal(t, want, as[nested](t, parsed(t, "a.conf", `
test {
    nested {
        value = "nested value"
        number = 42
    }
    nestedList = [
        {
            value = "first"
            inner {
                id = 1
            }
        },
        {
            value = "second"
            inner {
                id = 2
            }
        }
    ]
}`), "test"))
	})
	t.Run("enum values", func(t *testing.T) {
		type enums struct {
			EnumValue value
			EnumList  []value
		}
		require.Equal(t, enums{"VALUE_TWO", []value{"VALUE_ONE", "VALUE_THREE"}}, as[enums](t, parsed(t, "a.conf",
			`test { enumValue = "VALUE_TWO", enumList = ["VALUE_ONE", "VALUE_THREE"] }`), "test"))
		_, err := app.Property[value](parsed(t, "a.conf", `test = "VALUE_FOUR"`), "test")
		require.EqualError(t, err, `a.conf:1:8: test: "VALUE_FOUR" is no config_test.value`)
	})
	t.Run("testDecodeMissingValues", func(t *testing.T) {
		_, err := app.Property[primitive](parsed(t, "a.conf", "test {\n}"), "test")
		require.ErrorContains(t, err, "a.conf:1:6: test.boolean: it is required, and missing\n")
	})
	t.Run("invalid types", func(t *testing.T) {
		_, err := app.Property[struct{ Int int }](parsed(t, "a.conf", "test {\n    int = \"not an integer\"\n}"), "test")
		require.EqualError(t, err, `a.conf:2:11: test.int: "not an integer" is no whole number`)
	})
	t.Run("default values", func(t *testing.T) {
		address := struct {
			StreetName string `property:",required"`
			UnitNumber string
		}{UnitNumber: "7"}
		require.NoError(t, parsed(t, "a.conf", "address {\n    streetName = \"Main Street\"\n}").Decode("address", &address))
		require.Equal(t, "Main Street", address.StreetName)
		require.Equal(t, "7", address.UnitNumber)
	})
}

// TestKtorMergedApplicationConfigJvmTest is Ktor's test of that name.
func TestKtorMergedApplicationConfigJvmTest(t *testing.T) {
	type simple struct {
		ID   int64
		Name string
	}
	type merged struct {
		StringMap map[string]string
		IntMap    map[string]int
		SubMap    map[string]simple
		List      []simple
	}
	var p app.Properties
	for path, value := range map[string]string{
		"conf.stringMap.first": "one", "conf.stringMap.second": "two", "conf.subMap.first.id": "1", "conf.subMap.first.name": "first",
		"conf.list.0.id": "3", "conf.list.0.name": "third",
	} {
		p = p.With(app.PropertiesAt(path, value))
	}
	require.Equal(t, merged{
		map[string]string{"first": "two", "second": "two", "third": "three"}, map[string]int{"first": 1, "second": 2},
		map[string]simple{"first": {1, "first"}, "second": {2, "second"}}, []simple{{3, "third"}},
	}, as[merged](t, p.With(parsed(t, "a.conf", `
conf {
    stringMap {
        first: two
        third: three
    }
    intMap {
        first: 1
        second: 2
    }
    subMap {
        second {
            id: 2
            name: second
        }
    }
}`)), "conf"))
}

// TestKtorConfigJvmTest is Ktor's test of that name. The variable CONFIG_FILE
// has the place of the system properties.
func TestKtorConfigJvmTest(t *testing.T) {
	resources := files(map[string]string{
		"custom.config.conf": "ktor {\n    deployment {\n        port = 4242\n    }\n}\n",
		"custom.config.yaml": "ktor:\n    deployment:\n        port : 4244\n",
		"my.config.conf":     "ktor {\n    deployment {\n        port = 4243\n    }\n}\n",
	})
	for name, test := range map[string]struct{ file, port string }{
		"testLoadFromResources":     {"custom.config.conf", "4242"},
		"testLoadYamlFromResources": {"custom.config.yaml", "4244"},
		"testLoadFromFile":          {"my.config.conf", "4243"},
	} {
		t.Run(name, func(t *testing.T) {
			loader := config.Loader{Resources: resources, Environment: variables(map[string]string{"CONFIG_FILE": test.file})}
			if name == "testLoadFromFile" {
				loader = config.Loader{Directory: folder(t, resources), Environment: loader.Environment}
			}
			p, err := loader.Load()
			require.NoError(t, err)
			requireText(t, p, "ktor.deployment.port", test.port)
		})
	}
	t.Run("testLoadYamlFromFileAsRootSerializable", func(t *testing.T) {
		type root struct {
			Host string `property:",required"`
			Port int    `property:",required"`
		}
		require.Equal(t, root{"127.0.0.1", 9000}, as[root](t, parsed(t, "my.config.yaml", "host: \"127.0.0.1\"\nport: \"9000\"\n"), ""))
	})
}
