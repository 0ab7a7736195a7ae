package service

import (
	"context"

	"whistle/internal/ticket"
)

var jobColumns = []column[QueueJob]{
	col("id", func(_ *writing, j QueueJob) any { return j.ID }),
	col("kind", func(w *writing, j QueueJob) any { return w.word("job_kind", j.Kind) }),
	col("state", func(w *writing, j QueueJob) any { return w.word("job_state", string(j.State)) }),
	col("attempt", func(_ *writing, j QueueJob) any { return j.Attempt }),
	col("max_attempts", func(_ *writing, j QueueJob) any { return j.MaxAttempts }),
	col("created_at", func(w *writing, j QueueJob) any { return w.at(&j.CreatedAt) }),
	col("due_at", func(w *writing, j QueueJob) any { return w.at(&j.DueAt) }),
	col("started_at", func(w *writing, j QueueJob) any { return w.at(j.StartedAt) }),
	col("ended_at", func(w *writing, j QueueJob) any { return w.at(j.EndedAt) }),
	col("failed_at", func(w *writing, j QueueJob) any {
		if f := j.LastFailure(); f != nil {
			return w.at(&f.At)
		}
		return nil
	}),
	col("failure", func(_ *writing, j QueueJob) any {
		if f := j.LastFailure(); f != nil {
			return f.Error
		}
		return nil
	}),
}

// ExportJobs writes the jobs that the filter leaves of what is queued, runs,
// failed or was done lately, newest first, and returns how many. It is for
// administrators.
func (s *Service) ExportJobs(ctx context.Context, actor ticket.Actor, f JobFilter, to ExportTo) (int, error) {
	return exportAll(ctx, s, ExportedJobs, jobColumns, to, func(ctx context.Context, write func(QueueJob) error) error {
		return eachRow(func(after *QueueJob, limit int) ([]QueueJob, error) {
			if f.After, f.Limit = 0, limit; after != nil {
				f.After = after.ID
			}
			return s.QueueJobs(ctx, actor, f)
		}, write)
	})
}
