package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"whistle/internal/clock"
	"whistle/internal/outbound"
	"whistle/internal/text"
)

// RobotVendor is whose group chats a robot speaks into.
type RobotVendor string

// The vendors. What each takes and answers is said in its manual:
//   - 企业微信: https://developer.work.weixin.qq.com/document/path/91770, codes at /path/90313
//   - 钉钉: https://open.dingtalk.com/document/orgapp/custom-robot-access, signature at
//     https://open.dingtalk.com/document/robots/customize-robot-security-settings
//   - 飞书: https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot
const (
	WeCom    RobotVendor = "wecom"
	DingTalk RobotVendor = "dingtalk"
	Feishu   RobotVendor = "feishu"
)

// RobotVendors lists the vendors.
func RobotVendors() []RobotVendor { return []RobotVendor{WeCom, DingTalk, Feishu} }

// Robot is a robot of a group chat.
type Robot struct {
	Vendor RobotVendor
	URL    string
	Secret string // by which what it says is signed; "" for none
}

// VendorOf recognises a vendor by the address of its robots; "" for none, as
// for one that an office runs on its own machines.
func VendorOf(address string) RobotVendor {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Hostname()) {
	case "qyapi.weixin.qq.com":
		return WeCom
	case "oapi.dingtalk.com":
		return DingTalk
	case "open.feishu.cn", "open.larksuite.com":
		return Feishu
	}
	return ""
}

// Robots speak by the robots of group chats.
type Robots struct {
	client    *outbound.Client
	publicURL string
	now       func() time.Time
}

// RobotChannel is what the channel is kept under.
const RobotChannel = "robot"

// NewRobots makes the channel. The clock is the wall's: vendors refuse what was
// signed an hour ago. The address is that under which people reach the service.
func NewRobots(client *outbound.Client, publicURL string, wall clock.Clock) *Robots {
	return &Robots{client, publicURL, wall.Now}
}

// Name is robot.
func (r *Robots) Name() string { return RobotChannel }

// Reaches whoever has a robot.
func (r *Robots) Reaches(to Recipient) bool { return to.Robot != nil }

// Send says a message in the robot's group. What the vendor refuses is a
// *RobotError.
func (r *Robots) Send(ctx context.Context, m Message) error {
	body, err := r.body(*m.To.Robot, r.compose(m))
	if err != nil {
		return &Permanent{err}
	}
	return r.say(ctx, *m.To.Robot, body)
}

// Try says a line in the robot's group, as a test.
func (r *Robots) Try(ctx context.Context, robot Robot, lang text.Language) error {
	body, err := r.body(robot, speech{title: lang.Get("robot.test_title"), blocks: []block{{lines: []string{lang.Get("robot.test_text")}}}})
	if err != nil {
		return err
	}
	return r.say(ctx, robot, body)
}

// RobotFault is what kind of refusal a vendor's is.
type RobotFault string

// The faults. All but the first two are of the robot itself: they stay until
// somebody mends it.
const (
	FaultBusy    RobotFault = "busy"    // too much at once, or the vendor is busy: later
	FaultMessage RobotFault = "message" // this message alone
	FaultAddress RobotFault = "address" // there is no such robot any more
	FaultSafety  RobotFault = "safety"  // the signature, a keyword that must occur, or the sender's address
)

// RobotError is what a vendor refuses a message with.
type RobotError struct {
	Fault RobotFault
	Code  int
	Words string // the vendor's
}

func (e *RobotError) Error() string {
	return fmt.Sprintf("the robot's vendor answers %d: %s", e.Code, e.Words)
}

// Broken says whether an error is of the robot itself, so that nothing can be
// said by it until somebody mends it.
func Broken(err error) bool {
	var e *RobotError
	return errors.As(err, &e) && (e.Fault == FaultAddress || e.Fault == FaultSafety)
}

// robotFaults are the codes that vendors answer with, of those that say what
// is wrong. Any other may be better later.
var robotFaults = map[RobotVendor]map[int]RobotFault{
	WeCom: {
		45009: FaultBusy, 45033: FaultBusy, -1: FaultBusy,
		93000: FaultAddress, 93008: FaultAddress, 40014: FaultAddress,
		60020: FaultSafety,                                            // not from an address that is allowed
		40058: FaultMessage, 44004: FaultMessage, 40008: FaultMessage, // too long, empty, of no kind
	},
	DingTalk: {
		130101: FaultBusy, 410100: FaultBusy, -1: FaultBusy, 430103: FaultMessage,
		300001: FaultAddress, 300005: FaultAddress, 400013: FaultAddress, 400101: FaultAddress, 400102: FaultAddress, 404: FaultAddress,
		310000: FaultSafety,
		400105: FaultMessage, 40035: FaultMessage, 460101: FaultMessage, 430101: FaultMessage, 430102: FaultMessage, 430104: FaultMessage,
	},
	Feishu: {
		11232: FaultBusy, 11233: FaultBusy,
		19001: FaultAddress,
		19021: FaultSafety, 19022: FaultSafety, 19024: FaultSafety,
		9499: FaultMessage, 19002: FaultMessage,
	},
}

