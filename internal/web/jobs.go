package web

import (
	"net/http"
	"slices"
	"strconv"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

const jobsAPage = 50

type jobsPage struct {
	State  service.JobState
	States []service.JobState
	Jobs   []service.QueueJob
	Next   string
	Error  string // what a button could not do
}

// lastFailure is what went wrong the last time; nil when nothing did.
func lastFailure(j service.QueueJob) *service.JobFailure {
	if len(j.Failures) == 0 {
		return nil
	}
	return &j.Failures[len(j.Failures)-1]
}

// jobs lists what the service does by itself: what waits, runs and failed.
func (p *page) jobs() error { return p.showJobs(http.StatusOK, "") }

func (p *page) showJobs(status int, words string) error {
	shown := jobsPage{State: service.JobState(p.QueryParam("state")), States: service.JobStates(), Error: words}
	if shown.State != "" && !slices.Contains(shown.States, shown.State) {
		return ticket.NotFound("page")
	}
	after, _ := strconv.ParseInt(p.QueryParam("after"), 10, 64) // 0 for the first page
	var err error
	shown.Jobs, err = p.svc.QueueJobs(p.ctx(), p.actor, service.JobFilter{State: shown.State, After: after, Limit: jobsAPage + 1})
	if err != nil {
		return err
	}
	if len(shown.Jobs) > jobsAPage {
		shown.Jobs = shown.Jobs[:jobsAPage]
		shown.Next = p.with("after", strconv.FormatInt(shown.Jobs[jobsAPage-1].ID, 10))
	}
	return p.showAs(status, "admin/jobs", shown)
}

// decideOnJob has a job run again, or removes it.
func (p *page) decideOnJob() error {
	id, err := strconv.ParseInt(p.Param("id"), 10, 64)
	if err != nil {
		return ticket.NotFound("job")
	}
	switch p.Param("what") {
	case "retry":
		err = p.svc.RetryJob(p.ctx(), p.actor, id)
	case "discard":
		err = p.svc.DiscardJob(p.ctx(), p.actor, id)
	default:
		return ticket.NotFound("page")
	}
	if err != nil {
		return p.inPlace(err, p.showJobs)
	}
	p.say("jobs." + p.Param("what") + "_done")
	return p.goTo("/admin/jobs")
}
