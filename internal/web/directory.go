package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"whistle/internal/directory"
	"whistle/internal/service"
	"whistle/internal/text"
	"whistle/internal/ticket"
	"whistle/internal/worktime"
)

// entryPages are the pages over one kind of entry of the directory: its list,
// and the form of one. They are made from the entry's declaration, so that a
// new field needs a text and nothing else here.
type entryPages[T any, P directory.Entry[T]] struct {
	name    string // in addresses and texts, e.g. places
	columns []string
	entries func(*service.Service) service.Entries[T, P]
	kept    kept[T]
}

// kept is what differs for entries that the offices keep outside of
// administration: those have a list and a page of their own, and here only
// their forms.
type kept[T any] struct {
	path    string                                                           // where their list is; "" in administration
	begin   func(p *page, entry *T)                                          // what the address says of a new one; nil for nothing
	ask     func(p *page, entry T, of ticket.InputField, asked *field) error // how a field is asked for otherwise; nil for never
	unasked []string                                                         // fields that stay as they are
	codes   map[string]string                                                // by field, the list of codes that it takes its words from
}

func (w *Pages) directoryRoutes() []route {
	return slices.Concat(
		entryPages[directory.Department, *directory.Department]{name: "departments", columns: []string{"name", "code", "kind", "parent_id", "dispatchable", "summonable", "officers_resolve"}, entries: (*service.Service).Departments}.routes(),
		entryPages[directory.Category, *directory.Category]{name: "categories", columns: []string{"name", "code", "position"}, entries: (*service.Service).Categories}.routes(),
		entryPages[directory.Duty, *directory.Duty]{name: "duties", columns: []string{"category", "department_id", "basis"}, entries: (*service.Service).Duties}.routes(),
		entryPages[directory.Reason, *directory.Reason]{name: "reasons", columns: []string{"name", "kind", "code"}, entries: (*service.Service).Reasons}.routes(),
		entryPages[directory.Place, *directory.Place]{name: "places", columns: []string{"name", "code", "parent_id"}, entries: (*service.Service).Places}.routes(),
		entryPages[directory.Chain, *directory.Chain]{name: "chains", columns: []string{"name", "code", "parent_id"}, entries: (*service.Service).Chains}.routes(),
		entryPages[directory.Enterprise, *directory.Enterprise]{name: "enterprises", columns: []string{"name", "credit_code", "kind", "place_id", "contact", "phone"}, entries: (*service.Service).Enterprises}.routes(),
		entryPages[directory.Project, *directory.Project]{name: "projects", columns: []string{"name", "code", "enterprise_id"}, entries: (*service.Service).Projects}.routes(),
	)
}

// path is where their list is.
func (e entryPages[T, P]) path() string {
	return cmp.Or(e.kept.path, "/admin/"+e.name)
}

// home is where one goes from a form: to the page that the entry has of its
// own, else to the list.
func (e entryPages[T, P]) home(id string) string {
	if e.kept.path != "" && id != "" {
		return e.path() + "/" + url.PathEscape(id)
	}
	return e.path()
}

// formPath is where an entry is changed.
func (e entryPages[T, P]) formPath(id string) string {
	if e.kept.path != "" {
		return e.home(id) + "/edit"
	}
	return e.path() + "/" + url.PathEscape(id)
}

func (e entryPages[T, P]) routes() []route {
	return []route{
		get(e.path(), administrators(e.list)),
		get(e.path()+"/new", administrators(e.blank)),
		post(e.path()+"/new", administrators(e.create)),
		get(e.path()+"/:id", administrators(e.show)),
		post(e.path()+"/:id", administrators(e.change)),
		post(e.path()+"/:id/retire", administrators(e.retire)),
		post(e.path()+"/:id/restore", administrators(e.restore)),
	}
}

// forms are the routes of entries that have a list and a page of their own.
func (e entryPages[T, P]) forms() []route {
	return []route{
		get(e.path()+"/new", offices(e.blank)),
		post(e.path()+"/new", offices(e.create)),
		get(e.path()+"/:id/edit", offices(e.show)),
		post(e.path()+"/:id/edit", offices(e.change)),
		post(e.path()+"/:id/retire", offices(e.retire)),
		post(e.path()+"/:id/restore", offices(e.restore)),
	}
}

const entriesAPage = 50

// entryList is what the list of one kind shows.
type entryList struct {
	Kind    string
	Text    string
	Retired bool
	Columns []string // labels
	Rows    []entryRow
	Next    string
}

