package compat_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/getsentry/sentry-go"
	sentryhttp "github.com/getsentry/sentry-go/http"
	"github.com/go-chi/httplog/v3"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
)

// observerRows are middlewares that look on: what they have noted is a part of
// the answer.
func observerRows() []middlewareRow {
	return []middlewareRow{
		{
			name: "httplog", module: "github.com/go-chi/httplog/v3", wraps: true,
			make: httplogSubject(&httplog.Options{}),
			differs: map[string]difference{
				"panic": panics(
					answer{httplogLine("INFO", 200, 0)},
					answer{httplogLine("ERROR", 500, 21)},
				),
				"404" + atAll: bodiless(httplogLine("WARN", 404, 19), httplogLine("WARN", 404, 0)),
			},
		},
		{
			name: "httplog with bodies", module: "github.com/go-chi/httplog/v3", wraps: true,
			make: httplogSubject(&httplog.Options{
				LogRequestBody:  func(*http.Request) bool { return true },
				LogResponseBody: func(*http.Request) bool { return true },
			}),
			differs: map[string]difference{
				"panic": panics(
					answer{httplogLine("INFO", 200, 0) + httplogBodies("")},
					answer{httplogLine("ERROR", 500, 21) + httplogBodies("Internal Server Error")},
				),
				"404" + atAll: bodiless(
					httplogLine("WARN", 404, 19)+httplogBodies("404 page not found\n"),
					httplogLine("WARN", 404, 0)+httplogBodies(""),
				),
			},
		},
		{
			name: "otelhttp", module: "go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp", wraps: true,
			make: func(routesOf) subject {
				spans := tracetest.NewSpanRecorder()
				provider := trace.NewTracerProvider(trace.WithSpanProcessor(spans))
				return subject{
					wrap:   otelhttp.NewMiddleware("server", otelhttp.WithTracerProvider(provider)),
					report: func() []string { return spanLines(spans.Ended()) },
				}
			},
			differs: map[string]difference{
				"panic" + atAll: panics(
					answer{"noted: span GET"},
					answer{"noted: span GET /panic http.response.body.size=21 http.response.status_code=500"},
				),
				"panic" + atRoute: panics(
					answer{"noted: span GET /panic http.route=/panic"},
					answer{"noted: span GET /panic http.route=/panic http.response.body.size=21 http.response.status_code=500"},
				),
				"404" + atAll: bodiless(
					"noted: span GET http.response.body.size=19 http.response.status_code=404",
					"noted: span GET http.response.status_code=404",
				),
				"mounted" + atAll: {
					mark:   markMount,
					chi:    answer{"noted: span GET /mounted/* http.response.body.size=18 http.response.status_code=202"},
					chitor: answer{"noted: span GET /mounted http.response.body.size=18 http.response.status_code=202"},
				},
				"mounted" + atRoute: {
					mark:   markMount,
					chi:    answer{"noted: span GET /mounted/* http.route=/mounted/* http.response.body.size=18 http.response.status_code=202"},
					chitor: answer{"noted: span GET /mounted http.route=/mounted http.response.body.size=18 http.response.status_code=202"},
				},
			},
		},
		{
			name: "promhttp Instrument*", module: "github.com/prometheus/client_golang", wraps: true,
			make: promSubject,
			differs: map[string]difference{
				"panic": panics(promLines(1), promLines(2)),
				"404" + atAll: bodiless(
					"noted: sent code=404 method=get 1 bytes=19",
					"noted: sent code=404 method=get 1 bytes=0",
				),
			},
		},
		{
			name: "sentry-go", module: "github.com/getsentry/sentry-go", wraps: true,
			make: sentrySubject,
			differs: map[string]difference{
				"panic": panics(answer{"noted: fatal broken"}, nil),
				"mounted": {
					mark:   markMount,
					chi:    answer{"noted: transaction GET /mounted/*"},
					chitor: answer{"noted: transaction GET /mounted"},
				},
			},
		},
	}
}

func httplogSubject(options *httplog.Options) func(routesOf) subject {
	return func(routesOf) subject {
		lines := &journal{}
		keep := map[string]bool{"level": true, "status": true, "request": true, "response": true}
		logger := slog.New(slog.NewTextHandler(lines, &slog.HandlerOptions{
			ReplaceAttr: func(_ []string, attr slog.Attr) slog.Attr {
				name, kept := attr.Key, keep[attr.Key]
				if kept = kept || strings.HasSuffix(name, "status_code") || strings.HasSuffix(name, "body.content") ||
					strings.HasSuffix(name, "body.bytes") || strings.HasSuffix(name, "method"); !kept {
					return slog.Attr{}
				}
				return attr
			},
		}))
		return subject{wrap: httplog.RequestLogger(logger, options), report: lines.lines}
	}
}

