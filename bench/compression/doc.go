// Package compression measures plugins/compression beside the middlewares that
// Go has for the same job, and shows what each of them does with answers that
// are easy to get wrong.
package compression
