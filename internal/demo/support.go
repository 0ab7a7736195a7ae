package demo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"whistle/internal/clock"
	"whistle/internal/demo/cast"
	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/support"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// What was done for enterprises in 2022 by the measures for agriculture.
const (
	Measures              = 23
	FarmProjects          = 40
	LoanListed            = 33                       // leading enterprises on the list of 金陵惠农贷
	RewardsFen            = support.Fen(550_000_000) // 550 万元
	InterestFen           = support.Fen(287_360_000) // 287.36 万元
	leadingFarms          = 36
	rewarded, interestFor = 25, 18 // enterprises
)

// measure is a policy resource of the demo.
type measure struct {
	code, name, gives string
	document          int
	leading           bool // for leading enterprises alone
	categories        []string
	orderable         bool
	ends              worktime.Date
}

var farmDocuments = [...]string{"农业龙头企业高质量发展实施意见", "贷款贴息资金管理办法", "现代农业发展项目和资金管理办法"}

var (
	longTerm = worktime.Date{Year: 2024, Month: time.December, Day: 31}
	nearEnd  = worktime.Date{Year: 2023, Month: time.November, Day: 25}
)

// The codes of the measures by which something is paid out or listed.
const (
	rewardMeasure, listMeasure, interestMeasure, projectMeasure = "N03", "N10", "N13", "N18"
)

// measures are the 23 of agriculture, by the three documents.
var measures = []measure{
	{"N01", "新认定龙头企业奖励", "新评上区级以上农业龙头企业的，按级别给一次性奖励。", 0, true, nil, false, longTerm},
	{"N02", "龙头企业升级奖励", "从区级升到市级、从市级升到省级的，补足两级奖励的差额。", 0, true, nil, false, longTerm},
	{rewardMeasure, "龙头企业高质量发展奖励", "年度考核优良的龙头企业，按销售增长和带动农户数给奖励。", 0, true, []string{"funding", "policy"}, false, longTerm},
	{"N04", "精深加工设备补助", "购置清洗、分级、冷冻、烘干等加工设备，按发票金额的一部分补助。", 0, true, []string{"funding", "technology"}, false, longTerm},
	{"N05", "农产品品牌培育补助", "绿色食品、有机产品、地理标志认证通过后，认证和检测的费用给补助。", 0, false, []string{"market", "policy"}, false, longTerm},
	{"N06", "展销推介摊位补助", "参加农产品展销会的，摊位费和运输费按次补助。", 0, false, []string{"market"}, false, longTerm},
	{"N07", "电商直播带货补助", "自建直播间、年网上销售达到规模的，给设备和培训补助。", 0, false, []string{"market"}, false, nearEnd},
	{"N08", "农业人才引进补助", "引进农业技术和经营人才并交满一年社保的，按人补助。", 0, true, []string{"talent", "labour"}, false, longTerm},
	{"N09", "产学研合作补助", "和高校、科研院所签约攻关的，按合同实付金额的一部分补助。", 0, true, []string{"technology"}, false, longTerm},
	{listMeasure, "金陵惠农贷白名单推荐", "经营稳定、信用良好的龙头企业列入名单，推荐给合作银行优先放款。", 0, true, []string{"funding"}, true, longTerm},
	{"N11", "联农带农奖励", "签订单收购、吸纳本地农户务工达到人数的，按户数奖励。", 0, true, []string{"policy", "labour"}, false, longTerm},
	{"N12", "农业标准化生产补助", "建成标准化基地、通过验收的，按亩补助。", 0, false, []string{"land", "technology"}, false, longTerm},
	{interestMeasure, "流动资金贷款贴息", "收购农产品、购买农资的流动资金贷款，按实际付息的一部分贴息。", 1, true, []string{"funding"}, false, longTerm},
	{"N14", "固定资产贷款贴息", "新建厂房、冷库、温室的贷款，两年内按实际付息的一部分贴息。", 1, true, []string{"funding", "infrastructure"}, false, longTerm},
	{"N15", "合作社和家庭农场小额贷款贴息", "合作社、家庭农场的小额生产贷款按实际付息贴息。", 1, false, []string{"funding"}, false, longTerm},
	{"N16", "担保费补助", "由农业担保公司担保贷款的，担保费给补助。", 1, false, []string{"funding"}, false, nearEnd},
	{"N17", "贴息申报上门辅导", "派人上门讲贴息怎么申报、材料怎么准备。", 1, false, []string{"funding", "policy"}, true, longTerm},
	{projectMeasure, "现代农业发展项目", "列入年度计划的种养、加工、冷链项目，验收后按投资额补助。", 2, false, []string{"funding", "land"}, false, longTerm},
	{"N19", "智慧农业项目", "用上物联网、无人机、水肥一体的示范项目，按投资额补助。", 2, false, []string{"technology"}, false, longTerm},
	{"N20", "冷链保鲜设施项目", "建产地冷库、买冷藏车的，按规模补助。", 2, false, []string{"infrastructure", "market"}, false, longTerm},
	{"N21", "绿色生态养殖项目", "养殖尾水治理、粪污利用的项目，验收后补助。", 2, false, []string{"energy_environment"}, false, longTerm},
	{"N22", "种质资源保护项目", "保种、育种和良种繁育基地，按年度任务补助。", 2, false, []string{"technology"}, false, longTerm},
	{"N23", "项目申报集中辅导", "每季度一次集中讲项目申报，也可以约专人上门。", 2, false, []string{"policy", "approval"}, true, longTerm},
}

