package demo

import (
	"fmt"
	"slices"
	"time"

	"whistle/internal/demo/cast"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// station is one of the district's stations with who takes requests down there.
type station struct {
	id      string
	steward ticket.Actor
}

// The quality station of the story, and who is in it besides.
const (
	zoneQuality = "quality-zone"
	scienceCode = "science"
	industry    = "industry"
	marketCode  = "samr"
	financeCode = "finance"
)

// stations sets up a service centre with a station in every park and town and a
// point in the larger ones, the quality stations, and who is there. They have a
// source of their own, so that the rest of the district does not change with
// them.
func (s *settlement) stationsAndExperts() {
	own := *s
	own.r = source(15)
	own.stations()
	own.library()
	s.err = own.err
}

func (s *settlement) stations() {
	s.district.stations = map[string]*station{}
	center := s.station(directory.Department{
		Code: "center", Name: cast.District + "企业党群服务中心", StationKind: directory.ServiceCenter, PlaceID: s.places[zoneCode],
		Services: directory.StationServices(), Opening: "工作日 9:00–17:30，经开区一号楼大厅",
	})
	market, finance := s.departments[marketCode].officers, s.departments[financeCode].officers
	s.staff(center, directory.MarketOfficer, market[0])
	s.staff(center, directory.FinanceOfficer, finance[0])
	core := directory.StationServices()[:directory.CoreServices]
	for i, p := range cast.Places() {
		officers := s.departments[p.Code].officers
		at := s.station(directory.Department{
			Code: "station-" + p.Code, Name: p.Name + "企业服务站", StationKind: directory.ServiceStation, PlaceID: s.places[p.Code], ParentID: center.id,
			Services: append(slices.Clone(core[:3]), directory.StationServices()[directory.CoreServices+i%5]), Opening: "工作日 9:00–17:00，" + p.Name + "便民中心二楼",
		})
		at.steward = s.staff(at, directory.EnterpriseSteward, officers[len(officers)-1])
		s.staff(at, directory.MarketOfficer, market[i%len(market)])
		s.staff(at, directory.FinanceOfficer, finance[i%len(finance)])
		s.district.stations[p.Code] = at
		if i%2 == 0 {
			point := s.station(directory.Department{
				Code: "point-" + p.Code, Name: p.Name + "商圈服务点", StationKind: directory.ServicePoint, PlaceID: s.places[p.Code], ParentID: at.id,
				Services: []string{"standards", "training"}, Opening: "周一、周四 9:00–11:30",
			})
			s.staff(point, directory.EnterpriseSteward, officers[len(officers)-1])
		}
		if i < 5 {
			s.qualityStation(p, market[i%len(market)])
		}
	}
}

// qualityStation has a steward of its own, who can report in for it, an envoy of
// the market regulator and a volunteer.
func (s *settlement) qualityStation(p cast.Place, envoy ticket.Actor) {
	code := "quality-" + p.Code
	at := s.station(directory.Department{
		Code: code, Name: p.Name + "质量小站", StationKind: directory.QualityStation, PlaceID: s.places[p.Code],
		Services: directory.StationServices(), Opening: "工作日 9:00–17:00，" + p.Name + "检测楼一楼",
	})
	steward := s.user(service.NewUser{Username: code + ".head", Role: ticket.RoleHead, DepartmentID: at.id, Phone: s.phone()})
	at.steward = s.staff(at, directory.QualitySteward, steward)
	s.staff(at, directory.QualityEnvoy, envoy)
	s.staff(at, directory.QualityVolunteer, s.user(service.NewUser{Username: code + ".volunteer", Role: ticket.RoleGuest, Phone: s.phone()}))
	s.district.stations[code] = at
}

// phone is a number of a range that is not given out.
func (s *settlement) phone() string { return fmt.Sprintf("025-0000%04d", s.r.IntN(10000)) }

// station adds a station: one that is summoned, but leads nothing.
func (s *settlement) station(d directory.Department) *station {
	d.Kind, d.Summonable = directory.Station, true
	return &station{id: add(s, s.svc.Departments(), d)}
}

// staff has somebody at a station from the first day, and returns who they are
// there.
func (s *settlement) staff(at *station, part string, who ticket.Actor) ticket.Actor {
	if s.err == nil {
		_, s.err = s.svc.CreateAssignment(s.ctx, ticket.System, service.NewAssignment{Kind: directory.StaffOf, UserID: who.ID, TargetID: at.id, Part: part})
	}
	who.Stations = []string{at.id}
	return who
}

// expertise is what an expert of the district's list knows.
type expertise struct {
	organisation string
	kind         directory.OrganisationKind
	post         string
	inside       bool
	fields       []string
	categories   []string
	chain        string // code; "" for none
}

// libraryOf are the experts: as many as have an account come first, then the two
// of the story, then those who are only written to.
var libraryOf = []expertise{
	{"江渚大学", directory.University, "教授", false, []string{"芯片封装", "可靠性"}, []string{"technology"}, cast.IntegratedCircuit},
	{"栖江集成电路研究院", directory.Institute, "高级工程师", true, []string{"封装测试", "良率"}, []string{"technology", "talent"}, cast.IntegratedCircuit},
	{"钟麓工业大学", directory.University, "副教授", false, []string{"轨道装备", "结构疲劳"}, []string{"technology"}, cast.HighEndTransport},
	{"栖江智能装备协会", directory.Association, "秘书长", true, []string{"首台套", "供应链"}, []string{"market", "policy"}, cast.HighEndTransport},
	{"江渚农业大学", directory.University, "教授", false, []string{"稻米", "土壤"}, []string{"technology", "land"}, cast.ModernAgriculture},
	{"水产养殖研究所", directory.Institute, "研究员", false, []string{"虾蟹", "水质"}, []string{"technology", "energy_environment"}, cast.ModernAgriculture},
	{"文旅策划协会", directory.Association, "副会长", true, []string{"品牌", "客群"}, []string{"market"}, cast.CultureTourismHealth},
	{"邻区人力资源和社会保障局", directory.Authority, "科长", false, []string{"招聘", "实训"}, []string{"labour", "talent"}, ""},
	{"钟麓财经大学", directory.University, "教授", false, []string{"融资", "税务"}, []string{"funding", "policy"}, ""},
	{"江渚大学", directory.University, "教授", false, []string{"遥感", "图像识别"}, []string{"technology"}, cast.IntegratedCircuit},
	{"钟麓工业大学", directory.University, "教授", false, []string{"嵌入式计算", "模型压缩"}, []string{"technology"}, cast.IntegratedCircuit},
	{"江渚计量研究院", directory.Institute, "研究员", false, []string{"计量", "标准"}, []string{"technology", "approval"}, ""},
	{"栖江法律服务所", directory.Business, "主任", true, []string{"商业秘密", "合同"}, []string{"policy", "other"}, ""},
	{"钟麓建筑设计院", directory.Institute, "总工", false, []string{"消防", "厂房改造"}, []string{"approval", "infrastructure"}, ""},
}

// library sets up the list of experts.
func (s *settlement) library() {
	s.professors = s.users(2, "", "professor", ticket.RoleGuest)
	accounts := append(slices.Clone(s.experts), s.professors...)
	for i, x := range libraryOf {
		e := directory.Expert{
			Kind: x.kind, Organisation: x.organisation, Post: x.post, Inside: x.inside, Fields: x.fields, Categories: x.categories, Phone: s.phone(),
		}
		if i < len(accounts) {
			e.UserID, e.Name = accounts[i].ID, accounts[i].Name
		} else {
			e.Name = cast.PersonName(s.r)
		}
		if x.chain != "" {
			e.Chains = []string{s.chains[x.chain]}
		}
		add(s, s.svc.Experts(), e)
	}
}

// remoteSensing is what the enterprise of the story is called.
const remoteSensing = "栖江云瞰遥感科技有限公司"

// nameRemoteSensing gives the enterprise of the story its name: a company of the
// zone that builds circuits into what it makes.
func nameRemoteSensing(all []cast.Enterprise) {
	for i := range all[1:] {
		if e := &all[i+1]; e.Zone && e.Kind == cast.KindCompany && slices.Contains(e.Chains, cast.IntegratedCircuit) {
			e.Name = remoteSensing
			return
		}
	}
}

// told are the tickets of the stories that are told by themselves.
func (d *district) told(zone *time.Location) []*filing {
	at := slices.IndexFunc(d.enterprises, func(e *enterprise) bool { return e.Name == remoteSensing })
	if at < 0 {
		return nil
	}
	return []*filing{{at: onDay(zone, 15, 9, 40), fate: solved, enterprise: d.enterprises[at], own: (*story).remoteSensing}}
}

func onDay(zone *time.Location, day, hour, minute int) time.Time {
	return worktime.Date{Year: 2022, Month: time.November, Day: day}.In(zone).Add(time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute)
}

// remoteSensing is the story of a company that was stuck on technology: the
// steward of the quality station files for it, and two universities find out
// what is wrong.
func (s *story) remoteSensing() {
	zone := s.calendar.Location()
	at := func(day, hour, minute int, actor ticket.Actor, event ticket.Event, in ticket.Input) {
		s.at = onDay(zone, day, hour, minute)
		s.fire(actor, event, in)
	}
	quality, science, office := s.d.stations[zoneQuality], s.d.departments[scienceCode], s.d.departments[industry]
	steward, desk := quality.steward, s.d.desk[0]
	s.now.Set(s.at)
	s.id, s.err = s.batch.File(steward, ticket.SubmitInput{
		EnterpriseID: s.f.enterprise.id, Category: "technology", Urgency: ticket.Normal, Source: ticket.SourceStation,
		Title:       "遥感终端的识别精度卡在八成，订单交不了",
		Description: "质量小站走进企业时了解到：新一代遥感终端要在机上识别地块，小样本时精度只有八成，模型一压缩又掉两个点。企业自己试了三个月没有突破，十二月要交首批订单，请帮忙找懂遥感和嵌入式计算的专家会诊。",
	}, service.Backdated{At: s.at})
	at(15, 10, 20, desk, ticket.EventAccept, nil)
	at(15, 11, 0, desk, ticket.EventDispatch, ticket.DispatchInput{LeadID: science.id})
	at(15, 14, 20, science.officers[0], ticket.EventClaim, nil)
	at(15, 15, 0, science.head, ticket.EventWhistle, ticket.WhistleInput{
		DepartmentIDs: []string{office.id, quality.id}, Question: "精度卡在哪一步，是样本、算法还是芯片算力？谁来诊断，谁来验证？",
	})
	for i, professor := range s.d.professors {
		at(15, 15, 20+5*i, science.head, ticket.EventInvite, ticket.InviteInput{UserID: professor.ID})
	}
	at(16, 9, 30, office.head, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "可列入技术攻关计划，协调开放共享实验室。"})
	at(16, 10, 0, steward, ticket.EventReportIn, ticket.ReportInInput{Position: ticket.Can, Text: "小站负责对接检测机构，验证结果可以当场出报告。"})
	for i, advice := range []string{
		"看过样本，地块边界标注口径前后不一，先统一标注再做小样本增强，精度能上去五个点。",
		"模型压缩宜按层分配位宽，关键层保留十六位。可以用我们实验室的工具链，两天给出方案。",
	} {
		at(16, 14+i, 30, s.d.professors[i], ticket.EventAdvise, ticket.TextInput{Text: advice})
	}
	at(17, 10, 0, science.head, ticket.EventConclude, ticket.ConcludeInput{
		Minutes: "两校专家会诊：问题在标注口径和压缩方式，不在芯片。企业按统一口径重标样本，两校各派一名研究生驻企两周；质量小站组织第三方检测验证。",
		Tasks: []ticket.NewTask{
			{DepartmentID: science.id, Text: "办好两校研究生驻企手续"}, {DepartmentID: quality.id, Text: "组织第三方检测验证"},
		},
	})
	task := func(department string) string {
		for _, t := range s.ticket().Tasks {
			if t.DepartmentID == department {
				return t.ID
			}
		}
		return ""
	}
	at(21, 16, 0, science.officers[0], ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: task(science.id), Result: "两名研究生已驻企。"})
	at(24, 15, 0, steward, ticket.EventFinishTask, ticket.FinishTaskInput{TaskID: task(quality.id), Result: "第三方检测：识别精度百分之九十三点六。"})
	at(25, 10, 0, science.head, ticket.EventResolve, ticket.ResolveInput{Outcome: ticket.Solved, Result: "两所高校会诊后，识别精度从八成提高到百分之九十三点六，首批订单可以如期交付。"})
	at(28, 9, 20, s.f.enterprise.contact, ticket.EventConfirm, ticket.ConfirmInput{Satisfaction: 5, Text: "小站的同志跑前跑后，难题解决了。"})
}
