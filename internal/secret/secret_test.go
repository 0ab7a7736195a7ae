package secret

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/alexedwards/argon2id"
)

func TestHashAndMatch(t *testing.T) {
	h, ctx := NewHasher(2), t.Context()
	hash, err := h.Hash(ctx, "correct horse battery")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") {
		t.Errorf("hash with other parameters: %s", hash)
	}
	for _, c := range []struct {
		password, hash string
		want           bool
	}{
		{"correct horse battery", hash, true},
		{"correct horse batterz", hash, false},
		{"", hash, false},
		{"", "", false},
		{"correct horse battery", "", false},
	} {
		got, err := h.Matches(ctx, c.password, c.hash)
		if err != nil || got != c.want {
			t.Errorf("Matches(%q) = %v, %v; want %v", c.password, got, err, c.want)
		}
	}
	if _, err := h.Matches(ctx, "x", "not a hash"); err == nil {
		t.Error("a corrupt hash must be an error")
	}
}

// An unknown account must cost what a known one costs.
func TestNobodysHashCostsTheSame(t *testing.T) {
	p, salt, key, err := argon2id.DecodeHash(nobodys)
	if err != nil {
		t.Fatal(err)
	}
	if *p != params || len(salt) != 16 || len(key) != 32 {
		t.Errorf("nobody's hash has %+v", *p)
	}
}

func TestHashesAreCapped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(2)
		// Two are at work until told to end.
		end := make(chan struct{})
		for range 2 {
			go func() { _ = h.inTurn(context.Background(), func() error { <-end; return nil }) }()
		}
		synctest.Wait()

		done := make(chan error, 1)
		go func() {
			_, err := h.Hash(context.Background(), "a third password")
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Fatalf("a third was hashed beside two: %v", err)
		default:
		}

		ctx, cancel := context.WithCancel(context.Background())
		gaveUp := make(chan error, 1)
		go func() {
			_, err := h.Matches(ctx, "a fourth password", "")
			gaveUp <- err
		}()
		synctest.Wait()
		cancel()
		if err := <-gaveUp; !errors.Is(err, context.Canceled) {
			t.Errorf("waiting ended with %v, want context.Canceled", err)
		}

		close(end)
		if err := <-done; err != nil {
			t.Errorf("the third: %v", err)
		}
	})
}

func TestPasswordFault(t *testing.T) {
	for _, c := range []struct{ password, want string }{
		{"123456789", "at least 10"},
		{"1234567890", ""},
		{"九个字的密码不够长", "at least 10"},
		{"十个字的密码就够长了", ""},
		{strings.Repeat("x", 200), ""},
		{strings.Repeat("x", 201), "at most 200"},
		{"Zhang.Wei.Bureau", "user name"},
		{" zhang.wei.bureau ", "user name"},
		{"\xff1234567890", "UTF-8"},
	} {
		got := PasswordFault(c.password, "zhang.wei.bureau").String()
		if (c.want == "") != (got == "") || !strings.Contains(got, c.want) {
			t.Errorf("PasswordFault(%q) = %q, want %q", c.password, got, c.want)
		}
	}
}

func TestTokens(t *testing.T) {
	a, b := New(Session), New(Session)
	if a == b || Digest(a) == Digest(b) {
		t.Error("two tokens are the same")
	}
	if !Is(a, Session) || !Is(a, API, Session) || Is(a, API, Link) || Is(a+"x", Session) || Is("", Session) || Is("wss_", Session) {
		t.Errorf("the form of %q is judged wrongly", a)
	}
	if len(Digest(a)) != 64 || strings.Contains(Digest(a), a[4:]) {
		t.Errorf("digest %q", Digest(a))
	}
}
