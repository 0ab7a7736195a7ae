package testkit

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"whistle/internal/clock"
	"whistle/internal/notify"
	"whistle/internal/outbound"
)

// RobotServer stands in for the vendors of robots on the loopback interface,
// until its test ends. It checks what they say in their manuals that they
// check, the addresses of which stand in package notify: the robot's key, the
// signature and its age, the form and length of a message, and how many come
// in a minute; and it answers with their codes.
type RobotServer struct {
	tb    testing.TB
	url   string
	clock clock.Clock

	mu     sync.Mutex
	secret string
	refuse *robotRefusal
	taken  map[string][]time.Time // by robot: when messages were taken
	barred map[string]time.Time   // by robot: until when 钉钉 takes none
	said   chan Speech
	asked  int
}

// Speech is what a robot said in its group.
type Speech struct {
	Robot  string // its key
	Title  string
	Text   string // all of it, as the group reads it
	Vendor notify.RobotVendor
	Bytes  int // of the request
}

// key is what tells the robot from all others.
func (s Speech) key() string { return string(s.Vendor) + " " + s.Robot }

type robotRefusal struct {
	code  int
	words string
}

// NewRobotServer starts one that goes by a clock. Robots of 钉钉 and 飞书 have
// their messages signed by the secret; with "" they do not.
func NewRobotServer(tb testing.TB, now clock.Clock, secret string) *RobotServer {
	tb.Helper()
	r := &RobotServer{tb: tb, clock: now, secret: secret, taken: map[string][]time.Time{}, barred: map[string]time.Time{}, said: make(chan Speech, 1000)}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /cgi-bin/webhook/send", r.serve(notify.WeCom))
	mux.HandleFunc("POST /robot/send", r.serve(notify.DingTalk))
	mux.HandleFunc("POST /open-apis/bot/v2/hook/{key}", r.serve(notify.Feishu))
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	r.url = server.URL
	return r
}

// Outbound reaches this machine, as an operator may allow.
func Outbound() *outbound.Client {
	return outbound.New(outbound.Options{Allowed: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
}

// Robot is one of the server's robots; there are as many as there are names,
// but for "gone".
func (r *RobotServer) Robot(vendor notify.RobotVendor, name string) notify.Robot {
	robot := notify.Robot{Vendor: vendor, Secret: r.secret}
	switch vendor {
	case notify.WeCom:
		robot.URL, robot.Secret = r.url+"/cgi-bin/webhook/send?key="+name, ""
	case notify.DingTalk:
		robot.URL = r.url + "/robot/send?access_token=" + name
	case notify.Feishu:
		robot.URL = r.url + "/open-apis/bot/v2/hook/" + name
	}
	return robot
}

// Refuse has every message refused with a code and the vendor's words; with 0
// they are taken again.
func (r *RobotServer) Refuse(code int, words string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.refuse = nil
	if code != 0 {
		r.refuse = &robotRefusal{code, words}
	}
}

// Next waits for what is said next.
func (r *RobotServer) Next(tb testing.TB) Speech {
	tb.Helper()
	select {
	case s := <-r.said:
		return s
	case <-time.After(30 * time.Second):
		tb.Fatal("no robot said anything")
	}
	return Speech{}
}

// Waiting is how much was said that nobody has looked at.
func (r *RobotServer) Waiting() int { return len(r.said) }

// Asked is how often the server was called.
func (r *RobotServer) Asked() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.asked
}

func (r *RobotServer) serve(vendor notify.RobotVendor) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		raw, err := io.ReadAll(req.Body)
		if err != nil {
			r.tb.Errorf("a robot's message: %v", err)
			return
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.asked++
		code, words := r.judge(vendor, req, raw)
		w.Header().Set("Content-Type", "application/json")
		names := [2]string{"errcode", "errmsg"}
		if vendor == notify.Feishu {
			names = [2]string{"code", "msg"}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{names[0]: code, names[1]: words}) // HTTP says 200 whatever it is
	}
}

