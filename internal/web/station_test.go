package web_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"whistle/internal/directory"
	"whistle/internal/ticket"
)

// The offices read the stations and the experts; an enterprise finds its
// stations and whom to call; a guest reads neither. The desk keeps who is at a
// station and who is an expert.
func TestStationsAndExperts(t *testing.T) {
	offices(t, func(t *testing.T, s *office) {
		station := "/stations/" + s.Departments["station"]
		for _, who := range []string{"desk", "leader", "lead-officer", "lead-head", "station-staff"} {
			v := s.SignInAs(t, who)
			if rows := v.Get("/stations?kind=quality").Want(http.StatusOK).All("tbody tr"); len(rows) != 1 || !strings.Contains(rows[0], "质量小站") {
				t.Errorf("%s finds %v", who, rows)
			}
			if rows := v.Get("/stations?kind=center").Want(http.StatusOK).All("tbody tr"); len(rows) != 0 {
				t.Errorf("%s finds %v", who, rows)
			}
			if people := v.Get(station).Want(http.StatusOK).All(".people li"); len(people) != 1 || !strings.Contains(people[0], "质量管家") {
				t.Errorf("%s reads that %v are there", who, people)
			}
			v.Get(station + "?list=gehe1m").Want(http.StatusNotFound)
			v.Get("/experts").Want(http.StatusOK)
		}
		own := s.SignInAs(t, "own")
		if near := own.Get("/stations").Want(http.StatusOK).All("section h2"); !slices.Contains(near, "质量小站") {
			t.Errorf("the enterprise finds %v", near)
		}
		if tabs := own.Get(station).Want(http.StatusOK).All(".tabs a"); len(tabs) != 0 {
			t.Errorf("the enterprise is shown %v", tabs)
		}
		for _, path := range []string{"/stations", station, "/experts"} {
			s.SignInAs(t, "guest").Get(path).Want(http.StatusNotFound)
		}
		for _, who := range []string{"lead-head", "leader", "own", "station-staff"} {
			s.SignInAs(t, who).Get(station + "/staff").Want(http.StatusNotFound)
			s.SignInAs(t, who).Get("/experts/new").Want(http.StatusNotFound)
		}
		own.Get("/experts").Want(http.StatusNotFound)

		desk := s.SignInAs(t, "desk")
		seen := desk.Get(station + "/staff").Want(http.StatusOK)
		values := seen.Form("form.form")
		values.Set("user_id", s.Users["own"].ID)
		values.Del("part")
		if faults := desk.Post(station+"/staff", values).Want(http.StatusUnprocessableEntity).All(".field-error"); len(faults) != 2 {
			t.Errorf("two faults are told as %v", faults)
		}
		values.Set("user_id", s.Users["fire-officer"].ID)
		values.Set("part", directory.QualityEnvoy)
		desk.Post(station+"/staff", values).Want(http.StatusOK)
		if people := desk.Get(station).All(".people li"); len(people) != 2 || !strings.Contains(people[1], "质量特派员") {
			t.Errorf("there are %v", people)
		}
		end := desk.Get(station+"/staff").Attrs(".deputies form", "action")
		desk.Post(end[len(end)-1], url.Values{}).Want(http.StatusOK)
		if people := desk.Get(station).All(".people li"); len(people) != 1 {
			t.Errorf("there are %v", people)
		}

		form := desk.Get("/experts/new").Want(http.StatusOK).Form("form.form")
		form.Set("name", "钟教授")
		if faults := desk.Post("/experts/new", form).Want(http.StatusUnprocessableEntity).All(".field-error"); len(faults) != 1 {
			t.Errorf("one fault is told as %v", faults)
		}
		form.Set("organisation", "江渚大学")
		form.Set("fields", "遥感，识别")
		form["categories"] = []string{"technology"}
		form.Set("user_id", s.Users["expert"].ID)
		desk.Post("/experts/new", form).Want(http.StatusOK)
		for query, want := range map[string]int{"?category=technology": 1, "?category=land": 0, "?inside=true": 0, "?q=" + url.QueryEscape("识别"): 1} {
			if rows := desk.Get("/experts" + query).Want(http.StatusOK).All("tbody tr"); len(rows) != want {
				t.Errorf("by %s the desk finds %v", query, rows)
			}
		}
		expert := desk.Get("/experts").Attrs("tbody tr a", "href")[0]
		if about := s.SignInAs(t, "leader").Get(expert).Want(http.StatusOK).Words("main"); !strings.Contains(about, "遥感、识别") || strings.Contains(about, "修改") {
			t.Errorf("a leader reads of the expert: %s", about)
		}
		s.SignInAs(t, "leader").Get(expert + "/edit").Want(http.StatusNotFound)
		form = desk.Get(expert + "/edit").Want(http.StatusOK).Form("form.form")
		form.Set("post", "教授")
		if about := desk.Post(expert+"/edit", form).Want(http.StatusOK).Words("main"); !strings.Contains(about, "教授") {
			t.Errorf("the desk reads of the expert: %s", about)
		}
		s.SignInAs(t, "admin").Get("/admin/experts").Want(http.StatusOK)
		desk.Get("/admin/experts").Want(http.StatusNotFound)
	})
}

