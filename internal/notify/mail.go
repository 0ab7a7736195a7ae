package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"html/template"
	"net/mail"
	"net/url"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"

	"whistle/internal/text"
)

// TLS says how a connection to the mail server is protected.
type TLS string

// The policies.
const (
	StartTLS    TLS = "starttls" // the connection turns to TLS, or nothing is sent
	ImplicitTLS TLS = "tls"      // from the first byte
	NoTLS       TLS = "none"
)

// MailConfig says how mail is sent.
type MailConfig struct {
	Host, User, Password string // User "" where the server asks for no name
	Port                 int
	TLS                  TLS
	From                 string // an address, with or without a name
	// PublicURL is under which people reach the service, without a slash at
	// the end.
	PublicURL string
}

// Mail sends notices by SMTP.
type Mail struct {
	cfg  MailConfig
	from *mail.Address
	list string // what the messages are recognised by as those of this service
}

const mailTimeout = 30 * time.Second

// NewMail makes the channel; the server is first spoken to when there is
// something to send.
func NewMail(cfg MailConfig) (*Mail, error) {
	from, err := mail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New("the sender must be a mail address such as whistle@example.com")
	}
	public, err := url.Parse(cfg.PublicURL)
	if err != nil || public.Hostname() == "" {
		return nil, errors.New("the service's address must be of the form https://host")
	}
	return &Mail{cfg: cfg, from: from, list: public.Hostname()}, nil
}

// Name is mail.
func (m *Mail) Name() string { return "mail" }

// Reaches whoever has an address.
func (m *Mail) Reaches(to Recipient) bool { return to.Email != "" }

// Send sends one message.
func (m *Mail) Send(ctx context.Context, msg Message) error {
	letter, err := m.letter(msg)
	if err != nil {
		return &Permanent{err}
	}
	client, err := m.client()
	if err != nil {
		return err
	}
	return judge(client.DialAndSendWithContext(ctx, letter))
}

// Reach signs in to the server and sends nothing.
func (m *Mail) Reach(ctx context.Context) error {
	client, err := m.client()
	if err != nil {
		return err
	}
	if err := client.DialWithContext(ctx); err != nil {
		return err
	}
	return client.Close()
}

func (m *Mail) client() (*gomail.Client, error) {
	opts := []gomail.Option{gomail.WithPort(m.cfg.Port), gomail.WithTimeout(mailTimeout)}
	switch m.cfg.TLS {
	case ImplicitTLS:
		opts = append(opts, gomail.WithSSL())
	case NoTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.NoTLS))
	case StartTLS:
		opts = append(opts, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if m.cfg.User != "" {
		auth := gomail.SMTPAuthAutoDiscover
		if m.cfg.TLS == NoTLS {
			auth = gomail.SMTPAuthPlainNoEnc // somebody chose to
		}
		opts = append(opts, gomail.WithSMTPAuth(auth), gomail.WithUsername(m.cfg.User), gomail.WithPassword(m.cfg.Password))
	}
	return gomail.NewClient(m.cfg.Host, opts...)
}

// judge tells a refusal of the message, which would be the same tomorrow, from
// what may be better then: no connection, a busy server, a wrong password.
func judge(err error) error {
	var refused *gomail.SendError
	if !errors.As(err, &refused) || refused.IsTemp() {
		return err
	}
	if code := refused.ErrorCode(); code >= 500 && code < 600 {
		return &Permanent{err}
	}
	return err
}

var errHeader = errors.New("an address holds what no header may hold")

// letter puts a message into the form of a mail. Whatever people wrote stands
// in the body, or in a header without line breaks.
func (m *Mail) letter(msg Message) (*gomail.Msg, error) {
	if strings.ContainsFunc(msg.To.Email, func(r rune) bool { return r < ' ' }) {
		return nil, errHeader
	}
	letter := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	letter.FromMailAddress(m.from)
	if err := letter.AddToFormat(oneLine(msg.To.Name), msg.To.Email); err != nil {
		return nil, err
	}
	letter.Subject(oneLine(m.subject(msg)))
	letter.SetDateWithValue(msg.At)
	letter.SetMessageIDWithValue(msg.ID + "@" + m.list)
	letter.SetGenHeader("List-Id", fmt.Sprintf("<notices.%s>", m.list))
	// Nothing answers by itself to what nobody wrote by hand (RFC 3834).
	letter.SetGenHeader("Auto-Submitted", "auto-generated")
	letter.SetGenHeader("X-Auto-Response-Suppress", "All")
	letter.SetGenHeader("Content-Language", string(msg.To.Language))
	if urgent(msg) {
		letter.SetImportance(gomail.ImportanceHigh)
	}
	var plain strings.Builder
	m.writePlain(&plain, msg)
	letter.SetBodyString(gomail.TypeTextPlain, plain.String())
	var page bytes.Buffer
	if err := mailPage.Execute(&page, m.pageOf(msg)); err != nil {
		return nil, err
	}
	letter.AddAlternativeString(gomail.TypeTextHTML, page.String())
	for _, a := range msg.Attachments {
		if err := letter.AttachReader(a.Name, bytes.NewReader(a.Content), gomail.WithFileContentType(gomail.ContentType(a.MediaType))); err != nil {
			return nil, err
		}
	}
	return letter, nil
}

