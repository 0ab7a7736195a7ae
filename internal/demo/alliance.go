package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"whistle/internal/alliance"
	"whistle/internal/clock"
	"whistle/internal/demo/cast"
	"whistle/internal/service"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// Members is how many enterprises belong to the alliance of the integrated
// circuits, beside its lead.
const Members = 33

// chainPlans are how the chains are served, by code or name of the segment.
var chainPlans = map[string]string{
	cast.IntegratedCircuit:    "链长单位：区工信局。\n一、设备进口、洁净厂房用电两件事建专班，随叫随到。\n二、封装测试企业的用工由区人社局按月对接职校。\n三、联盟每季度开一次联合攻关会，难题当场认领。",
	cast.HighEndTransport:     "链长单位：经开区管委会。\n一、配套企业与主机厂每月对接一次。\n二、大件运输线路由区交通局提前一周办好许可。",
	cast.ModernAgriculture:    "链长单位：区农业农村局。\n一产一策：稻米抓烘干和品牌，果蔬抓冷链，虾蟹抓良种和尾水，花木抓用地和销路。",
	cast.CultureTourismHealth: "链长单位：区文旅局。\n一、民宿证照一次办好。\n二、节假日前统一检查，不重复上门。",
	"稻米":                      "收割前烘干设备到位；每个镇至少一处公共晒场；统一申报地理标志。",
	"果蔬":                      "田头冷库用地由镇街先行备案，供电公司同步接电。",
	"虾蟹":                      "良种繁育、病害防治、尾水处理三件事由特色水产联盟统一组织，养殖户按户对接技术员。",
	"花木":                      "苗圃用地分类管理；春秋两季组织产销对接。",
}

// founding is an alliance as it is set up.
type founding struct {
	name, about string
	kind        alliance.Kind
	chain       string // its code, or the name of the segment
	leads       string // the department that leads; "" for the foremost enterprise
	members     int
	services    []string // codes of departments
	partners    []alliance.Partner
}

var foundings = []founding{
	{
		"栖江区集成电路产业链党建联盟", "链主企业牵头，上下游企业抱团，高校院所和部门一起解难题。", alliance.OneXN, cast.IntegratedCircuit, "", Members,
		[]string{"industry", "science", namedOffice, zoneCode},
		[]alliance.Partner{
			{Name: "江畔理工大学微电子学院", Kind: alliance.University, Contact: "科研处"},
			{Name: "栖江职业技术学院", Kind: alliance.University, Inside: true, Contact: "校企合作办"},
			{Name: "长洲集成电路研究院", Kind: alliance.Institute, Contact: "产业合作部"},
			{Name: "临汀区科学技术局", Kind: alliance.Agency, Contact: "高新科"},
			{Name: "栖江银行科技支行", Kind: alliance.Bank, Inside: true, Contact: "公司业务部"},
		},
	},
	{
		"栖江区高端交通装备产业链党建联盟", "主机厂和配套企业结对，难题在链上解决。", alliance.OneXN, cast.HighEndTransport, "", 18,
		[]string{zoneCode, "transport"},
		[]alliance.Partner{
			{Name: "江畔交通大学", Kind: alliance.University, Contact: "技术转移中心"},
			{Name: "栖江区装备制造协会", Kind: alliance.Association, Inside: true, Contact: "秘书处"},
		},
	},
	{
		"栖江区特色水产党建联盟", "农创园牵头，水产技术站作后盾，合作社、家庭农场和养殖大户共同参加。", alliance.OneOneN, "虾蟹", "agripark", 24,
		[]string{"agriculture"},
		[]alliance.Partner{
			{Name: "栖江水产技术推广站", Kind: alliance.Institute, Inside: true, Contact: "值班室"},
			{Name: "江畔农业大学渔业学院", Kind: alliance.University, Contact: "社会服务处"},
			{Name: "临汀区农业农村局", Kind: alliance.Agency, Contact: "渔业科"},
		},
	},
	{
		"栖江区优质稻米党建联盟", "龙头带农户，从种子到品牌一条龙。", alliance.OneOneN, "稻米", "", 16,
		[]string{"agriculture", "baidi"},
		[]alliance.Partner{{Name: "江畔粮食研究所", Kind: alliance.Institute, Contact: "栽培室"}},
	},
	{
		"栖江区文旅健康产业链党建联盟", "景区、民宿和康养机构共享客源，共担服务。", alliance.OneXN, cast.CultureTourismHealth, "culture", 20,
		[]string{"culture", "health"},
		[]alliance.Partner{{Name: "临汀区文化和旅游局", Kind: alliance.Agency, Contact: "产业科"}},
	},
}