// Who fits is offered first; what they advised stands with the minutes.
func TestExpertsAreOfferedAndHeard(t *testing.T) {
	offices(t, func(t *testing.T, s *office) {
		for name, categories := range map[string][]string{"guest": nil, "expert": {"labour"}} {
			e := directory.Expert{Name: name, Kind: directory.University, Organisation: "江渚大学", UserID: s.Users[name].ID, Categories: categories}
			if _, err := s.Experts().Create(t.Context(), ticket.System, e); err != nil {
				t.Fatal(err)
			}
		}
		in := ticket.SubmitInput{Title: "缺人", Description: "缺一百人", Category: "labour"}
		filed, err := s.File(t.Context(), s.Actor(t, "own"), in)
		if err != nil {
			t.Fatal(err)
		}
		path := "/tickets/" + filed.ID
		s.do("desk", filed.ID, ticket.EventAccept, nil)
		s.do("desk", filed.ID, ticket.EventWhistle, ticket.WhistleInput{LeadID: s.Departments["labour"], DepartmentIDs: []string{s.Departments["fire"]}, Question: "怎么办？"})
		head := s.SignInAs(t, "lead-head")
		options := head.Get(path + "/invite").Want(http.StatusOK).All("select[name=user_id] option")
		if len(options) != 3 || !strings.HasPrefix(options[1], "expert · 对口：用工") || strings.Contains(options[2], "对口") {
			t.Errorf("offered are %q", options)
		}
		s.do("lead-head", filed.ID, ticket.EventInvite, ticket.InviteInput{UserID: s.Users["expert"].ID})
		s.do("expert", filed.ID, ticket.EventAdvise, ticket.TextInput{Text: "去对口学校招。"})
		if said := s.SignInAs(t, "expert").Get(path).Want(http.StatusOK).All(".orders li"); len(said) != 1 {
			t.Errorf("the expert reads %q", said)
		}
		s.do("fire-officer", filed.ID, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "能办"})
		s.do("lead-head", filed.ID, ticket.EventConclude, ticket.ConcludeInput{Minutes: "照专家说的办。"})
		said := head.Get(path).Want(http.StatusOK).All(".orders li")
		if len(said) != 2 || !strings.Contains(said[0], "去对口学校招。") || !strings.Contains(said[1], "照专家说的办。") {
			t.Errorf("with the joint handling stand %q", said)
		}
		s.SignInAs(t, "expert").Get(path).Want(http.StatusNotFound)
		if own := s.SignInAs(t, "own").Get(path).Want(http.StatusOK).Words("main"); strings.Contains(own, "去对口学校招") || strings.Contains(own, "照专家说的办") {
			t.Errorf("the enterprise reads the offices' talk: %s", own)
		}
	})
}
