package cast

import (
	"math/rand/v2"
	"strings"
)

// A sector tells which words an enterprise speaks: finer than a chain, since a
// rice grower and a rice mill stand in one chain and have different worries.
type sector uint8

const (
	chip sector = 1 << iota
	transport
	farm
	food
	culture
	maker
	trade

	factory   = chip | transport | food | maker
	companies = factory | culture | trade
	everybody = companies | farm
)

var sectors = []sector{chip, transport, farm, food, culture, maker, trade}

func (s sector) key() string {
	switch s {
	case chip:
		return "chip"
	case transport:
		return "transport"
	case farm:
		return "farm"
	case food:
		return "food"
	case culture:
		return "culture"
	case maker:
		return "maker"
	default:
		return "trade"
	}
}

// Enterprise is one invented enterprise.
type Enterprise struct {
	Name       string
	ShortName  string
	CreditCode string
	Kind       string   // KindCompany, KindCooperative, KindFamilyFarm, KindGrower
	Place      string   // a Place's code
	Zone       bool     // in the development zone
	Chains     []string // codes; most have one or none, a few two
	Segment    string   // of the first chain, "" without one
	Tags       []string
	Contact    string

	sector sector
	crop   string // what a farm grows
	line   string // what a company does
}

// Project is a key project of an enterprise.
type Project struct {
	Name       string
	Enterprise int // index into the enterprises given
	CreditCode string
	Place      string
	Investment int // in 万元
}

// Enterprises invents n enterprises with distinct names and credit codes. Of
// EnterpriseCount exactly as many stand in a chain as Chains says; other sizes
// are scaled.
func Enterprises(r *rand.Rand, n int) []Enterprise {
	share := func(of int) int { return n * of / EnterpriseCount }
	var plan []Enterprise
	add := func(count int, s sector, kind string, codes ...string) {
		for range count {
			plan = append(plan, Enterprise{Kind: kind, Chains: clone(codes), sector: s})
		}
	}
	for _, c := range chains {
		total := share(c.Enterprises)
		switch c.Code {
		case IntegratedCircuit:
			// those in both chains are added with the second
			add(total-share(8), chip, KindCompany, c.Code)
		case HighEndTransport:
			both := share(8)
			add(both, chip, KindCompany, IntegratedCircuit, c.Code)
			add(total-both, transport, KindCompany, c.Code)
		case ModernAgriculture:
			both := share(15)
			firms := total * 3 / 10
			coops := total * 2 / 10
			farms := total * 3 / 10
			add(both, food, KindCompany, c.Code, CultureTourismHealth)
			add(firms-both, food, KindCompany, c.Code)
			add(coops, farm, KindCooperative, c.Code)
			add(farms, farm, KindFamilyFarm, c.Code)
			add(total-firms-coops-farms, farm, KindGrower, c.Code)
		case CultureTourismHealth:
			add(total-share(15), culture, KindCompany, c.Code)
		}
	}
	rest := n - len(plan)
	add(rest*3/5, maker, KindCompany)
	add(n-len(plan), trade, KindCompany)
	r.Shuffle(len(plan), func(i, j int) { plan[i], plan[j] = plan[j], plan[i] })

	names := make(map[string]bool, n)
	codes := make(map[string]bool, n)
	for i := range plan {
		e := &plan[i]
		e.Segment = segment(r, e)
		if e.sector == farm {
			e.crop = pick(r, crops[e.Segment])
		}
		e.Place = settle(r, e)
		e.Zone = placeByCode(e.Place).Zone
		e.Tags = tags(r, e)
		for name(r, e); names[e.Name]; {
			name(r, e)
		}
		names[e.Name] = true
		for e.CreditCode = creditCode(r, registered(e.Kind)); codes[e.CreditCode]; {
			e.CreditCode = creditCode(r, registered(e.Kind))
		}
		codes[e.CreditCode] = true
	}
	return plan
}

// Projects invents n key projects, with distinct names, of the companies among
// the enterprises; those above scale are preferred.
func Projects(r *rand.Rand, enterprises []Enterprise, n int) []Project {
	var big, small []int
	for i, e := range enterprises {
		switch {
		case e.Kind != KindCompany:
		case has(e.Tags, "规上"):
			big = append(big, i)
		default:
			small = append(small, i)
		}
	}
	if len(big)+len(small) == 0 {
		return nil
	}
	out := make([]Project, 0, n)
	names := make(map[string]bool, n)
	for tries := 0; len(out) < n && tries < 100*n; tries++ {
		from := big
		if len(big) == 0 || len(small) > 0 && r.IntN(4) == 0 {
			from = small
		}
		i := pick(r, from)
		e := enterprises[i]
		p := Project{
			Name:       e.ShortName + pick(r, projectThings[e.sector]) + pick(r, projectVerbs),
			Enterprise: i,
			CreditCode: e.CreditCode,
			Place:      e.Place,
			Investment: (8 + r.IntN(60)) * (1 + r.IntN(10)) * 100,
		}
		if names[p.Name] {
			continue
		}
		names[p.Name] = true
		out = append(out, p)
	}
	return out
}

