package rest

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/ticket"
)

// EntryQuery narrows every list of entries.
type EntryQuery struct {
	Text string `query:"q" maxLength:"200" doc:"In code, name or what else it is known by"`
	All  bool   `query:"all" doc:"The retired too"`
}

func (q EntryQuery) filter() service.EntryFilter {
	return service.EntryFilter{Text: q.Text, All: q.All}
}

// entryQuery is what narrows a list of one kind of entry.
type entryQuery interface{ filter() service.EntryFilter }

// entryList is the input of a list, and entryExport of its export.
type (
	entryList interface {
		entryQuery
		page() Paged
	}
	entryExport interface {
		entryQuery
		exportInput
	}
)

// PartQuery narrows lists of what is part of something.
type PartQuery struct {
	Parent string `query:"parent" maxLength:"64" doc:"Id of what they are part of"`
	EntryQuery
}

func (q PartQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.ParentID = q.Parent
	return f
}

// DepartmentQuery narrows lists of departments.
type DepartmentQuery struct {
	Kind string `query:"kind" enum:"bureau,park,town,mass,station"`
	PartQuery
}

func (q DepartmentQuery) filter() service.EntryFilter {
	f := q.PartQuery.filter()
	f.Kind = q.Kind
	return f
}

// ReasonQuery narrows lists of reasons.
type ReasonQuery struct {
	Kind string `query:"kind" enum:"reject,return" doc:"What they are reasons for"`
	EntryQuery
}

func (q ReasonQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.Kind = q.Kind
	return f
}

// DutyQuery narrows lists of duties.
type DutyQuery struct {
	Category   string `query:"category" maxLength:"64" doc:"Category code"`
	Department string `query:"department" maxLength:"64" doc:"Department id"`
	EntryQuery
}

func (q DutyQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.Category, f.DepartmentID = q.Category, q.Department
	return f
}

// EnterpriseQuery narrows lists of enterprises.
type EnterpriseQuery struct {
	Place      string `query:"place" maxLength:"64" doc:"Place id"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain, whose segments count in, or of a segment"`
	Kind       string `query:"kind" enum:"company,cooperative,family_farm,grower,other"`
	CreditCode string `query:"credit_code" maxLength:"18" doc:"The very code"`
	Coverage   string `query:"coverage" enum:"roster,covered,none,no_guide,no_contact" doc:"Those of the roster alone, by who looks after them today"`
	EntryQuery
}

func (q EnterpriseQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.PlaceID, f.ChainID, f.Kind, f.CreditCode, f.Coverage = q.Place, q.Chain, q.Kind, q.CreditCode, directory.Coverage(q.Coverage)
	return f
}

// ProjectQuery narrows lists of projects.
type ProjectQuery struct {
	Enterprise string `query:"enterprise" maxLength:"64" doc:"Enterprise id"`
	Place      string `query:"place" maxLength:"64" doc:"Id of the enterprise's place"`
	Chain      string `query:"chain" maxLength:"64" doc:"Id of a chain of the enterprise"`
	Light      string `query:"light" enum:"green,yellow,red" doc:"The worst of its milestones"`
	EntryQuery
}

func (q ProjectQuery) filter() service.EntryFilter {
	f := q.EntryQuery.filter()
	f.EnterpriseID = q.Enterprise
	f.Project = service.ProjectFilter{PlaceID: q.Place, ChainID: q.Chain, Light: ticket.Light(q.Light)}
	return f
}

