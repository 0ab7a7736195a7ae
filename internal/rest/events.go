package rest

import (
	"context"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/service"
	"whistle/internal/ticket"
)

// EventTarget is what every event needs beside its body.
type EventTarget struct {
	Keyed
	ID      string `path:"id" maxLength:"64"`
	IfMatch string `header:"If-Match" doc:"The ETag last seen: refused with 412 when the ticket has changed since"`
}

// events puts an operation on the router for every event of the workflow that
// a person may cause; a test holds this list against the table.
func (a *API) events() {
	plain[ticket.None](a, ticket.EventAccept)
	event[ticket.RequestInfoInput](a, ticket.EventRequestInfo)
	event[ticket.SupplyInfoInput](a, ticket.EventSupplyInfo)
	event[ticket.CorrectInput](a, ticket.EventCorrect)
	event[ticket.RejectInput](a, ticket.EventReject)
	event[ticket.ReasonInput](a, ticket.EventWithdraw)
	event[ticket.MergeInput](a, ticket.EventMerge)
	event[ticket.DispatchInput](a, ticket.EventDispatch)
	event[ticket.ReasonInput](a, ticket.EventRecall)
	plain[ticket.None](a, ticket.EventClaim)
	event[ticket.ReturnInput](a, ticket.EventReturn)
	event[ticket.AssignInput](a, ticket.EventAssign)
	event[ticket.ReasonInput](a, ticket.EventRequestWhistle)
	event[ticket.ReasonInput](a, ticket.EventDeclineWhistle)
	event[ticket.WhistleInput](a, ticket.EventWhistle)
	event[ticket.ReportInInput](a, ticket.EventReportIn)
	event[ticket.InviteInput](a, ticket.EventInvite)
	event[ticket.TextInput](a, ticket.EventAdvise)
	event[ticket.ConcludeInput](a, ticket.EventConclude)
	event[ticket.ProgressInput](a, ticket.EventProgress)
	event[ticket.TextInput](a, ticket.EventMessage)
	plain[ticket.UrgeInput](a, ticket.EventUrge)
	event[ticket.FinishTaskInput](a, ticket.EventFinishTask)
	event[ticket.CancelTaskInput](a, ticket.EventCancelTask)
	event[ticket.RequestExtensionInput](a, ticket.EventRequestExtension)
	event[ticket.DecideInput](a, ticket.EventDecideExtension)
	event[ticket.RequestSuspensionInput](a, ticket.EventRequestSuspension)
	event[ticket.DecideInput](a, ticket.EventDecideSuspension)
	event[ticket.ReviewInput](a, ticket.EventReview)
	plain[ticket.None](a, ticket.EventResume)
	event[ticket.ResolveInput](a, ticket.EventResolve)
	event[ticket.ConfirmInput](a, ticket.EventConfirm)
	event[ticket.DisputeInput](a, ticket.EventDispute)
	event[ticket.CallbackInput](a, ticket.EventCallback)
	event[ticket.TextInput](a, ticket.EventInstruct)
	event[ticket.TextInput](a, ticket.EventSupervise)
	event[ticket.TextInput](a, ticket.EventTakeCharge)
	event[ticket.AnswerInput](a, ticket.EventAnswer)
	event[ticket.ReasonInput](a, ticket.EventReopen)
}

func eventOperation(e ticket.Event) huma.Operation {
	def, _ := ticket.Define(e)
	name := strings.ReplaceAll(string(e), "_", "-")
	op := operation(http.MethodPost, "/tickets/{id}/"+name, name+"-ticket", "events", def.Chinese+": "+def.Summary)
	var rows []string
	for _, row := range def.Rows {
		rows = append(rows, row.String())
	}
	op.Description = strings.Join(rows, "\n\n")
	return op
}

// event puts an event with a body on the router.
func event[I ticket.Input](a *API, e ticket.Event) {
	registerKeyed(a, eventOperation(e), func(ctx context.Context, actor ticket.Actor, in *struct {
		EventTarget
		Body I
	},
	) (*TicketAnswer, error) {
		return a.fire(ctx, actor, in.EventTarget, e, in.Body)
	})
}

// plain puts an event that needs no words on the router: the body may be left
// out.
func plain[I ticket.Input](a *API, e ticket.Event) {
	registerKeyed(a, eventOperation(e), func(ctx context.Context, actor ticket.Actor, in *struct {
		EventTarget
		Body *I
	},
	) (*TicketAnswer, error) {
		var said I
		if in.Body != nil {
			said = *in.Body
		}
		return a.fire(ctx, actor, in.EventTarget, e, said)
	})
}

func (a *API) fire(ctx context.Context, actor ticket.Actor, to EventTarget, e ticket.Event, in ticket.Input) (*TicketAnswer, error) {
	expect, err := expected(to.IfMatch)
	if err != nil {
		return nil, err
	}
	t, err := a.svc.Fire(ctx, actor, to.ID, service.Command{Event: e, Input: in, Expect: expect})
	if err != nil {
		return nil, err
	}
	view, err := a.svc.Show(ctx, actor, t)
	if err != nil {
		return nil, err
	}
	return &TicketAnswer{etag(view.Version), a.show(view)}, nil
}
