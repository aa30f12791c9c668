package app_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/apptest"
)

// partOf returns a multipart form with one part, as a client writes it.
func partOf(t *testing.T, disposition, contentType, content string) (string, io.Reader) {
	t.Helper()
	var sent bytes.Buffer
	writer := multipart.NewWriter(&sent)
	require.NoError(t, writer.SetBoundary("b"))
	head := textproto.MIMEHeader{"Content-Disposition": {disposition}}
	if contentType != "" {
		head.Set("Content-Type", contentType)
	}
	part, err := writer.CreatePart(head)
	require.NoError(t, err)
	_, err = io.WriteString(part, content)
	require.NoError(t, errors.Join(err, writer.Close()))
	return writer.FormDataContentType(), &sent
}

func TestKtorTestEngineMultipartTest(t *testing.T) {
	var binary [256]byte
	for i := range binary {
		binary[i] = byte(i)
	}
	unicode := "file content with unicode 🌀 : здороваться : 여보세요 : 你好 : ñç"
	sends := func(disposition, content string, status int, want string) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			contentType, sent := partOf(t, disposition, "", content)
			expect(t, host.Post("/", contentType, sent), status, want)
		}
	}
	file := func(name, content string) func(t *testing.T, host *apptest.Host) {
		// In Ktor such a part has its name: here only form-data has one.
		return sends(`file; name="fileField"; filename="`+name+`"`, content, 200, ","+name+","+content+"\n")
	}
	small := func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.BodyLimit, c.PartLimit = 1<<10, 1<<20 })
		answering(func(c *app.Call) error {
			for part, err := range c.ReceiveMultipartLimit(3 << 20) {
				if err != nil {
					return err
				}
				length, err := io.Copy(io.Discard, part)
				return errors.Join(err, c.RespondText(fmt.Sprint(length)))
			}
			return nil
		})(a)
	}
	runKtor(t, map[string]ktorCase{
		"testNonMultipart": {answering(showParts()), func(t *testing.T, host *apptest.Host) {
			assert.Equal(t, 415, host.Do(http.MethodPost, "/", nil).StatusCode)
		}},
		// In Ktor: 500, which the test's handler makes.
		"testMultiPartShouldFail":            {answering(showParts()), func(t *testing.T, host *apptest.Host) { assert.Equal(t, 415, host.Post("/", "", nil).StatusCode) }},
		"testMultiPartsPlainItemBinary":      {answering(showParts()), file("file.bin", string(binary[:]))},
		"testMultiPartsFileItem":             {answering(showParts()), file("file.bin", string(binary[:]))},
		"testMultiPartsFileItemText":         {answering(showParts()), file("file.txt", unicode)},
		"testReceiveMultipartFormItem":       {answering(showParts()), sends(`form-data; name="data"`, "value", 200, "data,,value\n")},
		"testReceiveParametersFromMultipart": {answering(showForm), sends(`form-data; name="data"`, "value", 200, "data=value")},
		"testMultipartIsNotTruncated":        {small, sends(`form-data; name="data"`, strings.Repeat("a", 2<<20), 200, "2097152")},
		// In Ktor: 500.
		"testMultipartBiggerThanLimitFails": {answering(showPartsUpTo(999)), sends(`form-data; name="data"`, strings.Repeat("a", 1000), 413, "Request Entity Too Large")},
	})
}

// story is what several of Ktor's tests send.
const story = "--***bbb***\r\nContent-Disposition: form-data; name=\"a story\"\r\n\r\n" +
	"Hi user. The snake you gave me for free ate all the birds. Please take it back ASAP.\r\n" +
	"--***bbb***\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"original.txt\"\r\nContent-Type: text/plain\r\n\r\n" +
	"%s--***bbb***--\r\n"

const (
	storyType = "multipart/form-data; boundary=\"***bbb***\"; charset=ISO-8859-1"
	storyTold = "a story,,Hi user. The snake you gave me for free ate all the birds. Please take it back ASAP.\nattachment,original.txt,"
)