// What each kind's list and its export take: the same, and the page or the form.
type (
	departmentList struct {
		DepartmentQuery
		Paged
	}
	departmentExport struct {
		DepartmentQuery
		ExportQuery
	}
	enterpriseList struct {
		EnterpriseQuery
		Paged
	}
	enterpriseExport struct {
		EnterpriseQuery
		ExportQuery
	}
	projectList struct {
		ProjectQuery
		Paged
	}
	projectExport struct {
		ProjectQuery
		ExportQuery
	}
	plainList struct {
		EntryQuery
		Paged
	}
	plainExport struct {
		EntryQuery
		ExportQuery
	}
	partList struct {
		PartQuery
		Paged
	}
	partExport struct {
		PartQuery
		ExportQuery
	}
	dutyList struct {
		DutyQuery
		Paged
	}
	dutyExport struct {
		DutyQuery
		ExportQuery
	}
	reasonList struct {
		ReasonQuery
		Paged
	}
	reasonExport struct {
		ReasonQuery
		ExportQuery
	}
)

func (a *API) directory() {
	const byAdmins = "Administrators keep them; everybody signed in reads them."
	entries[departmentList, departmentExport](a, entryPath{service.ExportedDepartments, "departments", "department", "Those that can be dispatched to or summoned and are not retired; the others too with all=true. " + byAdmins}, a.svc.Departments())
	entries[enterpriseList, enterpriseExport](a, entryPath{service.ExportedEnterprises, "enterprises", "enterprise", "The offices read all, managers those they look after, enterprises their own. Administrators and the desk keep them; administrators alone retire them."}, a.svc.Enterprises())
	entries[projectList, projectExport](a, entryPath{service.ExportedProjects, "projects", "project", "Key projects, read like their enterprises and by their teams. Administrators keep them."}, a.svc.Projects())
	entries[partList, partExport](a, entryPath{service.ExportedChains, "chains", "chain", "The chains and their segments, each part of its chain. Administrators and the desk keep them, administrators alone retire them; everybody signed in reads them."}, a.svc.Chains())
	entries[partList, partExport](a, entryPath{service.ExportedPlaces, "places", "place", byAdmins}, a.svc.Places())
	entries[plainList, plainExport](a, entryPath{service.ExportedCategories, "categories", "category", "In the order in which they are offered. " + byAdmins}, a.svc.Categories())
	entries[dutyList, dutyExport](a, entryPath{service.ExportedDuties, "duties", "duty", "Which department answers for which category. " + byAdmins}, a.svc.Duties())
	entries[reasonList, reasonExport](a, entryPath{service.ExportedReasons, "reasons", "reason", "The closed lists of reason codes. " + byAdmins}, a.svc.Reasons())
}

// entryPath is where the API has one kind of entry, and what is said of it.
type entryPath struct {
	list           service.ExportList
	many, one, doc string
}

func (p entryPath) operation(method, suffix, verb, what string) huma.Operation {
	one := "a " + p.one
	if strings.ContainsRune("aeio", rune(p.one[0])) {
		one = "an " + p.one
	}
	op := operation(method, "/"+p.many+suffix, verb+"-"+strings.ReplaceAll(what, " ", "-"), p.many, map[string]string{
		"list": "List " + p.many, "create": "Add " + one, "get": "Read " + one,
		"change": "Change the fields given of " + one, "retire": "Retire " + one + "; it is never deleted", "restore": "Take a retired " + p.one + " back into service",
	}[verb])
	op.Description = p.doc
	return op
}

