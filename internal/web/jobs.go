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

// jobs lists what the service does by itself: what waits, runs and failed.
func (p *page) jobs() error { return p.showJobs(http.StatusOK, "") }

func (p *page) showJobs(status int, words string) error {
	state, err := p.jobState()
	if err != nil {
		return err
	}
	shown := jobsPage{State: state, States: service.JobStates(), Error: words}
	after, _ := strconv.ParseInt(p.QueryParam("after"), 10, 64) // 0 for the first page
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

// jobState is the state by which the address narrows the jobs; "" for all.
func (p *page) jobState() (service.JobState, error) {
	state := service.JobState(p.QueryParam("state"))
	if state != "" && !slices.Contains(service.JobStates(), state) {
		return "", ticket.NotFound("page")
	}
	return state, nil
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
