package notify_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"whistle/internal/clock"
	"whistle/internal/notify"
	"whistle/internal/outbound"
	"whistle/internal/testkit"
	"whistle/internal/text"
)

func robots(client *outbound.Client, now clock.Clock) *notify.Robots {
	return notify.NewRobots(client, "https://whistle.example.com", now)
}

// toRobot is a message to somebody who has a robot.
func toRobot(robot notify.Robot, items ...notify.Item) notify.Message {
	m := message(items...)
	m.To.Robot = &robot
	return m
}

// TestRobotsSpeak to each vendor as its manual says: form, signature, length
// and links; and take no orders from what people wrote.
func TestRobotsSpeak(t *testing.T) {
	now := clock.NewManual(testkit.Moment(t, "2023-09-27 10:00"))
	server := testkit.NewRobotServer(t, now, "SEC-a-secret")
	speak := robots(testkit.Outbound(), now)
	if speak.Reaches(message().To) || !speak.Reaches(toRobot(notify.Robot{}).To) {
		t.Error("robots reach whoever has one, and nobody else")
	}
	const evil = "<@all>[点这里](https://evil.example.com) **x** <at user_id=\"all\"></at>\n# 假标题"
	for _, vendor := range notify.RobotVendors() {
		t.Run(string(vendor), func(t *testing.T) {
			robot := server.Robot(vendor, "r")
			if err := speak.Send(t.Context(), toRobot(robot, dispatched)); err != nil {
				t.Fatal(err)
			}
			said := server.Next(t)
			for _, want := range []string{dispatched.Subject, dispatched.Text, dispatched.Todo, "https://whistle.example.com/tickets/1"} {
				if !strings.Contains(said.Text, want) {
					t.Errorf("%q is missing in:\n%s", want, said.Text)
				}
			}
			if !strings.Contains(said.Title+said.Text, "吹哨") { // the keyword that may be asked for
				t.Errorf("%q does not say what says it", said.Title)
			}

			if err := speak.Send(t.Context(), toRobot(robot, notify.Item{Subject: evil, Text: evil, Todo: evil, Path: "/tickets/1"})); err != nil {
				t.Fatal(err)
			}
			// In 飞书 it is text and no markup; elsewhere nothing of it may be left.
			said = server.Next(t)
			for _, markup := range []string{"<@", "<at", "](https://evil", "https://evil", "**x**", "\n# "} {
				if vendor != notify.Feishu && strings.Contains(said.Text, markup) {
					t.Errorf("%q in:\n%s", markup, said.Text)
				}
			}

			// What does not fit is counted, and cut between two items.
			many := make([]notify.Item, 300)
			for i := range many {
				many[i] = notify.Item{Subject: fmt.Sprintf("2023-%06d %s", i, strings.Repeat("长😀", 60)), Text: strings.Repeat("话", 300), Path: "/tickets/1"}
			}
			if err := speak.Send(t.Context(), toRobot(robot, many...)); err != nil {
				t.Fatal(err)
			}
			said = server.Next(t)
			told := strings.Count(said.Text, "打开看看")
			if told == 0 || told >= len(many) || !strings.Contains(said.Text, fmt.Sprintf("还有 %d 条", len(many)-told)) || !utf8.ValidString(said.Text) {
				t.Errorf("%d bytes tell of %d:\n…%s", said.Bytes, told, said.Text[max(0, len(said.Text)-200):])
			}
			t.Logf("%d of %d items in %d bytes", told, len(many), said.Bytes)

			if err := speak.Try(t.Context(), robot, text.English); err != nil || !strings.Contains(server.Next(t).Text, "works") {
				t.Errorf("a test: %v", err)
			}
		})
	}
}