type entryRow struct {
	ID      string
	Cells   []string
	Retired bool
}

// entryForm is the form of one entry, new or there already.
type entryForm struct {
	Kind      string
	ID, Name  string // "" for a new one
	Home      string // where one comes from
	At        string // where it is retired and restored; "" where the reader may not
	RetiredAt *time.Time
	Form      *form
}

func (e entryPages[T, P]) list(p *page) error {
	shown := entryList{Kind: e.name, Text: strings.TrimSpace(p.QueryParam("q")), Retired: p.QueryParam("retired") != ""}
	found, err := e.entries(p.svc).List(p.ctx(), p.actor, service.EntryFilter{
		Text: shown.Text, All: true, Active: !shown.Retired, After: p.QueryParam("after"), Limit: entriesAPage + 1,
	})
	if err != nil {
		return err
	}
	if len(found) > entriesAPage {
		found = found[:entriesAPage]
		id, _ := P(&found[entriesAPage-1]).Refs()
		shown.Next = p.with("after", *id)
	}
	names, err := e.entries(p.svc).Names(p.ctx(), found...)
	if err != nil {
		return err
	}
	var blank T
	declared := ticket.FieldsOf(blank)
	for _, column := range e.columns {
		shown.Columns = append(shown.Columns, e.label(p, column))
	}
	for i := range found {
		id, stamp := P(&found[i]).Refs()
		row := entryRow{ID: *id, Retired: stamp.Retired()}
		for _, column := range e.columns {
			at := slices.IndexFunc(declared, func(f ticket.InputField) bool { return f.Name == column })
			row.Cells = append(row.Cells, e.words(p, declared[at], valuesOf(found[i], declared[at]), names))
		}
		shown.Rows = append(shown.Rows, row)
	}
	return p.show("directory/list", shown)
}

// label is a field's text for this kind, or else for any.
func (e entryPages[T, P]) label(p *page, name string) string {
	if id := "entry." + e.name + "." + name; text.Has(id) {
		return p.t(id)
	}
	return p.t("entry." + name)
}

// words are a value as the list shows it.
func (e entryPages[T, P]) words(p *page, f ticket.InputField, values []string, names *service.Names) string {
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = value
		if name := names.Of(value); name != "" {
			words[i] = name
		}
		switch {
		case value == "":
		case f.Name == "category":
			words[i] = p.category(value, words[i])
		case f.Enum != nil, f.Type.Kind() == reflect.Bool:
			words[i] = e.option(p, f.Name, value)
		}
	}
	return strings.Join(words, p.t("list.comma"))
}

func (e entryPages[T, P]) option(p *page, name, value string) string {
	if list := e.kept.codes[name]; list != "" {
		return p.t(list + "." + value)
	}
	if value == "" {
		return p.t("entry_option.none")
	}
	if id := "entry_option." + e.name + "." + name + "." + value; text.Has(id) {
		return p.t(id)
	}
	return p.t("entry_option." + name + "." + value)
}

// valuesOf are an entry's values of a field as a form sends them.
func valuesOf(entry any, f ticket.InputField) []string {
	v := reflect.ValueOf(entry)
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		if name != f.Name {
			continue
		}
		if list, ok := v.Field(i).Interface().([]string); ok {
			return list
		}
		if day, ok := v.Field(i).Interface().(worktime.Date); ok && day.IsZero() {
			return nil
		}
		if day, ok := v.Field(i).Interface().(*worktime.Date); ok {
			if day == nil {
				return nil
			}
			return []string{day.String()}
		}
		return []string{fmt.Sprint(v.Field(i).Interface())}
	}
	return nil
}