// say posts a body to the robot and reads what its vendor answers: a code that
// is not 0 is a refusal, though HTTP says 200.
func (r *Robots) say(ctx context.Context, robot Robot, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.address(robot), bytes.NewReader(body))
	if err != nil {
		return &RobotError{Fault: FaultAddress, Words: outbound.ErrForm.Error()}
	}
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	resp, err := r.client.Do(req)
	if err != nil {
		return withoutAddress(err)
	}
	defer func() { _ = resp.Body.Close() }() // it is read
	const most = 64 << 10
	raw, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return withoutAddress(err)
	}
	var answer struct {
		ErrCode *int   `json:"errcode"` // 企业微信, 钉钉
		ErrMsg  string `json:"errmsg"`
		Code    *int   `json:"code"` // 飞书
		Msg     string `json:"msg"`
	}
	code, words := answer.ErrCode, ""
	if json.Unmarshal(raw, &answer) == nil {
		if code, words = answer.ErrCode, answer.ErrMsg; robot.Vendor == Feishu {
			code, words = answer.Code, answer.Msg
		}
	}
	switch {
	case code != nil && *code == 0 && resp.StatusCode == http.StatusOK:
		return nil
	case code == nil:
		// Not its vendor's: a gateway on the way, or an address of something else.
		e := &RobotError{Fault: FaultBusy, Code: resp.StatusCode, Words: http.StatusText(resp.StatusCode)}
		if resp.StatusCode < http.StatusInternalServerError && resp.StatusCode != http.StatusTooManyRequests {
			e.Fault = FaultAddress
		}
		return judged(e)
	}
	e := &RobotError{robotFaults[robot.Vendor][*code], *code, oneLine(words)}
	if e.Fault == "" || resp.StatusCode == http.StatusTooManyRequests || strings.Contains(strings.ToLower(words), "too many request") {
		e.Fault = FaultBusy // 飞书 says 9499 for that, too
	}
	return judged(e)
}

// judged tells what is worth another try.
func judged(e *RobotError) error {
	if e.Fault == FaultBusy {
		return e
	}
	return &Permanent{e}
}

// withoutAddress is an error without the address, which is a secret.
func withoutAddress(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		if errors.Is(err, outbound.ErrInside) {
			return &Permanent{&RobotError{Fault: FaultAddress, Words: outbound.ErrInside.Error()}}
		}
		return fmt.Errorf("the robot cannot be reached: %w", of.Err)
	}
	return err
}

// address is where a robot takes messages; that of 钉钉 is signed.
func (r *Robots) address(robot Robot) string {
	if robot.Vendor != DingTalk || robot.Secret == "" {
		return robot.URL
	}
	at := strconv.FormatInt(r.now().UnixMilli(), 10)
	u, err := url.Parse(robot.URL)
	if err != nil {
		return robot.URL
	}
	q := u.Query()
	q.Set("timestamp", at)
	q.Set("sign", sign([]byte(robot.Secret), at+"\n"+robot.Secret))
	u.RawQuery = q.Encode()
	return u.String()
}

func sign(key []byte, said string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(said))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// speech is a message before it has a vendor's form.
type speech struct {
	title  string
	blocks []block
	more   func(n int) string // says how many of the blocks are left out
}

// block is what is said of one thing; it is left out as a whole or not.
type block struct {
	head  string
	lines []string
	link  string // "" for none
	open  string // the link's words
}

// maxWords is how many characters of a text are said.
const maxWords = 200

func brief(s string) string {
	if r := []rune(oneLine(s)); len(r) > maxWords {
		return string(r[:maxWords-1]) + "…"
	}
	return oneLine(s)
}

// compose puts a message into words.
func (r *Robots) compose(m Message) speech {
	lang := m.To.Language
	s := speech{title: lang.Get("robot.title"), more: func(n int) string { return lang.Get("robot.more", "Count", n) }}
	items := m.Items
	switch d := m.Digest; {
	case d != nil:
		s.title = lang.Get("digest.title", "Day", lang.Day(m.At, m.At))
		if standing := d.standing(lang); standing != "" {
			s.blocks = append(s.blocks, block{lines: []string{standing}})
		}
		items = slices.Concat(d.Pressing, m.Items)
	case urgent(m):
		s.title = lang.Get("robot.title_urgent")
	}
	for _, item := range items {
		b := block{head: brief(item.Subject), lines: []string{brief(item.Text)}, link: r.publicURL + item.Path, open: lang.Get("mail.open")}
		if item.Todo != "" {
			b.lines = append(b.lines, brief(item.Todo))
		}
		s.blocks = append(s.blocks, b)
	}
	return s
}

