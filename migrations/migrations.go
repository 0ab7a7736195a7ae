// Package migrations holds the schema of both databases, as numbered SQL that
// is applied by goose. The two folders have the same numbers, tables and
// columns; a test of the store holds them to that.
package migrations

import "embed"

// Files has the folders sqlite and postgres.
//
//go:embed sqlite/*.sql postgres/*.sql
var Files embed.FS