// form is the form of an entry with its present values.
func (e entryPages[T, P]) form(p *page, entry T, action, submit string) (*form, error) {
	f := newForm(action, p.t(submit))
	id, _ := P(&entry).Refs()
	f.Back = e.home(*id)
	for _, declared := range ticket.FieldsOf(entry) {
		if slices.Contains(e.kept.unasked, declared.Name) {
			continue
		}
		asked := field{
			Name: declared.Name, Label: e.label(p, declared.Name), Required: !declared.Optional, Max: max(0, declared.MaxLength),
			Values: valuesOf(entry, declared), Kind: kindText,
		}
		if hint := "entry_hint." + declared.Name; text.Has(hint) {
			asked.Hint = p.t(hint)
		}
		var err error
		switch {
		case declared.Enum != nil:
			asked.Kind = kindRadios
			for _, value := range declared.Enum {
				asked.Options = append(asked.Options, option{Value: value, Label: e.option(p, declared.Name, value)})
			}
		case declared.Type.Kind() == reflect.Bool:
			asked.Kind = kindCheck
		case declared.Type.Kind() == reflect.Int:
			asked.Kind = kindNumber
		case declared.Type == reflect.TypeFor[*worktime.Date]():
			asked.Kind = kindDay
		case declared.Name == "basis", declared.Name == "about", declared.Name == "plan", declared.Name == "note", declared.Name == "gives", declared.Name == "conditions":
			asked.Kind = kindLong
		case declared.Type == reflect.TypeFor[worktime.Date]():
			asked.Kind = kindDay
		case declared.Of != nil:
			e.rows(p, &asked, declared.Of, reflect.ValueOf(entry))
		case declared.Name == "chains":
			asked.Kind = kindChecks
			asked.Options, err = p.allChains()
		case declared.Name == "chain_id", declared.Name == "parent_id" && e.name == "chains":
			asked.Kind = kindSelect
			asked.Options, err = p.allChains()
		case declared.Name == "places":
			asked.Kind = kindChecks
			asked.Options, err = p.allPlaces()
		case declared.Name == "categories":
			asked.Kind = kindChecks
			asked.Options, err = p.categoryOptions()
		case declared.Name == "kinds":
			asked.Kind = kindChecks
			asked.Options, err = codeOptions("enterprise_kind", allEnterpriseKinds)(p)
		case declared.Name == "services":
			asked.Kind = kindChecks
			asked.Options, err = codeOptions("station_service", directory.StationServices)(p)
		case declared.Name == "attachments":
			asked.Kind = kindFiles
		case declared.Name == "user_id":
			asked.Kind = kindSelect
			asked.Options, err = p.guestOptions()
		case declared.Name == "place_id", declared.Name == "parent_id" && e.name == "places":
			asked.Kind = kindSelect
			asked.Options, err = p.allPlaces()
		case declared.Name == "department_id", declared.Name == "answer_department_id", declared.Name == "parent_id":
			asked.Kind = kindSelect
			asked.Options, err = p.allDepartments()
		case declared.Name == "enterprise_id":
			asked.Kind = kindSelect
			asked.Options, err = entryOptions(p, p.svc.Enterprises().List, func(c directory.Enterprise) option { return option{Value: c.ID, Label: c.Name} })
		case declared.Name == "category":
			asked.Kind = kindSelect
			asked.Options, err = p.categoryOptions()
		}
		if err == nil && e.kept.ask != nil {
			err = e.kept.ask(p, entry, declared, &asked)
		}
		if asked.Kind == kindText && isTexts(reflect.TypeFor[T](), asked.Name) {
			asked.Values = []string{strings.Join(asked.Values, p.t("list.comma"))}
		}
		if err != nil {
			return nil, err
		}
		f.Fields = append(f.Fields, asked)
	}
	return f, nil
}

// rows asks for a list of smaller things, one a row.
func (e entryPages[T, P]) rows(p *page, asked *field, of []ticket.InputField, entry reflect.Value) {
	asked.Kind = kindRows
	row := func(at int, item any) []field {
		fields := make([]field, len(of))
		for i, part := range of {
			fields[i] = field{
				Name: fmt.Sprintf("%s[%d].%s", asked.Name, at, part.Name), Label: e.label(p, asked.Name+"."+part.Name),
				Kind: kindText, Required: !part.Optional, Max: max(0, part.MaxLength),
			}
			if item != nil {
				fields[i].Values = valuesOf(item, part)
			}
			if part.Type == reflect.TypeFor[[]string]() {
				fields[i].Values = []string{strings.Join(fields[i].Values, p.t("list.comma"))}
			}
			switch {
			case part.Enum != nil:
				fields[i].Kind = kindSelect
				for _, value := range part.Enum {
					fields[i].Options = append(fields[i].Options, option{Value: value, Label: e.option(p, asked.Name+"."+part.Name, value)})
				}
			case part.Type.Kind() == reflect.Bool:
				fields[i].Kind = kindCheck
			}
		}
		return fields
	}
	list := entry.FieldByIndex(fieldNamed(entry.Type(), asked.Name))
	for i := range list.Len() {
		asked.Rows = append(asked.Rows, row(i, list.Index(i).Interface()))
	}
	asked.blank = row(0, nil)
	for i := range asked.blank {
		asked.blank[i].Required = false // a row may stay empty
	}
	for n := 0; len(asked.Rows) == 0 && n < spareRows; n++ {
		asked.addRow()
	}
}