func httplogLine(level string, status, bytes int) string {
	return fmt.Sprintf("noted: level=%s http.request.method=GET http.request.body.bytes=0 "+
		"http.response.status_code=%d http.response.body.bytes=%d", level, status, bytes)
}

func httplogBodies(response string) string {
	return fmt.Sprintf(` http.request.body.content="" http.response.body.content=%q`, response)
}

func spanLines(spans []trace.ReadOnlySpan) (lines []string) {
	for _, span := range spans {
		line := "span " + span.Name()
		for _, attribute := range span.Attributes() {
			switch attribute.Key {
			case "http.route", "http.response.status_code", "http.response.body.size", "http.request.body.size":
				line += fmt.Sprintf(" %s=%v", attribute.Key, attribute.Value)
			}
		}
		lines = append(lines, line)
	}
	return lines
}

func promSubject(routesOf) subject {
	registry := prometheus.NewRegistry()
	labels := []string{"code", "method"}
	inFlight := prometheus.NewGauge(prometheus.GaugeOpts{Name: "in_flight"})
	calls := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "calls"}, labels)
	seconds := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "seconds"}, labels)
	head := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "head_seconds"}, labels)
	received := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "received"}, labels)
	sent := prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "sent"}, labels)
	registry.MustRegister(inFlight, calls, seconds, head, received, sent)
	return subject{
		wrap: func(next http.Handler) http.Handler {
			next = promhttp.InstrumentHandlerResponseSize(sent, next)
			next = promhttp.InstrumentHandlerRequestSize(received, next)
			next = promhttp.InstrumentHandlerTimeToWriteHeader(head, next)
			next = promhttp.InstrumentHandlerDuration(seconds, next)
			return promhttp.InstrumentHandlerInFlight(inFlight, promhttp.InstrumentHandlerCounter(calls, next))
		},
		report: func() []string { return metricLines(registry) },
	}
}

// metricLines returns the metrics by name and labels: values of counters and
// gauges, and the counts of histograms, for those of bytes their sums too.
func metricLines(registry *prometheus.Registry) (lines []string) {
	families, err := registry.Gather()
	if err != nil {
		return []string{err.Error()}
	}
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			line := family.GetName()
			for _, label := range metric.GetLabel() {
				line += " " + label.GetName() + "=" + label.GetValue()
			}
			switch histogram := metric.GetHistogram(); {
			case histogram == nil:
				line += fmt.Sprint(" ", metric.GetCounter().GetValue()+metric.GetGauge().GetValue())
			case family.GetName() == "sent":
				line += fmt.Sprint(" ", histogram.GetSampleCount(), " bytes=", histogram.GetSampleSum())
			default:
				line += fmt.Sprint(" ", histogram.GetSampleCount())
			}
			lines = append(lines, line)
		}
	}
	slices.Sort(lines)
	return lines
}

// promLines are the metrics of n responses with 500.
func promLines(n int) answer {
	const labels = " code=500 method=get "
	return answer{
		fmt.Sprint("noted: calls", labels, n), fmt.Sprint("noted: head_seconds", labels, n),
		fmt.Sprint("noted: received", labels, n), fmt.Sprint("noted: seconds", labels, n),
		fmt.Sprint("noted: sent", labels, n, " bytes=", 21*n),
	}
}

// sentryTransport keeps what sentry would send.
type sentryTransport struct{ sent journal }

func (t *sentryTransport) Flush(time.Duration) bool              { return true }
func (t *sentryTransport) FlushWithContext(context.Context) bool { return true }
func (t *sentryTransport) Configure(sentry.ClientOptions)        {}
func (t *sentryTransport) Close()                                {}
func (t *sentryTransport) SendEvent(event *sentry.Event) {
	if event.Type == "transaction" {
		t.sent.note("transaction %s", event.Transaction)
		return
	}
	text := event.Message
	for _, exception := range event.Exception {
		text += exception.Value
	}
	t.sent.note("%s %s", event.Level, text)
}

func sentrySubject(routesOf) subject {
	transport := &sentryTransport{}
	client, err := sentry.NewClient(sentry.ClientOptions{
		Dsn: "https://key@sentry.invalid/1", Transport: transport, EnableTracing: true, TracesSampleRate: 1,
	})
	if err != nil {
		// No middleware: a mistake that Start returns.
		return subject{wrap: func(http.Handler) http.Handler { return nil }}
	}
	handler := sentryhttp.New(sentryhttp.Options{Repanic: true})
	return subject{
		wrap:   func(next http.Handler) http.Handler { return withHub(client)(handler.Handle(next)) },
		report: transport.sent.lines,
		close:  client.Close,
	}
}