func urgent(msg Message) bool {
	for _, item := range msg.Items {
		if item.Urgent {
			return true
		}
	}
	return false
}

// oneLine is a text as a header may hold it: without line breaks and other
// control characters.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
}

func (m *Mail) subject(msg Message) string {
	lang := msg.To.Language
	if msg.Digest != nil {
		return lang.Get("digest.subject", "Day", lang.Day(msg.At, msg.At))
	}
	first, id := msg.Items[0], "mail.subject"
	if first.Urgent {
		id = "mail.subject_urgent"
	}
	if len(msg.Items) == 1 {
		return lang.Get(id, "Text", first.Text, "Subject", first.Subject)
	}
	return lang.Get("mail.subject_many", "Count", len(msg.Items))
}

func (m *Mail) writePlain(b *strings.Builder, msg Message) {
	lang := msg.To.Language
	fmt.Fprintf(b, "%s\n", lang.Get("mail.greeting", "Name", oneLine(msg.To.Name)))
	for _, part := range m.parts(msg) {
		if part.Title != "" {
			fmt.Fprintf(b, "\n%s\n", part.Title)
		}
		for _, item := range part.Items {
			fmt.Fprintf(b, "\n%s\n%s\n", oneLine(item.Subject), item.Text)
			if item.Todo != "" {
				fmt.Fprintf(b, "%s\n", item.Todo)
			}
			fmt.Fprintf(b, "%s\n", item.URL)
		}
	}
	fmt.Fprintf(b, "\n-- \n%s\n", lang.Get("mail.why", "URL", m.cfg.PublicURL))
}

// mailPage is the HTML of a mail: no images, nothing fetched, styles in place,
// since mail programs take no others.
var mailPage = template.Must(template.New("mail").Parse(`<!DOCTYPE html>
<html lang="{{.Lang}}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"></head>
<body style="margin:0;padding:16px;font:16px/1.6 sans-serif;color:#1f2937;background:#ffffff">
<p style="margin:0 0 16px">{{.Greeting}}</p>
{{range .Parts}}{{with .Title}}<p style="margin:0 0 8px;font-weight:bold">{{.}}</p>
{{end}}{{range .Items}}<div style="margin:0 0 16px;padding:12px 16px;border:1px solid #d1d5db;border-radius:6px">
<p style="margin:0;color:#4b5563;font-size:14px">{{.Subject}}</p>
<p style="margin:4px 0 0">{{.Text}}</p>
{{with .Todo}}<p style="margin:4px 0 0;font-weight:bold">{{.}}</p>
{{end}}<p style="margin:8px 0 0"><a href="{{.URL}}">{{$.Open}}</a></p>
</div>
{{end}}{{end}}<p style="margin:0;color:#4b5563;font-size:13px">{{.Why}}</p>
</body></html>
`))

type mailItem struct {
	Item
	URL string
}

// mailPart is some of what a mail says, under a title or not.
type mailPart struct {
	Title string
	Items []mailItem
}

func (m *Mail) parts(msg Message) []mailPart {
	lang := msg.To.Language
	news := mailPart{Items: m.items(msg.Items)}
	if msg.Digest == nil {
		return []mailPart{news}
	}
	var parts []mailPart
	if standing := msg.Digest.standing(lang); standing != "" {
		parts = append(parts, mailPart{standing, m.items(msg.Digest.Pressing)})
	}
	if len(news.Items) > 0 {
		news.Title = lang.Get("digest.news", "Count", len(news.Items))
		parts = append(parts, news)
	}
	return parts
}

func (m *Mail) items(of []Item) []mailItem {
	items := make([]mailItem, len(of))
	for i, item := range of {
		items[i] = mailItem{item, m.cfg.PublicURL + item.Path}
	}
	return items
}

func (m *Mail) pageOf(msg Message) any {
	lang := msg.To.Language
	return struct {
		Lang                text.Language
		Greeting, Open, Why string
		Parts               []mailPart
	}{lang, lang.Get("mail.greeting", "Name", msg.To.Name), lang.Get("mail.open"), lang.Get("mail.why", "URL", m.cfg.PublicURL), m.parts(msg)}
}