// fieldNamed is where a struct has the field that JSON calls so.
func fieldNamed(t reflect.Type, name string) []int {
	for i := range t.NumField() {
		if is, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); is == name {
			return []int{i}
		}
	}
	return nil
}

func entryOptions[T any](p *page, list func(context.Context, ticket.Actor, service.EntryFilter) ([]T, error), as func(T) option) ([]option, error) {
	entries, err := list(p.ctx(), p.actor, service.EntryFilter{})
	return optionsOf(entries, as), err
}

// first is the form of a new entry, as the address begins it.
func (e entryPages[T, P]) first(p *page) (entryForm, error) {
	entry, action := e.entries(p.svc).Blank(), e.path()+"/new"
	if e.kept.begin != nil {
		e.kept.begin(p, &entry)
		action = p.Request().URL.RequestURI()
	}
	if may, err := e.entries(p.svc).MayCreate(p.ctx(), p.actor, entry); err != nil || !may {
		return entryForm{}, cmp.Or(err, error(ticket.NotFound("page")))
	}
	f, err := e.form(p, entry, action, "directory.create")
	return entryForm{Kind: e.name, Home: e.path(), Form: f}, err
}

func (e entryPages[T, P]) blank(p *page) error {
	shown, err := e.first(p)
	if err == nil {
		err = p.complete(shown.Form)
	}
	if err != nil {
		return err
	}
	return p.show("directory/entry", shown)
}

func (e entryPages[T, P]) create(p *page) error {
	shown, err := e.first(p)
	if err != nil {
		return err
	}
	f, id := shown.Form, ""
	values, entry, err := e.sent(p, f)
	if err == nil {
		id, err = p.once(values, func(ctx context.Context) (string, error) {
			created, err := e.entries(p.svc).Create(ctx, p.actor, entry)
			id, _ := P(&created).Refs()
			return *id, err
		})
	}
	if err != nil {
		return p.refuse(err, f, func(status int) error {
			return p.showAs(status, "directory/entry", shown)
		})
	}
	p.say("directory.created")
	return p.goTo(e.home(id))
}

// sent reads what the form sent into an entry.
func (e entryPages[T, P]) sent(p *page, f *form) (url.Values, T, error) {
	var entry T
	values, files, err := p.values()
	if err != nil {
		return nil, entry, err
	}
	if f.takesFiles() {
		err = p.upload(values, files)
	}
	f.fill(values)
	if err != nil {
		return nil, entry, err
	}
	if again := values.Get(againName); again != "" {
		f.addRows(again)
		return nil, entry, errAgain
	}
	for i := range f.Fields {
		if f.Fields[i].Kind == kindCheck || f.Fields[i].Kind == kindChecks {
			f.Fields[i].Values = values[f.Fields[i].Name] // what isn't ticked isn't sent
		}
	}
	values = cloneValues(values)
	for name, typed := range values {
		if e.isTypedList(f, name) {
			separate := func(r rune) bool { return strings.ContainsRune(",，、;；", r) }
			values[name] = strings.FieldsFunc(strings.Join(typed, ","), separate)
		}
	}
	return values, entry, p.decode(values, &entry)
}

// isTypedList says whether a field holds several texts that are typed as one.
func (e entryPages[T, P]) isTypedList(f *form, name string) bool {
	row, part, inRow := strings.Cut(name, "].")
	if list, _, ok := strings.Cut(row, "["); inRow && ok {
		at := fieldNamed(reflect.TypeFor[T](), list)
		return at != nil && isTexts(reflect.TypeFor[T]().FieldByIndex(at).Type.Elem(), part)
	}
	return isTexts(reflect.TypeFor[T](), name) && slices.ContainsFunc(f.Fields, func(of field) bool { return of.Name == name && of.Kind == kindText })
}

// isTexts says whether the field that JSON calls so holds several texts.
func isTexts(t reflect.Type, name string) bool {
	at := fieldNamed(t, name)
	return at != nil && t.FieldByIndex(at).Type == reflect.TypeFor[[]string]()
}

func cloneValues(values url.Values) url.Values {
	clone := url.Values{}
	for name, value := range values {
		clone[name] = slices.Clone(value)
	}
	return clone
}