// measureWords are what requests that a measure may help with speak of.
var measureWords = map[string][]string{
	"N06": {"展销会", "摊位"}, "N07": {"直播", "电商"}, "N08": {"人才", "技术员"}, "N09": {"高校", "攻关"},
	listMeasure: {"贷款", "周转"}, interestMeasure: {"贷款", "利息"}, "N14": {"厂房", "冷库"}, "N15": {"贷款", "家庭农场"},
	"N16": {"担保"}, "N19": {"无人机", "水肥"}, "N20": {"冷库", "冷链"}, "N21": {"尾水", "粪污"},
}

// helping tells what was done for enterprises by the measures.
type helping struct {
	ctx      context.Context //nolint:containedctx // lives as long as the transaction that fills
	svc      *service.Service
	now      *clock.Manual
	r        *rand.Rand
	desk     ticket.Actor
	office   *department
	policies map[string]string // ids by code
	err      error
}

// helped fills the three lists: the measures, what 2022 brought by them, some of
// what this year does, and what enterprises need.
func helped(ctx context.Context, svc *service.Service, now *clock.Manual, d *district) error {
	h := &helping{ctx: ctx, svc: svc, now: now, r: source(12), desk: d.desk[0], office: d.departments["agriculture"], policies: map[string]string{}}
	farms, leaders := h.farms(d)
	if err := errors.Join(h.err, h.keepMeasures()); err != nil {
		return err
	}
	h.month(2022, time.November, delivery{projectMeasure, farms[:FarmProjects], nil}, delivery{listMeasure, leaders[:LoanListed], nil})
	h.month(2022, time.December, delivery{rewardMeasure, leaders[:rewarded], h.shares(RewardsFen, rewarded)},
		delivery{interestMeasure, leaders[len(leaders)-interestFor:], h.shares(InterestFen, interestFor)})
	h.month(2023, time.June, delivery{"N04", leaders[:9], h.shares(143_500_000, 9)}, delivery{"N20", farms[60:71], h.shares(96_200_000, 11)})
	for i, e := range farms[80:104] {
		h.add(e, []string{"N05", "N06", "N12", "N19"}[i%4], []string{"accepted", "accepted", "proposed"}[i%3])
	}
	h.needs(d)
	return h.err
}

// farms are the enterprises of modern agriculture, and the leading ones of them:
// those that the cast calls so, and the first companies beside them, which come
// to be.
func (h *helping) farms(d *district) (all, leaders []*enterprise) {
	for _, e := range d.enterprises {
		if !slices.Contains(e.Chains, cast.ModernAgriculture) {
			continue
		}
		if slices.Contains(e.Tags, "龙头") || slices.Contains(e.Tags, "农业龙头") {
			leaders = append(leaders, e)
		}
		all = append(all, e)
	}
	for _, e := range all {
		if h.err != nil || len(leaders) >= leadingFarms {
			break
		}
		if e.Kind == cast.KindCompany && !slices.Contains(leaders, e) {
			leaders = append(leaders, e)
			_, h.err = h.svc.Enterprises().Change(h.ctx, h.desk, e.id, func(entry *directory.Enterprise) error {
				entry.Tags = append(entry.Tags, "农业龙头")
				return nil
			})
		}
	}
	return all, leaders
}