// judge is what a vendor answers.
func (r *RobotServer) judge(vendor notify.RobotVendor, req *http.Request, raw []byte) (code int, words string) {
	if r.refuse != nil {
		return r.refuse.code, r.refuse.words
	}
	s := Speech{Vendor: vendor, Bytes: len(raw)}
	var body struct {
		MsgType  string `json:"msgtype"`
		Markdown struct{ Content, Title, Text string }
		Type     string `json:"msg_type"`
		Content  struct {
			Post map[string]struct {
				Title   string
				Content [][]struct{ Tag, Text, Href string }
			}
		}
		Timestamp, Sign string
	}
	if !strings.HasPrefix(req.Header.Get("Content-Type"), "application/json") || json.Unmarshal(raw, &body) != nil {
		return map[notify.RobotVendor]int{notify.WeCom: 47001, notify.DingTalk: 40035, notify.Feishu: 9499}[vendor], "Bad Request"
	}
	switch q := req.URL.Query(); vendor {
	case notify.WeCom:
		if s.Robot = q.Get("key"); s.Robot == "gone" {
			return 93000, "invalid webhook url, hint: [1-2-3], from ip: 127.0.0.1"
		}
		s.Text = body.Markdown.Content
		switch {
		case body.MsgType != "markdown":
			return 40008, "invalid message type"
		case s.Text == "":
			return 44004, "empty content"
		case len(s.Text) > 4096:
			return 40058, "markdown.content exceed max length 4096"
		case r.often(s, time.Minute, 20):
			return 45009, "api freq out of limit"
		}
	case notify.DingTalk:
		if s.Robot = q.Get("access_token"); s.Robot == "gone" {
			return 300001, "token is not exist"
		}
		at, err := strconv.ParseInt(q.Get("timestamp"), 10, 64)
		if r.secret != "" && (err != nil || !r.fresh(time.UnixMilli(at)) || q.Get("sign") != signature(r.secret, fmt.Sprintf("%d\n%s", at, r.secret))) {
			return 310000, "sign not match"
		}
		s.Title, s.Text = body.Markdown.Title, body.Markdown.Text
		switch {
		case body.MsgType != "markdown" || s.Title == "" || s.Text == "":
			return 40035, "缺少参数 json"
		case len(raw) > 20000:
			return 460101, "message too long, exceed 20000 bytes"
		case r.clock.Now().Before(r.barred[s.key()]):
			return 130101, "send too fast, exceed 20 times per minute"
		case r.often(s, time.Minute, 20):
			r.barred[s.key()] = r.clock.Now().Add(10 * time.Minute)
			return 130101, "send too fast, exceed 20 times per minute"
		}
	case notify.Feishu:
		if s.Robot = req.PathValue("key"); s.Robot == "gone" {
			return 19001, "param invalid: incoming webhook access token invalid"
		}
		at, err := strconv.ParseInt(body.Timestamp, 10, 64)
		if r.secret != "" && (err != nil || !r.fresh(time.Unix(at, 0)) || body.Sign != signature(fmt.Sprintf("%d\n%s", at, r.secret), "")) {
			return 19021, "sign match fail or timestamp is not within one hour from current time"
		}
		post := body.Content.Post["zh_cn"]
		s.Title = post.Title
		for _, line := range post.Content {
			for _, part := range line {
				s.Text += part.Text
				if part.Tag == "a" {
					s.Text += " " + part.Href
				}
			}
			s.Text += "\n"
		}
		switch {
		case body.Type != "post" || s.Text == "":
			return 19002, "params error, msg_type need"
		case len(raw) > 20<<10:
			return 9499, "Bad Request"
		case r.often(s, time.Second, 5) || r.often(s, time.Minute, 100):
			return 11232, "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
		}
	}
	r.taken[s.key()] = append(r.taken[s.key()], r.clock.Now())
	r.said <- s
	return 0, "ok"
}

// often says whether a robot has said as much within a time as it may.
func (r *RobotServer) often(s Speech, within time.Duration, most int) bool {
	n := 0
	for _, at := range r.taken[s.key()] {
		if r.clock.Now().Sub(at) < within {
			n++
		}
	}
	return n >= most
}

// fresh says whether a signature is of the last hour.
func (r *RobotServer) fresh(at time.Time) bool {
	return r.clock.Now().Sub(at).Abs() < time.Hour
}

func signature(key, said string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(said))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