// standing says how many tickets are red and yellow; "" when none is.
func (d *Digest) standing(lang text.Language) string {
	if d.Red+d.Yellow == 0 {
		return ""
	}
	return lang.Get("digest.standing", "Red", d.Red, "Yellow", d.Yellow)
}

// What vendors take at the most.
const (
	weComBytes    = 4096   // of the words
	dingTalkBytes = 20_000 // of the body
	feishuBytes   = 20 << 10
)

// body is a speech in the robot's vendor's form, with as many blocks as go into
// one message.
func (r *Robots) body(robot Robot, s speech) ([]byte, error) {
	var failed error
	encoded := func(left int) (raw []byte, fits bool) {
		said := s.blocks[:len(s.blocks)-left]
		if left > 0 {
			said = append(slices.Clone(said), block{lines: []string{s.more(left)}})
		}
		raw, fits, err := r.encode(robot, s.title, said)
		failed = errors.Join(failed, err)
		return raw, fits
	}
	left := sort.Search(len(s.blocks), func(left int) bool { _, fits := encoded(left); return fits })
	raw, fits := encoded(left)
	if failed == nil && !fits {
		failed = errors.New("the message does not fit into what the vendor takes")
	}
	return raw, failed
}

// encode puts a speech into its vendor's form and says whether it takes that
// much.
func (r *Robots) encode(robot Robot, title string, blocks []block) (body []byte, fits bool, err error) {
	var message any
	words := 0
	switch robot.Vendor {
	case WeCom:
		content := markdown(title, blocks, "\n")
		words = len(content)
		message = map[string]any{"msgtype": "markdown", "markdown": map[string]string{"content": content}}
	case DingTalk:
		// Lines without one between them are one paragraph.
		message = map[string]any{"msgtype": "markdown", "markdown": map[string]string{"title": plain(title), "text": markdown(title, blocks, "\n\n")}}
	case Feishu:
		message = r.post(robot, title, blocks)
	}
	var raw bytes.Buffer
	encode := json.NewEncoder(&raw)
	encode.SetEscapeHTML(false)
	err = encode.Encode(message)
	most := map[RobotVendor]int{WeCom: math.MaxInt, DingTalk: dingTalkBytes, Feishu: feishuBytes}[robot.Vendor]
	return raw.Bytes(), words <= weComBytes && raw.Len() <= most, err
}

// markdown is what 企业微信 and 钉钉 take.
func markdown(title string, blocks []block, lineEnd string) string {
	var b strings.Builder
	b.WriteString("### " + plain(title))
	for _, of := range blocks {
		if of.head != "" {
			b.WriteString(lineEnd + "**" + plain(of.head) + "**")
		}
		for _, line := range of.lines {
			b.WriteString(lineEnd + plain(line))
		}
		if of.link != "" {
			b.WriteString(lineEnd + "[" + plain(of.open) + "](" + of.link + ")")
		}
	}
	return b.String()
}

// plainWords are the characters that markup is made of, and how they are
// written instead.
var plainWords = strings.NewReplacer("<", "＜", ">", "＞", "[", "［", "]", "］", "(", "（", ")", "）", "*", "＊", "_", "＿", "`", "｀", "#", "＃", "~", "～", "@", "＠", "|", "｜", "://", "：//")

// plain keeps words from being taken for markup, which could call everybody
// (<@all>) or lead elsewhere. Neither vendor knows an escape, so that such
// characters are written in their wide forms.
func plain(s string) string { return plainWords.Replace(s) }

// post is what 飞书 takes: text that is no markup, and links beside it.
func (r *Robots) post(robot Robot, title string, blocks []block) map[string]any {
	var rows [][]map[string]string
	for _, of := range blocks {
		lines := of.lines
		if of.head != "" {
			lines = slices.Concat([]string{of.head}, lines)
		}
		for _, line := range lines {
			rows = append(rows, []map[string]string{{"tag": "text", "text": line}})
		}
		if of.link != "" {
			rows = append(rows, []map[string]string{{"tag": "a", "text": of.open, "href": of.link}})
		}
	}
	message := map[string]any{
		"msg_type": "post",
		"content":  map[string]any{"post": map[string]any{"zh_cn": map[string]any{"title": title, "content": rows}}},
	}
	if robot.Secret != "" {
		at := strconv.FormatInt(r.now().Unix(), 10)
		message["timestamp"], message["sign"] = at, sign([]byte(at+"\n"+robot.Secret), "")
	}
	return message
}