// TestKtorMultipartUploads: files arrive as they were uploaded.
//
// Ktor: MultipartServerTest, and what ContentTestSuite and
// TestApplicationEngineTest have about multipart.
func TestKtorMultipartUploads(t *testing.T) {
	const line = "File content goes here\r\n"
	tells := func(lines int) func(t *testing.T, host *apptest.Host) {
		return func(t *testing.T, host *apptest.Host) {
			content := strings.Repeat(line, lines)
			expect(t, host.Post("/", storyType, strings.NewReader(fmt.Sprintf(story, content))), 200,
				storyTold+strings.TrimSuffix(content, "\r\n")+"\n")
		}
	}
	unread := answering(func(c *app.Call) error {
		parts := 0
		for _, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
			parts++
		}
		return c.RespondText(fmt.Sprint(parts))
	})
	runKtor(t, map[string]ktorCase{
		"testMultipartFileUpload":      {answering(showParts()), tells(1)},
		"testMultipartFileUploadLarge": {answering(showPartsUpTo(1 << 20)), tells(10000)},
		"withCustomBoundary":           {answering(showParts()), tells(1)},
		"testBigBoiFileNoContentLength": {answering(showPartsUpTo(1_000_001)), func(t *testing.T, host *apptest.Host) {
			content := strings.Repeat("x", 1_000_000)
			contentType, sent := partOf(t, `form-data; name="file"; filename="test.png"`, "", content)
			expect(t, host.Post("/multipart", contentType, io.MultiReader(sent)), 200, "file,test.png,"+content+"\n")
		}},
		"multiplePartsDoNotBlock": {unread, func(t *testing.T, host *apptest.Host) {
			sent := form(`name="payload"`, strings.Repeat("a", 1000), `name="file"; filename=some.txt`, strings.Repeat("\x00", 5<<20))
			expect(t, host.Post("/", formData, strings.NewReader(sent)), 200, "2")
		}},
		"testMultipart": {unread, func(t *testing.T, host *apptest.Host) {
			contentType, sent := partOf(t, `form-data; filename="test.jpg"`, "image/jpg", "BODY")
			expect(t, host.Post("/multipart", contentType, sent), 200, "1")
		}},
	})
}

func TestKtorMultiPartDataTest(t *testing.T) {
	t.Parallel()
	a := start(t, answering(showParts()))
	for name, test := range map[string]struct {
		contentType string
		status      int
	}{
		"givenRequest_whenNoContentTypeHeaderPresent_thenUnsupportedMediaTypeException": {"", 415},
		"givenWrongContentType_whenProcessMultiPart_thenUnsupportedMediaTypeException":  {"test/plain; boundary=test", 415},
		"testUnsupportedMediaTypeStatusCode":                                            {"text/plain", 415},
		"type that is none":                                                             {"multipart", 400},
		// In Ktor: 500, as the next.
		"no boundary":               {"multipart/form-data", 400},
		"boundary of 71 characters": {"multipart/form-data; boundary=" + strings.Repeat("b", 71), 400},
		"boundary of 70 characters": {"multipart/form-data; boundary=" + strings.Repeat("b", 70), 200},
		"mixed":                     {"multipart/mixed; boundary=" + strings.Repeat("b", 70), 200},
		"another multipart":         {"Multipart/Related; boundary=" + strings.Repeat("b", 70), 200},
		"nearly multipart":          {"multipart2/mixed; boundary=" + strings.Repeat("b", 70), 415},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, boundary, _ := strings.Cut(test.contentType, "boundary=")
			sent := "--" + boundary + "--\r\n"
			assert.Equal(t, test.status, post(t, a, sent, "Content-Type", test.contentType).StatusCode)
		})
	}
}

// TestPartsArriveAsTheyAreSent: the first part is read before the second one is
// on its way.
func TestPartsArriveAsTheyAreSent(t *testing.T) {
	apptest.Run(t, func(t *testing.T, mode apptest.Option) {
		synctest.Test(t, func(t *testing.T) {
			var seen journal
			body, send := io.Pipe()
			host := apptest.Start(t, answering(func(c *app.Call) error {
				for part, err := range c.ReceiveMultipart() {
					if err != nil {
						return err
					}
					first := make([]byte, 3)
					_, err := io.ReadFull(part, first)
					seen.add(part.FormName() + " " + string(first))
					if err != nil {
						return err
					}
				}
				return c.RespondText("done")
			}), mode)
			whole := form(`name="a"`, "one", `name="b"; filename="f"`, "two, and more", `name="c"`, "three")
			go func() {
				for i, piece := range strings.SplitAfter(whole, "\r\n--") {
					synctest.Wait() // until the server waits for more
					seen.add(fmt.Sprint("piece ", i))
					_, err := io.WriteString(send, piece)
					assert.NoError(t, err)
				}
				assert.NoError(t, send.Close())
			}()
			expect(t, host.Post("/", formData, body), 200, "done")
			assert.Equal(t, []string{"piece 0", "a one", "piece 1", "b two", "piece 2", "c thr", "piece 3"}, seen.all())
		})
	})
}

// TestPartsThatAreLeft: the handler decides how much it reads.
func TestPartsThatAreLeft(t *testing.T) {
	t.Parallel()
	three := form(`name="a"`, "one", `name="b"`, "two", `name="c"`, "three")
	var names []string
	var again error
	a := start(t, answering(func(c *app.Call) error {
		var kept *app.Part
		for part, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
			if kept != nil {
				data, _ := io.ReadAll(kept)
				assert.Empty(t, data, "good until the next one is asked for")
			}
			kept = part
			if names = append(names, part.FormName()); len(names) == 2 {
				break
			}
		}
		for _, err := range c.ReceiveMultipart() {
			again = err
			return err
		}
		return nil
	}))
	response := post(t, a, three, "Content-Type", formData)
	assert.Equal(t, 500, response.StatusCode)
	assert.ErrorIs(t, again, app.ErrReceived)
	assert.Equal(t, []string{"a", "b"}, names)
}

