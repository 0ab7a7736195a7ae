package bench_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"whistle/internal/service"
	"whistle/internal/store"
	"whistle/internal/testkit"
	"whistle/internal/ticket"
)

// manyTickets are what a search is measured over.
const manyTickets = 100_000

// BenchmarkSearch looks for words among 100,000 tickets by the index, and as
// they are written, as lists did before there was one. The ratio is one of
// medians measured in turns.
func BenchmarkSearch(b *testing.B) {
	for _, database := range []struct {
		name string
		open func(testing.TB) store.Config
	}{{"sqlite", testkit.SQLite}, {"postgres", testkit.MigratedPostgres}} {
		b.Run(database.name, func(b *testing.B) {
			cfg := database.open(b)
			d := testkit.NewDistrict(b, testkit.NewService(b, cfg, now))
			fileMany(b, d)
			raw := openRaw(b, cfg)
			for _, c := range []struct{ name, text string }{
				{"rare", "驫麤"},         // in one ticket of 10,000
				{"two-words", "驫麤 招工"}, // in a tenth of those
				{"common", "招工"},       // in one of ten
				{"number", "2023-0777"},
				{"nothing", "没有人说的"},
			} {
				b.Run(c.name, func(b *testing.B) { compare(b, d, raw, c.text) })
			}
		})
	}
}

// compare reads the first page of what is found both ways.
func compare(b *testing.B, d *testkit.District, raw *sql.DB, text string) {
	desk := d.Actor(b, "desk")
	timed := func(find func() (int, error)) (time.Duration, int) {
		start := time.Now()
		n, err := find()
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(start), n
	}
	byIndex := func() (int, error) {
		all, err := d.Store.Tickets(b.Context(), desk, store.TicketFilter{Text: text, Limit: 51})
		return len(all), err
	}
	var indexed, written []time.Duration
	for range b.N {
		took, found := timed(byIndex)
		tookWritten, foundWritten := timed(func() (int, error) { return asWritten(b, raw, text) })
		if found != foundWritten {
			b.Fatalf("%d found by the index, %d as written", found, foundWritten)
		}
		indexed, written = append(indexed, took), append(written, tookWritten)
	}
	b.ReportMetric(float64(median(indexed).Microseconds()), "index-µs")
	b.ReportMetric(float64(median(written).Microseconds()), "like-µs")
	b.ReportMetric(float64(median(written))/float64(median(indexed)), "x-faster")
}

// asWritten looks through the texts themselves.
func asWritten(b *testing.B, raw *sql.DB, text string) (int, error) {
	query := "SELECT * FROM tickets WHERE true"
	for _, word := range strings.Fields(text) {
		pattern := "'%" + word + "%'"
		query += fmt.Sprintf(" AND (number LIKE %[1]s OR external_number LIKE %[1]s OR title LIKE %[1]s OR description LIKE %[1]s)", pattern)
	}
	rows, err := raw.QueryContext(b.Context(), query+" ORDER BY filed_at DESC, id DESC LIMIT 51")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	n := 0
	for rows.Next() {
		n++
	}
	return n, rows.Err()
}

func openRaw(tb testing.TB, cfg store.Config) *sql.DB {
	tb.Helper()
	driver, source := "pgx", cfg.URL
	if cfg.URL == "" {
		driver, source = "sqlite", filepath.Join(cfg.Dir, store.SQLiteFile)+"?_pragma=cache_size(-65536)"
	}
	raw, err := sql.Open(driver, source)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = raw.Close() })
	return raw
}

// fileMany files the tickets, with texts of some hundred characters.
func fileMany(b *testing.B, d *testkit.District) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 1))
	start, desk := testkit.Moment(b, "2023-01-03 09:00"), d.Actor(b, "desk")
	err := d.Batch(b.Context(), func(batch *service.Batch) error {
		for i := range manyTickets {
			in := ticket.SubmitInput{Title: words(random, 8), Description: words(random, 120), Category: "labour", EnterpriseID: d.Enterprises["own"]}
			if i%10 == 0 {
				in.Description += "招工困难。"
			}
			if i%10_000 == 50 {
				in.Title += "驫麤"
			}
			if _, err := batch.File(desk, in, service.Backdated{At: start.Add(time.Duration(i) * time.Minute)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

// words is a text out of common characters, none of which make up a word that
// is looked for.
func words(random *rand.Rand, length int) string {
	const common = 2000
	text := make([]rune, length)
	for i := range text {
		for text[i] == 0 || strings.ContainsRune("招工没有人说的", text[i]) {
			text[i] = 0x4E00 + random.Int32N(common)
		}
	}
	return string(text)
}