// readEntries registers how one kind of entry is read. Its Go type is its form
// in the API too.
func readEntries[L entryList, E entryExport, T any, P directory.Entry[T]](a *API, at entryPath, e service.Entries[T, P]) {
	show := func(entry T) T { return inZoneOf[T, P](a.svc, entry) }
	idOf := func(entry T) string {
		id, _ := P(&entry).Refs()
		return *id
	}

	register(a, at.operation(http.MethodGet, "", "list", at.many), func(ctx context.Context, actor ticket.Actor, in *L) (*answer[Page[T]], error) {
		page := (*in).page()
		after, err := decodeCursor[idPosition](page.Cursor)
		if err != nil {
			return nil, err
		}
		f := (*in).filter()
		f.After, f.Limit = afterID(after), page.Limit+1
		all, err := e.List(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		return &answer[Page[T]]{pageOf(all, page.Limit, show, func(entry T) any { return idPosition{idOf(entry)} })}, nil
	})

	export(a, at.list, "", at.many, at.many, func(ctx context.Context, actor ticket.Actor, in *E, to service.ExportTo) (int, error) {
		return e.Export(ctx, actor, (*in).filter(), to)
	})

	register(a, at.operation(http.MethodGet, "/{id}", "get", at.one), func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[T], error) {
		entry, err := e.Get(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[T]{show(entry)}, nil
	})
}

// entries registers the operations over one kind of entry that is kept as it is
// read; what cannot be set is read-only.
func entries[L entryList, E entryExport, T any, P directory.Entry[T]](a *API, at entryPath, e service.Entries[T, P]) {
	readEntries[L, E](a, at, e)
	show := func(entry T) T { return inZoneOf[T, P](a.svc, entry) }
	idOf := func(entry T) string {
		id, _ := P(&entry).Refs()
		return *id
	}

	// Both bodies are read over what holds already: nothing but the kind's
	// defaults, or the entry as it stands.
	whole := a.huma.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[T](), true, "")
	full := a.huma.OpenAPI().Components.Schemas.SchemaFromRef(whole.Ref)
	some := &huma.Schema{Type: full.Type, Properties: full.Properties, AdditionalProperties: full.AdditionalProperties}

	create := at.operation(http.MethodPost, "", "create", at.one)
	create.DefaultStatus = http.StatusCreated
	create.RequestBody = jsonBody(whole)
	registerKeyed(a, create, func(ctx context.Context, actor ticket.Actor, in *struct {
		Keyed
		Body json.RawMessage
	},
	) (*created[T], error) {
		entry := e.Blank()
		if err := json.Unmarshal(in.Body, &entry); err != nil {
			return nil, err
		}
		made, err := e.Create(ctx, actor, entry)
		if err != nil {
			return nil, err
		}
		return &created[T]{prefix + "/" + at.many + "/" + idOf(made), show(made)}, nil
	})

	change := at.operation(http.MethodPatch, "/{id}", "change", at.one)
	change.RequestBody = jsonBody(some)
	register(a, change, func(ctx context.Context, actor ticket.Actor, in *struct {
		ByID
		Body json.RawMessage
	},
	) (*answer[T], error) {
		changed, err := e.Change(ctx, actor, in.ID, func(entry *T) error { return json.Unmarshal(in.Body, entry) })
		if err != nil {
			return nil, err
		}
		return &answer[T]{show(changed)}, nil
	})

	register(a, at.operation(http.MethodDelete, "/{id}", "retire", at.one), func(ctx context.Context, actor ticket.Actor, in *ByID) (*nothing, error) {
		return &nothing{}, e.Retire(ctx, actor, in.ID)
	})

	restore := at.operation(http.MethodPost, "/{id}/restore", "restore", at.one)
	restore.DefaultStatus = http.StatusOK
	register(a, restore, func(ctx context.Context, actor ticket.Actor, in *ByID) (*answer[T], error) {
		entry, err := e.Restore(ctx, actor, in.ID)
		if err != nil {
			return nil, err
		}
		return &answer[T]{show(entry)}, nil
	})
}

func jsonBody(schema *huma.Schema) *huma.RequestBody {
	return &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}

// inZoneOf is the entry with its times as they are shown.
func inZoneOf[T any, P directory.Entry[T]](svc *service.Service, entry T) T {
	_, stamp := P(&entry).Refs()
	zone := svc.Zone()
	stamp.CreatedAt, stamp.UpdatedAt = stamp.CreatedAt.In(zone), stamp.UpdatedAt.In(zone)
	if stamp.RetiredAt != nil {
		retired := stamp.RetiredAt.In(zone)
		stamp.RetiredAt = &retired
	}
	return entry
}
