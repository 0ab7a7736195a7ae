// Package demo makes a district's year, so that the service can be tried on
// something that looks like work: 2023, and the last months of 2022.
//
// The year is made from a fixed seed through the service itself, by the same
// rules as ever, under a clock that is set to each event's moment. Nobody and
// nothing in it is real. It is made in one transaction: an interrupted first
// start leaves nothing behind, and the next one begins anew.
package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"whistle/internal/clock"
	"whistle/internal/demo/cast"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// What is true of the demo's year at the end of LastDay.
const (
	Tickets    = 4294 // valid ones filed in 2023
	Solved     = 4044
	InProgress = 250
	Rejected   = 90
	Merged     = 60
	Withdrawn  = 40 // before their first dispatch

	// Earlier is how many were filed in 2022, valid or not.
	Earlier = 501
)

const seed = 20231031

// source is one of the random sources, the same at every run: that is the
// point of them.
func source(stream uint64) *rand.Rand {
	return rand.New(rand.NewPCG(seed, stream)) //nolint:gosec // nothing here is to be kept from anybody
}

// Account is one that can sign in.
type Account struct {
	Username string
	Role     ticket.Role
	For      string // whom it is for
}

// Accounts are the only ones that can sign in, each with its user name.
func Accounts() []Account {
	return []Account{
		{"enterprise", ticket.RoleEnterprise, "an enterprise's contact"},
		{"manager", ticket.RoleOfficer, "a service manager: an officer of the development zone with enterprises to look after"},
		{"dispatcher", ticket.RoleDispatcher, "the desk"},
		{"officer", ticket.RoleOfficer, "an officer of a department"},
		{"head", ticket.RoleHead, "the head of the same department"},
		{"leader", ticket.RoleLeader, "a district leader"},
		{"admin", ticket.RoleAdmin, "the administrator"},
	}
}

// Zone is the time zone of the district.
const Zone = "Asia/Shanghai"

// Morning is the moment at which the demo begins: Wednesday, 1 November 2023,
// 08:30, after everything that Fill makes.
func Morning(zone *time.Location) time.Time {
	return time.Date(2023, time.November, 1, 8, 30, 0, 0, zone)
}

// Begin is the moment at which the district is set up, before everything else.
func Begin(zone *time.Location) time.Time {
	return time.Date(2022, time.September, 1, 9, 0, 0, 0, zone)
}

// ErrOthers says that the database holds data that is not the demo's.
var ErrOthers = errors.New("the database holds data that is not the demo's; choose another folder")

// Filled says whether the service holds the demo's district already, and
// returns ErrOthers when it holds something else.
func Filled(ctx context.Context, svc *service.Service) (bool, error) {
	some, err := svc.Enterprises().List(ctx, ticket.System, service.EntryFilter{All: true, Limit: 1})
	if err != nil {
		return false, err
	}
	users, err := svc.Users(ctx, ticket.System, service.UserFilter{Retired: true, Limit: 1})
	if err != nil || len(some)+len(users) == 0 {
		return false, err
	}
	// The demo's enterprises have credit codes of a division that does not
	// exist, so no real database passes for the demo's.
	user, err := svc.UserByName(ctx, Accounts()[0].Username)
	var missing *ticket.Error
	if errors.As(err, &missing) && missing.Code == ticket.CodeNotFound {
		return false, ErrOthers
	}
	if err != nil {
		return false, err
	}
	enterprise, err := svc.Enterprises().Get(ctx, ticket.System, user.EnterpriseID)
	if err != nil || len(enterprise.CreditCode) < 8 || enterprise.CreditCode[2:8] != cast.DistrictCode {
		return false, errors.Join(err, ErrOthers)
	}
	return true, nil
}

// Fill makes the district and its year in an empty database. The service's
// clock must be now, and is left at the Morning. The figures of the year are
// not frozen yet: that is caught up like any freeze that was missed. progress
// hears how many of the tickets are made; it may be nil.
func Fill(ctx context.Context, svc *service.Service, now *clock.Manual, progress service.Progress) error {
	now.Set(Begin(svc.Zone()))
	err := svc.InTx(ctx, func(ctx context.Context) error {
		d, err := settle(ctx, svc, source(1))
		if err != nil {
			return fmt.Errorf("district: %w", err)
		}
		if err := helped(ctx, svc, now, d); err != nil {
			return fmt.Errorf("three lists: %w", err)
		}
		y, err := newYear(svc, now, d)
		if err != nil {
			return err
		}
		if err := y.tell(ctx, progress); err != nil {
			return err
		}
		if err := planServices(ctx, svc, now, d); err != nil {
			return err
		}
		if err := allied(ctx, svc, now, d); err != nil {
			return err
		}
		if err := visits(ctx, svc, now, d, y.calendar); err != nil {
			return err
		}
		if err := teamsAndMilestones(ctx, svc, now, d); err != nil {
			return err
		}
		return notices(ctx, svc, now)
	})
	if err != nil {
		return fmt.Errorf("demo: %w", err)
	}
	now.Set(Morning(svc.Zone()))
	return nil
}

// notices has people told of the last day alone, so that they find some of
// what they would have been told; of what was before nobody is.
func notices(ctx context.Context, svc *service.Service, now *clock.Manual) error {
	day := LastDay.In(svc.Zone())
	if err := svc.SkipAlarms(ctx, day); err != nil {
		return err
	}
	now.Set(day.Add(17 * time.Hour))
	if _, err := svc.TellAlarms(ctx); err != nil {
		return err
	}
	now.Set(Morning(svc.Zone()))
	return svc.TellSince(ctx, day)
}

// SetPasswords gives the accounts that can sign in their password. It ends
// their sessions.
func SetPasswords(ctx context.Context, svc *service.Service, password string) error {
	for _, a := range Accounts() {
		user, err := svc.UserByName(ctx, a.Username)
		if err != nil {
			return err
		}
		if err := svc.SetPassword(ctx, ticket.System, user.ID, password); err != nil {
			return err
		}
	}
	return nil
}