func (e entryPages[T, P]) entry(p *page) (entryForm, error) {
	entry, err := e.entries(p.svc).Get(p.ctx(), p.actor, p.Param("id"))
	if err != nil {
		return entryForm{}, err
	}
	id, stamp := P(&entry).Refs()
	shown := entryForm{Kind: e.name, ID: *id, Home: e.home(*id), RetiredAt: stamp.RetiredAt}
	if may, err := e.entries(p.svc).MayChange(p.ctx(), p.actor, entry); err != nil || !may {
		return shown, cmp.Or(err, error(ticket.NotFound("page")))
	}
	if may, err := e.entries(p.svc).MayRetire(p.ctx(), p.actor, entry); err != nil {
		return shown, err
	} else if may {
		shown.At = e.path() + "/" + url.PathEscape(*id)
	}
	names, err := e.entries(p.svc).Names(p.ctx(), entry)
	if err != nil {
		return shown, err
	}
	declared := ticket.FieldsOf(entry)
	at := slices.IndexFunc(declared, func(f ticket.InputField) bool { return f.Name == e.columns[0] })
	shown.Name = e.words(p, declared[at], valuesOf(entry, declared[at]), names)
	shown.Form, err = e.form(p, entry, e.formPath(*id), "directory.save")
	if err == nil {
		shown.Form.Seen = stamp.UpdatedAt.UTC().Format(time.RFC3339Nano)
	}
	return shown, err
}

func (e entryPages[T, P]) show(p *page) error {
	shown, err := e.entry(p)
	if err == nil {
		err = p.complete(shown.Form)
	}
	if err != nil {
		return err
	}
	return p.show("directory/entry", shown)
}

func (e entryPages[T, P]) change(p *page) error {
	shown, err := e.entry(p)
	if err != nil {
		return err
	}
	values, sent, err := e.sent(p, shown.Form)
	if err == nil && values.Get(againName) != "" {
		shown.Form.addRows(values.Get(againName))
		err = errAgain
	}
	if err == nil {
		_, err = p.once(values, func(ctx context.Context) (string, error) {
			_, err := e.entries(p.svc).ChangeSeen(ctx, p.actor, p.Param("id"), seenAt(values), func(entry *T) error {
				id, stamp := P(entry).Refs()
				newID, newStamp := P(&sent).Refs()
				*newID, *newStamp = *id, *stamp
				for _, name := range e.kept.unasked {
					at := fieldNamed(reflect.TypeFor[T](), name)
					reflect.ValueOf(&sent).Elem().FieldByIndex(at).Set(reflect.ValueOf(entry).Elem().FieldByIndex(at))
				}
				*entry = sent
				return nil
			})
			return "", err
		})
	}
	if err != nil {
		var stale *service.Stale
		if errors.As(err, &stale) {
			shown.Form.Changes = p.auditChanges(stale.Changes)
		}
		return p.refuse(err, shown.Form, func(status int) error { return p.showAs(status, "directory/entry", shown) })
	}
	p.say("directory.saved")
	return p.goTo(e.home(p.Param("id")))
}

// auditChanges are what others changed, as a stale form tells it.
func (p *page) auditChanges(log []service.AuditView) []change {
	changes := make([]change, len(log))
	for i, entry := range log {
		changes[i] = change{By: entry.Names.Of(entry.ActorID), At: entry.At}
		for _, difference := range entry.Changes {
			changes[i].Fields = append(changes[i].Fields, p.fieldName(difference.Field))
		}
	}
	return changes
}

func (e entryPages[T, P]) retire(p *page) error {
	if err := e.entries(p.svc).Retire(p.ctx(), p.actor, p.Param("id")); err != nil {
		return e.refuseInPlace(p, err)
	}
	p.say("directory.retired")
	return p.goTo(e.path())
}

func (e entryPages[T, P]) restore(p *page) error {
	if _, err := e.entries(p.svc).Restore(p.ctx(), p.actor, p.Param("id")); err != nil {
		return e.refuseInPlace(p, err)
	}
	p.say("directory.restored")
	return p.goTo(e.formPath(p.Param("id")))
}

// refuseInPlace shows the entry with why it can't be retired or restored.
func (e entryPages[T, P]) refuseInPlace(p *page, err error) error {
	return p.inPlace(err, func(status int, words string) error {
		shown, err := e.entry(p)
		if err != nil {
			return err
		}
		shown.Form.Error = words
		return p.showAs(status, "directory/entry", shown)
	})
}
