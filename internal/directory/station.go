package directory

import "slices"

// StationKind tells what sort of station a department of that kind is.
type StationKind string

// The kinds of station: a party and public service centre (党群服务中心), its
// stations and points, and a quality station (质量小站).
const (
	ServiceCenter  StationKind = "center"
	ServiceStation StationKind = "station"
	ServicePoint   StationKind = "point"
	QualityStation StationKind = "quality"
)

// StationKinds lists them, the largest first.
func StationKinds() []StationKind {
	return []StationKind{ServiceCenter, ServiceStation, ServicePoint, QualityStation}
}

// StationServices are what a station may offer: the five core ones, then the
// five further.
func StationServices() []string {
	return []string{
		"metrology", "standards", "accreditation", "testing", "quality_management",
		"intellectual_property", "branding", "special_equipment", "training", "trade_secrets",
	}
}

// CoreServices is how many of StationServices are the core ones.
const CoreServices = 5

// The parts of a station's staff.
const (
	EnterpriseSteward = "enterprise_steward" // 企业管家
	MarketOfficer     = "market_officer"     // 市监专员
	FinanceOfficer    = "finance_officer"    // 金融专员
	QualitySteward    = "quality_steward"    // 质量管家
	QualityEnvoy      = "quality_envoy"      // 质量特派员
	QualityVolunteer  = "quality_volunteer"  // 质量志愿者
)

// StaffParts are the parts that a station of a kind has.
func StaffParts(kind StationKind) []string {
	if kind == QualityStation {
		return []string{QualitySteward, QualityEnvoy, QualityVolunteer}
	}
	return []string{EnterpriseSteward, MarketOfficer, FinanceOfficer}
}

// AllStaffParts are the parts of stations of every kind.
func AllStaffParts() []string {
	return slices.Concat(StaffParts(ServiceCenter), StaffParts(QualityStation))
}