func (h *helping) keepMeasures() error {
	chains, err := h.svc.Chains().List(h.ctx, ticket.System, service.EntryFilter{Code: cast.ModernAgriculture})
	if err != nil || len(chains) != 1 {
		return fmt.Errorf("support: %d chains of agriculture: %w", len(chains), err)
	}
	from := worktime.Date{Year: 2022, Month: time.January, Day: 1}
	for _, m := range measures {
		p := support.PolicyResource{
			Code: m.code, Name: m.name, Document: farmDocuments[m.document], DepartmentID: h.office.id, Gives: m.gives,
			ValidFrom: &from, ValidTo: &m.ends, Chains: []string{chains[0].ID}, Categories: m.categories, Orderable: m.orderable,
		}
		p.Words = measureWords[m.code]
		if m.leading {
			p.Tags = []string{"龙头", "农业龙头"}
		}
		made, err := h.svc.PolicyResources().Create(h.ctx, ticket.System, p)
		if err != nil {
			return err
		}
		h.policies[m.code] = made.ID
	}
	// One that everybody may order, whatever their chain.
	guide, err := h.svc.PolicyResources().Create(h.ctx, ticket.System, support.PolicyResource{
		Code: "S01", Name: "惠企政策上门讲解", Document: "政务服务清单", DepartmentID: h.office.id, Gives: "约个时间，派人到企业把能享受的政策讲清楚。",
		Categories: []string{"policy"}, Orderable: true,
	})
	h.policies["S01"] = guide.ID
	return err
}

// shares cuts an amount into so many parts, to the yuan, whose sum is exactly it.
func (h *helping) shares(total support.Fen, n int) []support.Fen {
	const yuan = 100
	parts := make([]support.Fen, n)
	left := total
	for i := range n - 1 {
		even := left / support.Fen(n-i)
		parts[i] = even * support.Fen(70+h.r.IntN(60)) / 100 / yuan * yuan
		left -= parts[i]
	}
	parts[n-1] = left
	return parts
}

// add puts a measure on the list for an enterprise.
func (h *helping) add(e *enterprise, code, state string) string {
	if h.err != nil {
		return ""
	}
	due := worktime.DateOf(h.now.Now().In(h.svc.Zone())).AddDays(30 + h.r.IntN(60))
	v, err := h.svc.AddService(h.ctx, h.desk, service.NewService{EnterpriseID: e.id, PolicyID: h.policies[code], State: state, DueOn: &due})
	h.err = err
	return v.ID
}

// delivery is a measure that enterprises get, with what is paid out to each; nil
// for nothing.
type delivery struct {
	code    string
	to      []*enterprise
	amounts []support.Fen
}

// month accepts measures on the first day of a month and delivers them until its
// twentieth.
func (h *helping) month(year int, month time.Month, deliveries ...delivery) {
	at := func(day int) time.Time { return time.Date(year, month, day, 10, 0, 0, 0, h.svc.Zone()) }
	h.now.Set(at(1))
	accepted := make([][]string, len(deliveries))
	for i, d := range deliveries {
		for _, e := range d.to {
			accepted[i] = append(accepted[i], h.add(e, d.code, "accepted"))
		}
	}
	h.now.Set(at(20))
	for i, d := range deliveries {
		for j, id := range accepted[i] {
			if h.err != nil {
				return
			}
			day := worktime.DateOf(h.now.Now().In(h.svc.Zone())).AddDays(-h.r.IntN(18))
			in := service.Delivery{DeliveredOn: &day}
			if d.amounts != nil {
				in.AmountFen = d.amounts[j]
			}
			_, h.err = h.svc.DeliverService(h.ctx, h.office.head, id, in, time.Time{})
		}
	}
}

// needs writes down what some enterprises said that they need.
func (h *helping) needs(d *district) {
	words := map[string][]string{
		"funding":    {"想要一笔周转贷款，等收购季过后还", "设备更新差一部分钱，想问有没有贴息"},
		"labour":     {"旺季缺一批熟练工", "想和职业学校对接实习生"},
		"talent":     {"想引进一名技术负责人", "青年员工租房有困难"},
		"technology": {"想找高校帮忙攻一个工艺难题", "产品检测要跑很远，想就近检测"},
		"market":     {"想参加明年的展销会", "想进本地商超的供货名单"},
	}
	categories := []string{"funding", "labour", "talent", "technology", "market"}
	for i := range 60 {
		if h.err != nil {
			return
		}
		e, category := pick(h.r, d.enterprises), categories[i%len(categories)]
		need, err := h.svc.AddNeed(h.ctx, h.desk, service.NewNeed{EnterpriseID: e.id, Category: category, Text: pick(h.r, words[category])})
		if h.err = err; err == nil && i%3 == 0 {
			_, h.err = h.svc.DecideNeed(h.ctx, h.desk, need.ID, service.NeedDecision{State: support.NeedMet}, time.Time{})
		}
	}
}
