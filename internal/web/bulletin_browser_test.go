package web_test

import (
	"testing"
	"time"

	"whistle/internal/testkit"
)

// The bulletin prints on A4, with nothing that only a screen has use for, and no
// wider than the paper.
func TestTheBulletinPrints(t *testing.T) {
	o := quick(t)
	o.resolving("缺工人")
	o.Clock.Set(time.Date(2023, 10, 2, 9, 0, 0, 0, o.Zone()))
	if _, err := o.Freeze(t.Context()); err != nil {
		t.Fatal(err)
	}
	if made, _, err := o.PublishBulletins(t.Context()); err != nil || made != 2 {
		t.Fatalf("%d bulletins, %v", made, err)
	}
	p := o.Visit(t, "leader", testkit.Desktop).Open("/bulletin").See("历次通报", "下载通报").NoHorizontalScroll().Axe().Screenshot("bulletin-1440")
	if n := p.Print("bulletin-paper"); n < 1 || n > 3 {
		t.Errorf("it prints on %d sheets", n)
	}
	p.Paper().DontSee("历次通报", "下载通报").See("每周通报", "解决率", "人社局", "发布于").NoHorizontalScroll().Screenshot("bulletin-paper")
	o.Visit(t, "lead-head", testkit.Phone).Open("/").Open("/bulletin").See("历次通报", "人社局").DontSee("超期未办结").NoHorizontalScroll().Axe().Screenshot("bulletin-head-390")
}
