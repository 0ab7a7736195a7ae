package web

import (
	"net/http"
	"net/url"

	"whistle/internal/notify"
	"whistle/internal/service"
)

// The page of a department's robot, and where on one's own page the channels
// stand.
const (
	officeRobotPath = "/departments/:id/robot"
	myRobotPath     = accountPath + "/robot"
	channelsAnchor  = "#channels"
)

func (w *Pages) channelRoutes() []route {
	return []route{
		post(accountPath+"/channels/:channel", (*page).chooseChannel),
		post(myRobotPath, (*page).saveRobot),
		post(myRobotPath+"/test", (*page).testRobot),
		post(myRobotPath+"/remove", (*page).removeRobot),
		get(officeRobotPath, (*page).officeRobot),
		post(officeRobotPath, (*page).saveRobot),
		post(officeRobotPath+"/choices", (*page).chooseForOffice),
		post(officeRobotPath+"/test", (*page).testRobot),
		post(officeRobotPath+"/remove", (*page).removeRobot),
	}
}

// channelsPanel is what somebody is told by each channel.
type channelsPanel struct {
	HasMail bool
	Mail    *form
	Robot   robotPanel
	Office  string // the page of the robot of the department that the reader heads; "" for none
}

// robotPanel is a robot, and the forms by which it is kept.
type robotPanel struct {
	*service.RobotView // nil for none
	Path               string
	Form               *form
	Choices            *form // nil while there is no robot
}

// officePage is the robot of a department.
type officePage struct {
	Department string
	robotPanel
}

// robotPath is where the robot that the address means is kept: a department's,
// or one's own.
func (p *page) robotPath() string {
	if id := p.Param("id"); id != "" {
		return service.RobotPath(url.PathEscape(id))
	}
	return myRobotPath
}

// robotHome is where the robot is shown.
func (p *page) robotHome() string {
	if p.Param("id") != "" {
		return p.robotPath()
	}
	return accountPath + channelsAnchor
}

func (p *page) channelsPanel(profile *service.Profile) (channelsPanel, error) {
	panel := channelsPanel{HasMail: profile.Email != ""}
	mine, err := p.svc.MyChannels(p.ctx(), p.actor)
	if err != nil {
		return panel, err
	}
	panel.Mail = p.choicesForm(accountPath+"/channels/mail", "mail", mine.Mail, service.MaySilence(p.actor))
	if panel.Robot, err = p.robotPanel(); err != nil {
		return panel, err
	}
	if panel.Robot.RobotView != nil {
		panel.Robot.Choices = p.choicesForm(accountPath+"/channels/robot", "robot", mine.Robot, true)
	}
	if p.actor.Heads() {
		panel.Office = service.RobotPath(p.actor.DepartmentID)
	}
	return panel, nil
}

// choicesForm asks what is to come by a channel, and when.
func (p *page) choicesForm(action, name string, now service.NoticeChoices, maySilence bool) *form {
	f := newForm(action, p.t("channel.save"))
	for _, of := range []struct {
		weight service.NoticeWeight
		choice service.NoticeChoice
	}{{service.WeightUrgent, now.Urgent}, {service.WeightTodo, now.Todo}, {service.WeightNews, now.News}} {
		asked := field{
			Name: string(of.weight), Form: name, Label: p.t("notice_weight." + string(of.weight)), Hint: p.t("notice_weight_hint." + string(of.weight)),
			Kind: kindRadios, Required: true, Values: []string{string(of.choice)},
		}
		for _, choice := range []service.NoticeChoice{service.AtOnce, service.InDigest, service.Never} {
			if choice == service.Never && of.weight == service.WeightUrgent && !maySilence {
				asked.Hint += p.t("channel.never_silent")
				continue
			}
			asked.Options = append(asked.Options, option{Value: string(choice), Label: p.t("notice_choice." + string(choice))})
		}
		f.Fields = append(f.Fields, asked)
	}
	return f
}

