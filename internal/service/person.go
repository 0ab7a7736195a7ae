package service

import (
	"archive/zip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"time"

	"gocloud.dev/gcerrors"

	"whistle/internal/directory"
	"whistle/internal/store"
	"whistle/internal/ticket"
)

// PersonRef says of whom personal data are wanted: by account, or by a
// telephone number that stands with an account or an enterprise.
type PersonRef struct {
	UserID   string
	Username string
	Phone    string
}

// person finds who is meant. Of somebody without an account the user is zero.
func (s *Service) person(ctx context.Context, ref PersonRef) (p store.Person, user directory.User, err error) {
	var enterprises []directory.Enterprise
	switch {
	case ref.UserID != "":
		user, err = s.store.User(ctx, ref.UserID)
	case ref.Username != "":
		user, err = s.store.UserByName(ctx, ref.Username)
	default:
		user, enterprises, err = s.personByPhone(ctx, ref.Phone)
	}
	if err != nil {
		return p, user, problem(err, "account")
	}
	if user.Phone != "" && enterprises == nil {
		if _, enterprises, err = s.store.PeopleByPhone(ctx, user.Phone); err != nil {
			return p, user, err
		}
	}
	p = store.Person{ID: user.ID, Username: user.Username, Name: user.Name, Phone: user.Phone, Email: user.Email}
	if user.EnterpriseID != "" {
		p.EnterpriseIDs = []string{user.EnterpriseID}
	}
	for _, e := range enterprises {
		if !slices.Contains(p.EnterpriseIDs, e.ID) {
			p.EnterpriseIDs = append(p.EnterpriseIDs, e.ID)
		}
	}
	if user.ID == "" {
		p.Name, p.Phone = enterprises[0].Contact, enterprises[0].Phone
	}
	return p, user, nil
}

func (s *Service) personByPhone(ctx context.Context, phone string) (user directory.User, enterprises []directory.Enterprise, err error) {
	if phone == "" {
		return user, nil, store.ErrNotFound
	}
	users, enterprises, err := s.store.PeopleByPhone(ctx, phone)
	switch {
	case err != nil:
		return user, nil, err
	case len(users) > 1:
		names := make([]string, len(users))
		for i, u := range users {
			names[i] = u.Username
		}
		return user, nil, ticket.InvalidValues([]ticket.Field{ticket.Fieldf("/phone", "belongs to several accounts; name one: %s", strings.Join(names, ", "))})
	case len(users) == 1:
		user = users[0]
	case len(enterprises) == 0:
		return user, nil, store.ErrNotFound
	}
	return user, enterprises, nil
}

// PersonalFile is a file that somebody uploaded.
type PersonalFile struct {
	directory.Attachment
	Path string // in the archive
}

// PersonalSection is what one table holds of somebody.
type PersonalSection struct {
	Table string           `json:"table"`
	Rows  []map[string]any `json:"rows" doc:"With the columns that say something"`
}

// PersonalData is what is kept about somebody.
type PersonalData struct {
	MadeAt   time.Time         `json:"made_at"`
	Name     string            `json:"name"`
	Username string            `json:"username" doc:"Empty for somebody who has no account"`
	Sections []PersonalSection `json:"sections" doc:"By where it stands; what is empty is left out"`
	Files    []PersonalFile    `json:"-"`

	userID string
}

const subjectPersonalData = "personal_data" // in the audit log

// MyPersonalData is what is kept about the actor.
func (s *Service) MyPersonalData(ctx context.Context, actor ticket.Actor) (*PersonalData, error) {
	return s.personalData(ctx, PersonRef{UserID: actor.ID})
}

// PersonalDataOf is what is kept about somebody, for administrators. That they
// asked is written down.
func (s *Service) PersonalDataOf(ctx context.Context, actor ticket.Actor, ref PersonRef) (data *PersonalData, err error) {
	if !administers(actor) {
		return nil, errNotYours
	}
	if data, err = s.personalData(ctx, ref); err != nil {
		return nil, err
	}
	return data, s.InTx(ctx, func(ctx context.Context) error {
		return s.audit(ctx, actor, auditUse, subjectPersonalData, data.userID, nil, nil)
	})
}

func (s *Service) personalData(ctx context.Context, ref PersonRef) (data *PersonalData, err error) {
	err = s.store.InOneView(ctx, func(ctx context.Context) error {
		p, user, err := s.person(ctx, ref)
		if err != nil {
			return err
		}
		data = &PersonalData{MadeAt: s.wall.Now().UTC().Truncate(time.Second), Name: p.Name, Username: user.Username, Sections: []PersonalSection{}, userID: user.ID}
		for _, d := range store.PersonalData {
			rows, err := s.store.PersonalRows(ctx, d, p)
			if err != nil {
				return fmt.Errorf("%s: %w", d.Table, err)
			}
			if len(rows) > 0 {
				data.Sections = append(data.Sections, PersonalSection{d.Table, rows})
			}
		}
		files, err := s.store.UploadedBy(ctx, user.ID)
		for _, a := range files {
			data.Files = append(data.Files, PersonalFile{a, path.Join("files", a.ID+"-"+a.Name)})
		}
		return err
	})
	return data, err
}

// WritePersonalData writes what is kept about somebody as a zip: person.json,
// and the files that they uploaded. One whose content is gone is left out.
func (s *Service) WritePersonalData(ctx context.Context, data *PersonalData, w io.Writer) error {
	z := zip.NewWriter(w)
	out, err := z.CreateHeader(&zip.FileHeader{Name: "person.json", Method: zip.Deflate, Modified: data.MadeAt})
	if err != nil {
		return err
	}
	if err := WritePersonJSON(data, out); err != nil {
		return err
	}
	for _, f := range data.Files {
		if s.files == nil {
			break
		}
		r, err := s.files.NewReader(ctx, blobKey(f.ID), nil)
		if gcerrors.Code(err) == gcerrors.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		out, err := z.CreateHeader(&zip.FileHeader{Name: f.Path, Method: zip.Deflate, Modified: f.CreatedAt})
		if err == nil {
			_, err = io.Copy(out, r)
		}
		if err := errors.Join(err, r.Close()); err != nil {
			return err
		}
	}
	return z.Close()
}

// WritePersonJSON writes what is kept about somebody, without the files.
func WritePersonJSON(data *PersonalData, w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(data)
}
