package rest_test

import (
	_ "embed"
	"net/http"
	"strings"
	"testing"
	"time"

	"whistle/internal/notify"
	"whistle/internal/testkit"
)

//go:embed testdata/channel_matrix.txt
var channelMatrix string

// TestChannelMatrix tries every cell: silence, and a robot with no address.
func TestChannelMatrix(t *testing.T) {
	servers(t, func(t *testing.T, s *testkit.Server) {
		never := map[string]any{"urgent": "never", "todo": "never", "news": "never"}
		tryOperations(t, s, channelMatrix, strings.NewReplacer("{labour}", s.Departments["labour"]), map[string]any{
			"PUT:/me/channels":                map[string]any{"mail": never, "robot": never},
			"PUT:/me/robot":                   map[string]any{},
			"PUT:/departments/{labour}/robot": map[string]any{},
		})
	})
}

// TestRobotByTheAPI: what is set is shown but for its secrets, and a test tells
// what the vendor answered.
func TestRobotByTheAPI(t *testing.T) {
	s := serve(t, testkit.MigratedSQLite(t), testkit.AllowLoopback)
	robots := testkit.NewRobotServer(t, s.Clock, "SEC-a-secret")
	head, robot := s.As(t, "lead-head"), robots.Robot(notify.DingTalk, "token-of-labour")
	path := "/departments/" + s.Departments["labour"] + "/robot"
	chosen := map[string]any{"urgent": "at_once", "todo": "digest", "news": "never"}
	saved := head.Do(http.MethodPut, path, map[string]any{"url": robot.URL, "secret": "wrong", "vendor": "dingtalk", "choices": chosen}).Want(http.StatusOK)
	if text := string(saved.Body); strings.Contains(text, "token-of") || strings.Contains(text, "wrong") || saved.Text("tail") != "bour" || !strings.Contains(text, `"news":"never"`) {
		t.Errorf("%s", text)
	}
	var answer struct {
		OK    bool
		Fault string
		Code  int
		Words string
	}
	if head.Post(path+"/test", nil).Want(http.StatusOK).Into(&answer); answer.OK || answer.Fault != "safety" || answer.Code != 310000 || answer.Words != "sign not match" {
		t.Errorf("%+v", answer)
	}
	if stopped := head.Get(path).Want(http.StatusOK); !strings.Contains(stopped.Text("failure"), "310000") || stopped.Text("stopped_at") == "" {
		t.Errorf("%s", stopped.Body)
	}
	head.Do(http.MethodPut, path, map[string]any{"url": robot.URL, "secret": "SEC-a-secret", "vendor": "dingtalk"}).Want(http.StatusOK)
	head.Post(path+"/test", nil).Want(http.StatusConflict) // at once again
	s.Clock.Advance(time.Minute)
	if head.Post(path+"/test", nil).Want(http.StatusOK).Into(&answer); !answer.OK || !strings.Contains(robots.Next(t).Text, "可以用了") {
		t.Errorf("%+v", answer)
	}
	head.Do(http.MethodDelete, path, nil).Want(http.StatusNoContent)
	head.Get(path).Want(http.StatusNotFound)
	head.Do(http.MethodPut, path, map[string]any{"url": "http://10.0.0.1/x", "vendor": "wecom", "secret": "x"}).Want(http.StatusUnprocessableEntity)
}