// events are the names of activities, by their kind.
var events = map[alliance.ActivityKind][]string{
	alliance.Study:    {"联合主题党日", "支部书记讲产业", "政策联学会"},
	alliance.Deal:     {"审批事项集中联办", "贷款需求现场对接"},
	alliance.Nurture:  {"技能人才订单班开班", "青年骨干结对培养"},
	alliance.Share:    {"检测设备共享日", "仓储运力共享签约"},
	alliance.Create:   {"联合品牌发布", "绿色工厂共创"},
	alliance.Tackle:   {"技术难题揭榜会", "供应链断点联合攻关"},
	alliance.Exemplar: {"先锋班组评选", "诚信经营示范授牌"},
	alliance.Groups:   {"党小组、生产组、攻关组联建推进会"},
	alliance.Force:    {"项目抢工突击队出征", "抗旱保电突击队值守"},
	alliance.Villages: {"村企结对签约", "村集体代工项目对接"},
	alliance.Talent:   {"校园引才专场", "高层次人才沙龙"},
}

// activitiesEach is how many activities each alliance had in the year.
const activitiesEach = 14

// allied sets up the alliances at the beginning of the year and what they did
// in it.
func allied(ctx context.Context, svc *service.Service, now *clock.Manual, d *district) error {
	r := source(13)
	for _, f := range foundings {
		now.Set(worktime.Date{Year: 2023, Month: time.January, Day: 10}.In(svc.Zone()).Add(10 * time.Hour))
		made, err := f.found(ctx, svc, d)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if err := active(ctx, svc, now, r, made); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return nil
}

func (f founding) found(ctx context.Context, svc *service.Service, d *district) (alliance.Alliance, error) {
	in := alliance.Alliance{Name: f.name, About: f.about, Kind: f.kind, ChainID: d.chains[f.chain], Partners: f.partners}
	for _, e := range d.enterprises {
		if e.Segment != f.chain && !slices.Contains(e.Chains, f.chain) {
			continue
		}
		switch {
		case f.leads == "" && in.LeadEnterpriseID == "" && (slices.Contains(e.Tags, "龙头") || slices.Contains(e.Tags, "农业龙头") || e.Kind == cast.KindCooperative) && e != d.enterprises[0]:
			in.LeadEnterpriseID = e.id
		case len(in.Members) < f.members:
			in.Members = append(in.Members, e.id)
		}
	}
	if f.leads != "" {
		in.LeadDepartmentID = d.departments[f.leads].id
	}
	for _, code := range f.services {
		in.ServiceDepartments = append(in.ServiceDepartments, d.departments[code].id)
	}
	for _, expert := range d.experts[:2] {
		in.Experts = append(in.Experts, expert.ID)
	}
	return svc.Alliances().Create(ctx, d.desk[0], in)
}

// active has an alliance do something every few weeks, each kind in its turn.
func active(ctx context.Context, svc *service.Service, now *clock.Manual, r *rand.Rand, of alliance.Alliance) error {
	kinds := alliance.ActivityKinds()
	first := r.IntN(len(kinds))
	for i := range activitiesEach {
		kind := kinds[(first+i)%len(kinds)]
		day := worktime.Date{Year: 2023, Month: time.January, Day: 12}.AddDays(i*20 + r.IntN(16))
		if LastDay.Before(day) {
			day = LastDay
		}
		in := alliance.Activity{
			AllianceID: of.ID, Kind: kind, Day: day, Name: events[kind][r.IntN(len(events[kind]))],
			Place: []string{"党群服务中心", "经开区会议中心", "成员企业车间", "农创园培训室"}[r.IntN(4)],
			About: "到场单位各说一件要办的事，当场认领，月底通报进展。", Departments: of.ServiceDepartments[:1+r.IntN(len(of.ServiceDepartments))],
		}
		from := r.IntN(len(of.Members))
		in.Enterprises = of.Members[from:min(len(of.Members), from+4+r.IntN(6))]
		if len(of.Partners) > 0 && r.IntN(2) == 0 {
			in.Partners = []string{of.Partners[r.IntN(len(of.Partners))].Name}
		}
		now.Set(day.In(svc.Zone()).Add(17 * time.Hour))
		if _, err := svc.Activities().Create(ctx, ticket.System, in); err != nil {
			return err
		}
	}
	return nil
}