func segment(r *rand.Rand, e *Enterprise) string {
	if len(e.Chains) == 0 {
		return ""
	}
	for _, c := range chains {
		if c.Code != e.Chains[0] {
			continue
		}
		switch e.sector {
		case farm: // growers don't process
			return pick(r, c.Segments[:len(c.Segments)-1])
		case food:
			return c.Segments[len(c.Segments)-1]
		default:
			return pick(r, c.Segments)
		}
	}
	return ""
}

// settle chooses where an enterprise stands.
func settle(r *rand.Rand, e *Enterprise) string {
	towns := places[3:]
	x := r.IntN(100)
	switch {
	case e.sector == chip && x < 60, e.sector == transport && x < 75,
		e.sector == maker && x < 55, e.sector == trade && x < 25:
		return "zone"
	case e.sector == chip && x < 95, e.sector == transport && x < 85,
		e.sector == maker && x < 60, e.sector == trade && x < 40:
		return "hightech"
	case e.sector == farm && x < 15, e.sector == food && x < 55:
		return "agripark"
	case e.sector == farm || e.sector == food:
		return pick(r, towns[3:]).Code // the country towns
	}
	return pick(r, towns).Code
}

// name draws the contact too: growers go by their own names.
func name(r *rand.Rand, e *Enterprise) {
	e.Contact = PersonName(r)
	home := placeByCode(e.Place).Name
	switch e.Kind {
	case KindCooperative:
		e.ShortName = pick(r, farmWords) + e.crop
		e.Name = District + home + e.ShortName + "专业合作社"
	case KindFamilyFarm:
		e.ShortName = pick(r, farmWords) + pick(r, []string{"", e.crop}) + "家庭农场"
		if r.IntN(3) == 0 {
			e.ShortName = e.Contact + "家庭农场"
		}
		e.Name = District + home + e.ShortName
	case KindGrower:
		e.ShortName = e.Contact + e.crop + "种植户"
		if e.Segment == "虾蟹" {
			e.ShortName = e.Contact + e.crop + "养殖户"
		}
		e.Name = District + home + e.ShortName
	default:
		e.line = pick(r, business[e.sector])
		brand := pick(r, []rune(brandFirst[e.sector]))
		second := pick(r, []rune(brandSecond[e.sector]))
		for second == brand {
			second = pick(r, []rune(brandSecond[e.sector]))
		}
		e.ShortName = string(brand) + string(second) + e.line
		form := "有限公司"
		if r.IntN(25) == 0 {
			form = "股份有限公司"
		}
		if r.IntN(5) == 0 {
			e.Name = e.ShortName + "（栖江）" + form
		} else {
			e.Name = "栖江" + e.ShortName + form
		}
	}
}

func tags(r *rand.Rand, e *Enterprise) []string {
	var out []string
	often := func(percent int, tag string) {
		if r.IntN(100) < percent {
			out = append(out, tag)
		}
	}
	switch e.sector {
	case chip, transport:
		often(38, "规上")
		often(4, "龙头")
		often(16, "专精特新")
		often(42, "高新技术企业")
		often(4, "上市后备")
	case maker:
		often(25, "规上")
		often(2, "龙头")
		often(7, "专精特新")
		often(15, "高新技术企业")
	case food:
		often(18, "规上")
		often(9, "农业龙头")
	case farm:
		often(8, "示范社场")
	default:
		often(10, "规上")
		often(2, "龙头")
	}
	if e.Kind == KindCompany {
		often(9, "外贸")
		if !has(out, "规上") {
			often(45, "小微")
		}
	}
	return out
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// The alphabet of GB 32100-2015: no I, O, S, V, Z.
const codeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode invents a unified social credit code of a company: right by its
// check digits, impossible by its division code.
func CreditCode(r *rand.Rand) string { return creditCode(r, "91") }

// registered gives the first two characters: registered with market
// supervision, as a company, a sole trader or a farmers' cooperative.
func registered(kind string) string {
	switch kind {
	case KindCooperative:
		return "93"
	case KindFamilyFarm, KindGrower:
		return "92"
	}
	return "91"
}

func creditCode(r *rand.Rand, head string) string {
	code := make([]byte, 0, 18)
	code = append(code, head+DistrictCode...)
	// the organisation code and its own check digit (GB 11714)
	sum := 0
	for _, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		c := codeAlphabet[r.IntN(len(codeAlphabet))]
		value := int(c - '0')
		if c >= 'A' {
			value = int(c-'A') + 10
		}
		sum += weight * value
		code = append(code, c)
	}
	code = append(code, "0X987654321"[sum%11])
	sum, weight := 0, 1
	for _, c := range code {
		sum += weight * strings.IndexByte(codeAlphabet, c)
		weight = weight * 3 % 31
	}
	return string(append(code, codeAlphabet[(31-sum%31)%31]))
}
