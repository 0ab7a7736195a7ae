package visit_test

import (
	"math"
	"slices"
	"testing"
	"time"

	"whistle/internal/ticket"
	"whistle/internal/visit"
)

func pointers(faults []ticket.Field) []string {
	var all []string
	for _, f := range faults {
		all = append(all, f.Pointer)
	}
	slices.Sort(all)
	return all
}

// TestRecordIsChecked: every fault of a record is told, each at its place.
func TestRecordIsChecked(t *testing.T) {
	now := time.Date(2023, time.September, 27, 10, 0, 0, 0, time.UTC)
	later, number := now.Add(time.Second), func(f float64) *float64 { return &f }
	survey := &visit.Campaign{Questions: []visit.Question{
		{Text: "订单？", Kind: visit.Choice, Choices: []string{"多了", "少了"}}, {Text: "缺多少人？", Kind: visit.Number}, {Text: "路上呢？", Kind: visit.Text, Part: visit.Worker},
	}}
	for name, c := range map[string]struct {
		record   visit.Record
		campaign *visit.Campaign
		want     []string
	}{
		"nothing wrong":      {visit.Record{VisitedAt: &now, Latitude: number(32.05), Longitude: number(-118)}, nil, nil},
		"to come":            {visit.Record{VisitedAt: &later}, nil, []string{"/visited_at"}},
		"half a place":       {visit.Record{Latitude: number(32)}, nil, []string{"/longitude"}},
		"no place on earth":  {visit.Record{Latitude: number(90.1), Longitude: number(math.NaN())}, nil, []string{"/latitude", "/longitude"}},
		"all answered":       {visit.Record{Answers: []visit.NewAnswer{{3, "停车难"}, {1, "少了"}, {2, "12.5"}}}, survey, nil},
		"wrong answers":      {visit.Record{Answers: []visit.NewAnswer{{1, "不好说"}, {2, "十来个"}, {4, "有"}, {1, "多了"}}}, survey, []string{"/answers/0/text", "/answers/1/text", "/answers/2/number", "/answers/3/number"}},
		"answers to nothing": {visit.Record{Answers: []visit.NewAnswer{{1, "多了"}}}, nil, []string{"/answers/0/number"}},
	} {
		if got := pointers(c.record.Check(now, c.campaign)); !slices.Equal(got, c.want) {
			t.Errorf("%s: faults at %v, want %v", name, got, c.want)
		}
	}
	answers := (&visit.Record{Answers: []visit.NewAnswer{{3, "停车难"}}}).AnswersTo(survey)
	if want := (visit.Answer{Number: 3, Question: "路上呢？", Part: visit.Worker, Text: "停车难"}); len(answers) != 1 || answers[0] != want {
		t.Errorf("the answers are %+v", answers)
	}
}
