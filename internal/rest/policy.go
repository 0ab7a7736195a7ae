package rest

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// Policy is a version of the clocks' lengths.
type Policy struct {
	Version       int           `json:"version"`
	Name          string        `json:"name"`
	Rules         []ticket.Rule `json:"rules"`
	EffectiveFrom *time.Time    `json:"effective_from" doc:"Tickets filed from then on run under it; null: only tickets that are given it by name"`
	CreatedAt     time.Time     `json:"created_at"`
}

func (a *API) policy(p directory.Policy) Policy {
	out := Policy{Version: p.Version, Name: p.Name, Rules: p.Rules, CreatedAt: p.CreatedAt.In(a.svc.Zone())}
	if p.EffectiveFrom != nil {
		from := p.EffectiveFrom.In(a.svc.Zone())
		out.EffectiveFrom = &from
	}
	return out
}

func (a *API) policies() {
	register(a, operation(http.MethodGet, "/policies", "list-policies", "policies", "List the versions of the clocks' lengths, newest first"),
		func(ctx context.Context, _ ticket.Actor, in *Paged) (*answer[Page[Policy]], error) {
			after, err := decodeCursor[idPosition](in.Cursor)
			if err != nil {
				return nil, err
			}
			below := 0
			if after != nil {
				if below, err = strconv.Atoi(after.ID); err != nil {
					return nil, badParameter("cursor", "is not one that this list gave; begin again without it")
				}
			}
			all, err := a.svc.Policies(ctx)
			if err != nil {
				return nil, err
			}
			for below > 0 && len(all) > 0 && all[0].Version >= below {
				all = all[1:]
			}
			return &answer[Page[Policy]]{pageOf(all, in.Limit, a.policy, func(p directory.Policy) any { return idPosition{strconv.Itoa(p.Version)} })}, nil
		})
	register(a, operation(http.MethodGet, "/policies/{version}", "get-policy", "policies", "Read a version"),
		func(ctx context.Context, _ ticket.Actor, in *struct {
			Version int `path:"version" minimum:"1"`
		},
		) (*answer[Policy], error) {
			p, err := a.svc.Policy(ctx, in.Version)
			if err != nil {
				return nil, err
			}
			return &answer[Policy]{a.policy(p)}, nil
		})
	create := operation(http.MethodPost, "/policies", "create-policy", "policies", "Add a version; none is ever changed")
	create.DefaultStatus = http.StatusCreated
	create.Description = "By administrators. Running tickets keep the version that they were filed under."
	registerKeyed(a, create, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body service.NewPolicy
	},
	) (*created[Policy], error) {
		p, err := a.svc.CreatePolicy(ctx, actor, in.Body)
		if err != nil {
			return nil, err
		}
		return &created[Policy]{prefix + "/policies/" + strconv.Itoa(p.Version), a.policy(p)}, nil
	})
}