func (p *page) robotPanel() (robotPanel, error) {
	view, err := p.svc.Robot(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return robotPanel{}, err
	}
	panel := robotPanel{RobotView: view, Path: p.robotPath(), Form: newForm(p.robotPath(), p.t("channel.save"))}
	vendors := optionsOf(notify.RobotVendors(), func(v notify.RobotVendor) option {
		return option{Value: string(v), Label: p.t("robot_vendor." + string(v))}
	})
	panel.Form.Fields = []field{
		{Name: "url", Form: "robot", Label: p.t("robot.url"), Hint: p.t("robot.url_hint"), Kind: kindText, Required: true, Max: 1000},
		{Name: "secret", Form: "robot", Label: p.t("robot.secret"), Hint: p.t("robot.secret_hint"), Kind: kindPassword, Max: 200},
		{Name: "vendor", Form: "robot", Label: p.t("robot.vendor"), Hint: p.t("robot.vendor_hint"), Kind: kindSelect, Options: vendors},
	}
	return panel, nil
}

func (p *page) officeRobot() error { return p.showOfficeRobot(http.StatusOK, nil) }

func (p *page) showOfficeRobot(status int, change func(*officePage)) error {
	panel, err := p.robotPanel()
	if err != nil {
		return err
	}
	department, err := p.svc.Departments().Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	if panel.RobotView != nil {
		panel.Choices = p.choicesForm(panel.Path+"/choices", "office", panel.RobotView.Choices, true)
	}
	shown := officePage{department.Name, panel}
	if change != nil {
		change(&shown)
	}
	return p.showAs(status, "account/robot", shown)
}

func (p *page) saveRobot() error {
	values, _, err := p.values()
	if err != nil {
		return err
	}
	var in service.NewRobot
	err = p.decode(values, &in)
	if err == nil {
		_, err = p.svc.SaveRobot(p.ctx(), p.actor, p.Param("id"), in, nil)
	}
	if err == nil {
		p.say("robot.saved")
		return p.goTo(p.robotHome())
	}
	panel, errPanel := p.robotPanel()
	if errPanel != nil {
		return errPanel
	}
	f := panel.Form
	f.fill(values)
	return p.refuse(err, f, func(status int) error {
		if p.Param("id") != "" {
			return p.showOfficeRobot(status, func(o *officePage) { o.Form = f })
		}
		return p.showAccount(status, accountForms{robot: f})
	})
}

// noticeChoices reads what was chosen of one channel.
func (p *page) noticeChoices() (service.NoticeChoices, error) {
	var in service.NoticeChoices
	values, _, err := p.values()
	if err != nil {
		return in, err
	}
	return in, p.decode(values, &in)
}

func (p *page) chooseChannel() error {
	chosen, err := p.noticeChoices()
	if err != nil {
		return err
	}
	all, err := p.svc.MyChannels(p.ctx(), p.actor)
	if err != nil {
		return err
	}
	if p.Param("channel") == "robot" {
		all.Robot = chosen
	} else {
		all.Mail = chosen
	}
	// The form offers nothing else than what can be chosen.
	if err := p.svc.ChooseChannels(p.ctx(), p.actor, all); err != nil {
		return err
	}
	p.say("channel.saved")
	return p.goTo(accountPath + channelsAnchor)
}

func (p *page) chooseForOffice() error {
	chosen, err := p.noticeChoices()
	if err != nil {
		return err
	}
	if _, err := p.svc.SaveRobot(p.ctx(), p.actor, p.Param("id"), service.NewRobot{}, &chosen); err != nil {
		return err
	}
	p.say("channel.saved")
	return p.goTo(p.robotPath())
}

func (p *page) testRobot() error {
	answer, err := p.svc.TestRobot(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return err
	}
	switch {
	case answer.OK:
		p.say("robot.test_ok")
	case answer.Fault == "":
		p.say("robot.test_unreached", "Words", answer.Words)
	default:
		p.say("robot.test_refused", "Fault", p.t("robot_fault."+string(answer.Fault)), "Code", answer.Code, "Words", answer.Words)
	}
	return p.goTo(p.robotHome())
}

func (p *page) removeRobot() error {
	if err := p.svc.RemoveRobot(p.ctx(), p.actor, p.Param("id")); err != nil {
		return err
	}
	p.say("robot.removed")
	return p.goTo(p.robotHome())
}
