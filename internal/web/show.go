package web

import (
	"fmt"
	"html/template"
	"time"

	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"whistle/internal/figures"
	"whistle/internal/text"
	"whistle/internal/worktime"
)

// shower writes times and numbers as people read them.
type shower struct {
	lang text.Language
	zone *time.Location
	now  func() time.Time
}

// shower writes for the reader of the page.
func (p *page) shower() shower {
	return shower{lang: p.lang, zone: p.svc.Zone(), now: p.svc.Now}
}

// moment is a time to the minute, e.g. 10月9日 18:00, as an element that holds
// the exact time too. Another year than the present is named.
func (s shower) moment(at any) template.HTML {
	when, ok := timeOf(at)
	if !ok {
		return ""
	}
	return s.timeElement(when, s.words(when), "")
}

// ago is a time as people say it, e.g. 3 分钟前; script keeps it current, and
// the exact time is its title.
func (s shower) ago(at any) template.HTML {
	when, ok := timeOf(at)
	if !ok {
		return ""
	}
	return s.timeElement(when, s.words(when), " data-relative")
}

func (s shower) timeElement(at time.Time, words, attributes string) template.HTML {
	exact := at.In(s.zone).Format("2006-01-02 15:04:05 -07:00")
	return template.HTML(fmt.Sprintf(`<time datetime="%s" title="%s"%s>%s</time>`, //nolint:gosec // nothing of it comes from outside
		at.In(s.zone).Format(time.RFC3339), exact, attributes, template.HTMLEscapeString(words)))
}

func (s shower) words(at time.Time) string {
	return s.lang.Moment(at.In(s.zone), s.now())
}

// day is a date, e.g. 10月9日; another year than the present is named.
func (s shower) day(d worktime.Date) string {
	if d.IsZero() {
		return ""
	}
	return s.lang.Day(d.In(s.zone), s.now())
}

// workTime is a length of working time, e.g. 1 天 3 小时 by days of seven
// hours.
func (s shower) workTime(d time.Duration) string { return s.length(d, workDay) }

// workDay is the working time of a day.
const workDay = 7 * time.Hour

// length is a length of time by days of so many hours.
func (s shower) length(d, day time.Duration) string {
	minutes, minutesOfDay := int(d/time.Minute), int(day/time.Minute)
	days, hours := minutes/minutesOfDay, minutes%minutesOfDay/60
	switch {
	case days > 0 && hours > 0:
		return s.lang.Get("time.days", "Count", days) + " " + s.lang.Get("time.hours", "Count", hours)
	case days > 0:
		return s.lang.Get("time.days", "Count", days)
	case hours > 0:
		words := s.lang.Get("time.hours", "Count", hours)
		if rest := minutes % 60; rest > 0 && hours < 3 {
			words += " " + s.lang.Get("time.minutes", "Count", rest)
		}
		return words
	}
	return s.lang.Get("time.minutes", "Count", minutes)
}

// number groups the thousands.
func (s shower) number(n any) string {
	return message.NewPrinter(language.MustParse(string(s.lang))).Sprint(n)
}

// percent is a ratio in per cent with two decimals, rounded half up; a dash
// when there is nothing to count.
func (s shower) percent(r figures.Ratio) string {
	if percent := r.Percent(); percent != "" {
		return percent + "%"
	}
	return "—"
}

// code is the name of one of a closed list's codes, e.g. of a state.
func (s shower) code(list string, code any) string { return s.lang.Get(list + "." + fmt.Sprint(code)) }

func timeOf(at any) (time.Time, bool) {
	switch at := at.(type) {
	case time.Time:
		return at, !at.IsZero()
	case *time.Time:
		if at != nil {
			return *at, true
		}
	}
	return time.Time{}, false
}
