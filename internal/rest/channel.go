package rest

import (
	"context"
	"net/http"
	"time"

	"whistle/internal/notify"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// Robot is a robot of a group chat that tells a person, or a department.
type Robot struct {
	Vendor       notify.RobotVendor `json:"vendor" enum:"wecom,dingtalk,feishu"`
	Tail         string             `json:"tail" doc:"The end of its address, by which it is recognised; the whole is shown nowhere"`
	Signed       bool               `json:"signed" doc:"Whether messages are signed by a secret"`
	Failures     int                `json:"failures" doc:"How often it failed since it last spoke"`
	Failure      string             `json:"failure" doc:"What its vendor answered then; empty for nothing"`
	FailingSince *time.Time         `json:"failing_since" doc:"null when it works"`
	StoppedAt    *time.Time         `json:"stopped_at" doc:"It is spoken by no more until it is saved anew or a test succeeds; null when it is"`
	UpdatedAt    time.Time          `json:"updated_at"`
}

// OfficeRobot is a department's robot, with what its group is told.
type OfficeRobot struct {
	Robot
	Choices service.NoticeChoices `json:"choices"`
}

// NewOfficeRobot is what a department's robot is made of.
type NewOfficeRobot struct {
	service.NewRobot
	Choices *service.NoticeChoices `json:"choices,omitempty" doc:"What the group is told, and when; left out, as it is"`
}

// RobotAnswer is what a robot's vendor answered to a test.
type RobotAnswer struct {
	OK    bool              `json:"ok"`
	Fault notify.RobotFault `json:"fault" enum:",busy,message,address,safety" doc:"What is wrong: busy, later; message, this one alone; address, there is no such robot; safety, the signature, a keyword or the sender's address. Empty when nothing is, or the vendor could not be reached"`
	Code  int               `json:"code" doc:"The vendor's"`
	Words string            `json:"words" doc:"The vendor's"`
}

func (a *API) robot(v *service.RobotView) (*answer[Robot], error) {
	if v == nil {
		return nil, ticket.NotFound("robot")
	}
	return &answer[Robot]{a.showRobot(v)}, nil
}

func (a *API) officeRobot(v *service.RobotView) (*answer[OfficeRobot], error) {
	if v == nil {
		return nil, ticket.NotFound("robot")
	}
	return &answer[OfficeRobot]{OfficeRobot{a.showRobot(v), v.Choices}}, nil
}

func (a *API) showRobot(v *service.RobotView) Robot {
	return Robot{v.Vendor, v.Tail, v.Signed, v.Failures, v.Failure, a.inZone(v.FailingSince), a.inZone(v.StoppedAt), *a.inZone(&v.UpdatedAt)}
}

// channels are the ways by which people are told, beside the notices here.
func (a *API) channels() {
	register(a, operation(http.MethodGet, "/me/channels", "get-channels", "notices", "What one is told by each channel, and when"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[service.MyChannels], error) {
			mine, err := a.svc.MyChannels(ctx, actor)
			return &answer[service.MyChannels]{mine}, err
		})
	put := operation(http.MethodPut, "/me/channels", "choose-channels", "notices", "Choose what one is told by each channel, and when")
	put.Description = "At once is in working time, and for urgent tickets at any time; the digest comes at 8:30 on working days. Notices stand here whatever is chosen. The offices cannot do without urgent matters by mail."
	register(a, put, func(ctx context.Context, actor ticket.Actor, in *struct{ Body service.MyChannels }) (*nothing, error) {
		return &nothing{}, a.svc.ChooseChannels(ctx, actor, in.Body)
	})

	const mine, theirs = "/me/robot", "/departments/{id}/robot"
	const secret = "The address and the secret are never shown again. The vendor is recognised by the address: 企业微信, 钉钉 or 飞书. What is confidential is told without title and enterprise, since a group may hold others."
	register(a, operation(http.MethodGet, mine, "get-robot", "notices", "One's own robot of a group chat"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[Robot], error) {
			v, err := a.svc.Robot(ctx, actor, "")
			if err != nil {
				return nil, err
			}
			return a.robot(v)
		})
	save := operation(http.MethodPut, mine, "save-robot", "notices", "Set one's own robot of a group chat")
	save.Description = secret
	register(a, save, func(ctx context.Context, actor ticket.Actor, in *struct{ Body service.NewRobot }) (*answer[Robot], error) {
		v, err := a.svc.SaveRobot(ctx, actor, "", in.Body, nil)
		if err != nil {
			return nil, err
		}
		return a.robot(v)
	})
	register(a, operation(http.MethodDelete, mine, "remove-robot", "notices", "Do without one's own robot"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*nothing, error) {
			return &nothing{}, a.svc.RemoveRobot(ctx, actor, "")
		})
	register(a, operation(http.MethodPost, mine+"/test", "test-robot", "notices", "Have one's own robot say a line, and read what its vendor answers"),
		func(ctx context.Context, actor ticket.Actor, _ *struct{}) (*answer[RobotAnswer], error) {
			return a.testRobot(ctx, actor, "")
		})
	register(a, operation(http.MethodGet, theirs, "get-department-robot", "notices", "A department's robot of its group chat"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[OfficeRobot], error) {
			v, err := a.svc.Robot(ctx, actor, in.ID)
			if err != nil {
				return nil, err
			}
			return a.officeRobot(v)
		})
	saveTheirs := operation(http.MethodPut, theirs, "save-department-robot", "notices", "Set a department's robot of its group chat")
	saveTheirs.Description = "By its head, who stands in for them, and admins. " + secret
	register(a, saveTheirs, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body NewOfficeRobot
	},
	) (*answer[OfficeRobot], error) {
		v, err := a.svc.SaveRobot(ctx, actor, in.ID, in.Body.NewRobot, in.Body.Choices)
		if err != nil {
			return nil, err
		}
		return a.officeRobot(v)
	})
	register(a, operation(http.MethodDelete, theirs, "remove-department-robot", "notices", "Take a department's robot from it"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
			return &nothing{}, a.svc.RemoveRobot(ctx, actor, in.ID)
		})
	register(a, operation(http.MethodPost, theirs+"/test", "test-department-robot", "notices", "Have a department's robot say a line, and read what its vendor answers"),
		func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[RobotAnswer], error) {
			return a.testRobot(ctx, actor, in.ID)
		})
}

func (a *API) testRobot(ctx context.Context, actor ticket.Actor, departmentID string) (*answer[RobotAnswer], error) {
	tried, err := a.svc.TestRobot(ctx, actor, departmentID)
	if err != nil {
		return nil, err
	}
	return &answer[RobotAnswer]{RobotAnswer{tried.OK, tried.Fault, tried.Code, tried.Words}}, nil
}
