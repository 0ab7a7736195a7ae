package testkit

import (
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
)

// MailServer takes mail by SMTP on the loopback interface, until its test ends.
type MailServer struct {
	Host string
	Port int

	letters chan Letter
	mu      sync.Mutex
	refuse  error // to what is sent; nil while mail is taken
	refused int
}

// Letter is a mail that arrived.
type Letter struct {
	To      string // to whom the server was asked to deliver it
	Header  mail.Header
	Subject string
	Plain   string // the text
	HTML    string
	Files   []Attached
}

// Attached is a file that came with a letter.
type Attached struct {
	Name, MediaType string
	Content         []byte
}

// NewMailServer starts one.
func NewMailServer(tb testing.TB) *MailServer {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's own, closed with it
	if err != nil {
		tb.Fatal(err)
	}
	m := &MailServer{letters: make(chan Letter, 1000)}
	host, port, _ := net.SplitHostPort(listener.Addr().String())
	m.Host = host
	m.Port, _ = strconv.Atoi(port)
	server := smtp.NewServer(m)
	server.Domain = "localhost"
	server.ErrorLog = quiet{}
	go func() { _ = server.Serve(listener) }() // ends with Close
	tb.Cleanup(func() { _ = server.Close() })
	return m
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

// Refuse has the server refuse what is sent with an SMTP code and a text, and
// take it again when the code is 0.
func (m *MailServer) Refuse(code int, text string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.refuse = nil
	if code != 0 {
		m.refuse = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 0, 0}, Message: text}
	}
}

// Refused is how often something was refused.
func (m *MailServer) Refused() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused
}

// Next waits for a letter.
func (m *MailServer) Next(tb testing.TB) Letter {
	tb.Helper()
	select {
	case l := <-m.letters:
		return l
	case <-time.After(30 * time.Second):
		tb.Fatal("no mail arrived")
		return Letter{}
	}
}

// Waiting is how many letters have arrived and were not taken by Next.
func (m *MailServer) Waiting() int { return len(m.letters) }

// NewSession is called by the server for each connection.
func (m *MailServer) NewSession(*smtp.Conn) (smtp.Session, error) {
	return &mailSession{server: m}, nil
}

type mailSession struct {
	server *MailServer
	to     []string
}

func (s *mailSession) Mail(string, *smtp.MailOptions) error { return nil }

func (s *mailSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.server.mu.Lock()
	defer s.server.mu.Unlock()
	if s.server.refuse != nil {
		s.server.refused++
		return s.server.refuse
	}
	s.to = append(s.to, to)
	return nil
}

func (s *mailSession) Data(r io.Reader) error {
	l, err := openLetter(r)
	if err != nil {
		return err
	}
	for _, to := range s.to {
		l.To = to
		s.server.letters <- l
	}
	return nil
}

func (s *mailSession) Reset()        { s.to = nil }
func (s *mailSession) Logout() error { return nil }

// openLetter reads what was sent as a mail program does.
func openLetter(r io.Reader) (Letter, error) {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return Letter{}, err
	}
	l := Letter{Header: message.Header}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject")); err != nil {
		return l, err
	}
	return l, l.open(message.Header.Get("Content-Type"), message.Body)
}

// open reads the parts of a letter, and theirs.
func (l *Letter) open(contentType string, body io.Reader) error {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return err
	}
	parts := multipart.NewReader(body, params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF { //nolint:errorlint // as it is documented
			return nil
		}
		if err != nil {
			return err
		}
		contentType := part.Header.Get("Content-Type")
		if strings.HasPrefix(contentType, "multipart/") {
			if err := l.open(contentType, part); err != nil {
				return err
			}
			continue
		}
		if _, named, err := mime.ParseMediaType(part.Header.Get("Content-Disposition")); err == nil {
			file := Attached{MediaType: contentType}
			if file.Name, err = new(mime.WordDecoder).DecodeHeader(named["filename"]); err != nil {
				return err
			}
			if file.Content, err = io.ReadAll(base64.NewDecoder(base64.StdEncoding, part)); err != nil {
				return err
			}
			l.Files = append(l.Files, file)
			continue
		}
		content, err := io.ReadAll(quotedprintable.NewReader(part))
		if err != nil {
			return err
		}
		words := strings.ReplaceAll(string(content), "\r\n", "\n")
		if strings.HasPrefix(contentType, "text/html") {
			l.HTML = words
		} else {
			l.Plain = words
		}
	}
}
