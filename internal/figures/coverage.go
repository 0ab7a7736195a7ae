package figures

// Coverage is how many of those on the roster at the beginning of a period were
// visited in it, each once however often (走访覆盖率).
//
// On the roster is an enterprise with a credit code that was entered before the
// period's first day and not retired before it; a key project likewise.
type Coverage struct {
	Enterprises Ratio `json:"enterprises"`
	Projects    Ratio `json:"projects"`
}

// The figures of a coverage, as differences name them.
const (
	EnterpriseCoverage = "enterprise_coverage"
	ProjectCoverage    = "project_coverage"
)

// CoverageNames lists them in the order in which they are shown.
func CoverageNames() []string { return []string{EnterpriseCoverage, ProjectCoverage} }

// Ratio is one of the figures.
func (c Coverage) Ratio(name string) Ratio {
	if name == ProjectCoverage {
		return c.Projects
	}
	return c.Enterprises
}

// CompareCoverage compares two coverages figure by figure.
func CompareCoverage(was, is Coverage) []Difference {
	var differences []Difference
	for _, name := range CoverageNames() {
		if b, a := was.Ratio(name), is.Ratio(name); b != a {
			differences = append(differences, Difference{Figure: name, Was: Value{Ratio: &b}, Is: Value{Ratio: &a}})
		}
	}
	return differences
}