// TestRobotsTellRefusals: what only passes with time is tried again, what is
// wrong with the robot is mended by nobody but its owner.
func TestRobotsTellRefusals(t *testing.T) {
	now := clock.NewManual(testkit.Moment(t, "2023-09-27 10:00"))
	server := testkit.NewRobotServer(t, now, "SEC-a-secret")
	speak := robots(testkit.Outbound(), now)
	want := func(what string, err error, fault notify.RobotFault, code int) {
		t.Helper()
		var refused *notify.RobotError
		if !errors.As(err, &refused) || refused.Fault != fault || refused.Code != code {
			t.Errorf("%s: %#v", what, err)
			return
		}
		if notify.IsPermanent(err) == (fault == notify.FaultBusy) || notify.Broken(err) != (fault == notify.FaultAddress || fault == notify.FaultSafety) {
			t.Errorf("%s: permanent %v, broken %v", what, notify.IsPermanent(err), notify.Broken(err))
		}
	}
	send := func(robot notify.Robot, at clock.Clock) error {
		return robots(testkit.Outbound(), at).Send(t.Context(), toRobot(robot, dispatched))
	}
	late := clock.NewManual(now.Now().Add(-2 * time.Hour))
	for vendor, codes := range map[notify.RobotVendor]struct{ gone, unsigned, often, most int }{
		notify.WeCom:    {93000, 0, 45009, 20},
		notify.DingTalk: {300001, 310000, 130101, 20},
		notify.Feishu:   {19001, 19021, 11232, 5},
	} {
		want("no such robot of "+string(vendor), send(server.Robot(vendor, "gone"), now), notify.FaultAddress, codes.gone)
		if codes.unsigned != 0 {
			unsigned, wrong := server.Robot(vendor, "r"), server.Robot(vendor, "r")
			unsigned.Secret, wrong.Secret = "", "another"
			want("without a signature to "+string(vendor), send(unsigned, now), notify.FaultSafety, codes.unsigned)
			want("with another's signature to "+string(vendor), send(wrong, now), notify.FaultSafety, codes.unsigned)
			want("with an old signature to "+string(vendor), send(server.Robot(vendor, "r"), late), notify.FaultSafety, codes.unsigned)
		}
		for range codes.most {
			if err := send(server.Robot(vendor, "often"), now); err != nil {
				t.Fatal(err)
			}
		}
		want("too much to "+string(vendor), send(server.Robot(vendor, "often"), now), notify.FaultBusy, codes.often)
	}
	server.Refuse(9499, "too many request")
	want("too much, in other words", send(server.Robot(notify.Feishu, "r"), now), notify.FaultBusy, 9499)
	server.Refuse(9499, "Bad Request")
	want("a message that is none", send(server.Robot(notify.Feishu, "r"), now), notify.FaultMessage, 9499)
	server.Refuse(123456, "something new")
	want("a code that nobody knows", send(server.Robot(notify.DingTalk, "r"), now), notify.FaultBusy, 123456)
	server.Refuse(0, "")

	elsewhere := server.Robot(notify.WeCom, "r")
	elsewhere.URL = strings.Replace(elsewhere.URL, "/cgi-bin/", "/somewhere/", 1)
	want("an address of something else", send(elsewhere, now), notify.FaultAddress, 404)

	// Addresses are secrets: no error tells them.
	closed := notify.Robot{Vendor: notify.WeCom, URL: "http://" + testkit.FreeAddress(t) + "/cgi-bin/webhook/send?key=secret"}
	if err := send(closed, now); err == nil || notify.IsPermanent(err) || strings.Contains(err.Error(), "secret") {
		t.Errorf("nobody listens: %v", err)
	}
	err := robots(outbound.New(outbound.Options{}), now).Send(t.Context(), toRobot(server.Robot(notify.WeCom, "secret"), dispatched))
	if want("inside", err, notify.FaultAddress, 0); strings.Contains(err.Error(), "secret") {
		t.Errorf("inside: %v", err)
	}
	if speak.Name() != "robot" {
		t.Error("the name must not change")
	}
}

// TestVendorsAreRecognised by where their robots are.
func TestVendorsAreRecognised(t *testing.T) {
	for address, vendor := range map[string]notify.RobotVendor{
		"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=1": notify.WeCom,
		"https://oapi.dingtalk.com/robot/send?access_token=1":    notify.DingTalk,
		"https://open.feishu.cn/open-apis/bot/v2/hook/1":         notify.Feishu,
		"https://OPEN.larksuite.com/open-apis/bot/v2/hook/1":     notify.Feishu,
		"https://oapi.dingtalk.com.example.com/robot/send":       "",
		"https://example.com/?https://oapi.dingtalk.com/robot":   "",
		"://": "",
	} {
		if got := notify.VendorOf(address); got != vendor {
			t.Errorf("%s: %q", address, got)
		}
	}
}
