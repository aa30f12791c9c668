package compression_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"

	"github.com/CAFxX/httpcompression"
	gingzip "github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/klauspost/compress/gzhttp"
	"github.com/klauspost/compress/zstd"
	"github.com/labstack/echo/v5"
	echomiddleware "github.com/labstack/echo/v5/middleware"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/chitor-go/chitor/app"
	"github.com/chitor-go/chitor/plugins/compression"
	"github.com/chitor-go/chitor/routing"
)

// level is the gzip level of all variants. gzhttp and Chitor use
// klauspost/compress, the others compress/gzip.
const level = 5

// ours is the name of Chitor's variant.
const ours = "chitor"

// variants put a handler behind each of the middlewares.
func variants(t testing.TB) map[string]func(http.Handler) http.Handler {
	t.Helper()
	gin.SetMode(gin.ReleaseMode)
	return map[string]func(http.Handler) http.Handler{
		"plain": func(h http.Handler) http.Handler { return h },
		ours:    func(h http.Handler) http.Handler { return chitor(t, h) },
		"chi":   middleware.Compress(level, "application/json", "text/*"),
		"gzhttp": func(h http.Handler) http.Handler {
			wrap, err := gzhttp.NewWrapper(gzhttp.CompressionLevel(level))
			require.NoError(t, err)
			return wrap(h)
		},
		"echo": func(h http.Handler) http.Handler {
			e := echo.New()
			e.Use(echomiddleware.GzipWithConfig(echomiddleware.GzipConfig{Level: level}))
			e.Any("/*", echo.WrapHandler(h))
			return e
		},
		"gin": func(h http.Handler) http.Handler {
			e := gin.New()
			e.Use(gingzip.Gzip(level))
			e.Any("/*path", gin.WrapH(h))
			return e
		},
		"httpcompression": func(h http.Handler) http.Handler {
			wrap, err := httpcompression.DefaultAdapter(httpcompression.GzipCompressionLevel(level))
			require.NoError(t, err)
			return wrap(h)
		},
	}
}

func chitor(t testing.TB, h http.Handler) http.Handler {
	t.Helper()
	return application(t, h, compression.Plugin.With(func(c *compression.Config) {
		c.Gzip(func(e *compression.EncoderConfig) {
			e.Level = level
			e.MinimumSize(200)
		})
		c.Deflate()
		c.Zstd()
	}))
}

// zstdVariants are the variants with zstd, all of them by klauspost/compress at
// its default level. Their memory for a response differs: gzhttp's window is 128
// KiB, Chitor's 512 KiB, and httpcompression's is the library's default, 8 MiB.
func zstdVariants(t testing.TB) map[string]func(http.Handler) http.Handler {
	t.Helper()
	all := variants(t)
	return map[string]func(http.Handler) http.Handler{
		"plain": all["plain"],
		ours:    all[ours],
		"gzhttp": func(h http.Handler) http.Handler {
			wrap, err := gzhttp.NewWrapper(gzhttp.ZstdCompressionLevel(int(zstd.SpeedDefault)))
			require.NoError(t, err)
			return wrap(h)
		},
		"httpcompression": all["httpcompression"],
	}
}

// application puts a handler into an application with plugins.
func application(t testing.TB, h http.Handler, plugins ...app.Installable) http.Handler {
	t.Helper()
	application := app.New(func(a *app.Application) {
		a.Configure(func(c *app.Config) { c.Logger = slog.New(slog.DiscardHandler) })
		for _, plugin := range plugins {
			a.Install(plugin)
		}
		routing.Routes(a, func(r *routing.Route) { r.Mount("/", h) })
	})
	require.NoError(t, application.Start(t.Context()))
	t.Cleanup(func() { assert.NoError(t, application.Stop(context.WithoutCancel(t.Context()))) })
	return application
}