// TestPartOverItsLimitIsRefused: which parts are too long.
func TestPartOverItsLimitIsRefused(t *testing.T) {
	t.Parallel()
	x := func(n int) string { return strings.Repeat("x", n) }
	head := func(n int) string { // a head of about n bytes
		return "--b\r\nContent-Disposition: form-data; name=\"a\"\r\nX: " + x(n-60) + "\r\n\r\n1\r\n--b--\r\n"
	}
	skip := answering(func(c *app.Call) error {
		for _, err := range c.ReceiveMultipart() {
			if err != nil {
				return err
			}
		}
		return c.RespondText("")
	})
	ignore := answering(func(c *app.Call) error {
		for part, err := range c.ReceiveMultipart() {
			if err != nil {
				return errors.Join(errors.New("the loop ends with it"), err)
			}
			data, err := io.ReadAll(part)
			assert.Len(t, data, 1000)
			assert.ErrorAs(t, err, new(*http.MaxBytesError))
			n, again := part.Read(make([]byte, 1))
			assert.Zero(t, n)
			assert.Equal(t, err, again)
		}
		return nil
	})
	for name, test := range map[string]struct {
		module app.Module
		sent   string
		status int
	}{
		"up to the limit":            {answering(showParts()), form(`name="a"`, x(1000), `name="b"`, x(1000)), 200},
		"over the limit":             {answering(showParts()), form(`name="a"`, x(1001)), 413},
		"second over the limit":      {answering(showParts()), form(`name="a"`, x(1), `name="b"`, x(1001)), 413},
		"file over the limit":        {answering(showParts()), form(`name="a"; filename="f"`, x(1001)), 413},
		"over the limit and unread":  {skip, form(`name="a"`, x(1001)), 413},
		"over the limit and ignored": {ignore, form(`name="a"`, x(1001)), 413},
		"another limit":              {answering(showPartsUpTo(2000)), form(`name="a"`, x(2000)), 200},
		"over another limit":         {answering(showPartsUpTo(10)), form(`name="a"`, x(11)), 413},
		"no limit":                   {answering(showPartsUpTo(0)), form(`name="a"`, x(1<<20)), 200},
		"long head":                  {skip, head(50 << 10), 200},
		"head over the limit":        {skip, head(80 << 10), 413},
		"many headers":               {skip, "--b\r\n" + strings.Repeat("X: 1\r\n", 20<<10) + "\r\n1\r\n--b--\r\n", 413},
		"preamble":                   {skip, "hello\r\n" + form(`name="a"`, "1"), 200},
		"preamble over the limit":    {skip, strings.Repeat("hello\r\n", 20<<10) + form(`name="a"`, "1"), 413},
		"epilogue":                   {skip, form(`name="a"`, "1") + x(200<<10), 200},
		"a thousand parts":           {skip, strings.Repeat("--b\r\nX: "+x(500)+"\r\n\r\n1\r\n", 1000) + "--b--", 200},
		"text between parts":         {skip, "--b\r\n\r\n1\r\n--b nonsense\r\n--b--", 400},
		"header that is none":        {skip, "--b\r\nnonsense\r\n\r\n1\r\n--b--", 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := start(t, test.module, func(a *app.Application) {
				a.Configure(func(c *app.Config) { c.PartLimit = 1000 })
			})
			assert.Equal(t, test.status, post(t, a, test.sent, "Content-Type", formData).StatusCode)
		})
	}
}

// TestErrorOfABodyIsThatOfThePart: the error of the body is that of the part,
// and nothing is yielded after it.
func TestErrorOfABodyIsThatOfThePart(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		err    error
		status int
	}{
		"breaks off": {io.ErrUnexpectedEOF, 400}, "coded": {codedError(402), 402}, "too large": {&http.MaxBytesError{Limit: 1}, 413},
	} {
		for read, want := range map[bool]int{false: 1, true: 0} {
			t.Run(fmt.Sprint(name, " ", read), func(t *testing.T) {
				t.Parallel()
				failures := 0
				a := start(t, func(a *app.Application) {
					a.InterceptReceive(app.ReceiveBefore, func(_ *app.Call, in *app.Incoming) error {
						in.Body = io.MultiReader(strings.NewReader("--b\r\n\r\nx"), iotest.ErrReader(test.err))
						return nil
					})
				}, answering(func(c *app.Call) (failure error) {
					for part, err := range c.ReceiveMultipart() {
						if err != nil {
							failures++
							failure = err
							continue
						}
						if read {
							_, err := io.ReadAll(part)
							return err
						}
					}
					return failure
				}))
				assert.Equal(t, test.status, post(t, a, "", "Content-Type", formData).StatusCode)
				assert.Equal(t, want, failures)
			})
		}
	}
}
