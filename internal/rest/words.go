package rest

import (
	"net/http"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"
)

// Huma words its faults for programmers; these say what to do. They are read
// when operations are registered, so they are set before any.
func init() {
	validation.MsgUnexpectedProperty = "is not a field of this body"
	validation.MsgExpectedRFC3339DateTime = "must be a moment such as 2023-10-31T18:00:00+08:00"
	validation.MsgExpectedRFC3339Date = "must be a day, YYYY-MM-DD"
	validation.MsgExpectedBoolean = "must be true or false"
	validation.MsgExpectedNumber = "must be a number"
	validation.MsgExpectedInteger = "must be a whole number"
	validation.MsgExpectedString = "must be a text"
	validation.MsgExpectedArray = "must be a list"
	validation.MsgExpectedObject = "must be an object"
	validation.MsgExpectedArrayItemsUnique = "must not name anything twice"
	validation.MsgExpectedOneOf = `must be one of: %s`
	validation.MsgExpectedMinimumNumber = "must be at least %v"
	validation.MsgExpectedMaximumNumber = "must be at most %v"
	validation.MsgExpectedMinLength = "must have at least %d characters"
	validation.MsgExpectedMaxLength = "must have at most %d characters"
	validation.MsgExpectedMatchPattern = "must match %s"
	validation.MsgExpectedMinItems = "must have at least %d"
	validation.MsgExpectedMaxItems = "must have at most %d"
}

// plainer are faults that can be said more plainly still, and those whose
// words huma does not let anybody choose.
var plainer = map[string]string{
	"must have at least 1 characters": "must not be empty",
	`must match \S`:                   "must not be empty",
	"unknown query parameter":         "is not a parameter of this operation",
	"invalid integer":                 "must be a whole number",
	"invalid boolean":                 "must be true or false",
}

var (
	missingProperty = regexp.MustCompile(`^expected required property (.+) to be present$`)
	listIndex       = regexp.MustCompile(`\[(\d+)\]`)
	pointerEscape   = strings.NewReplacer("~", "~0", "/", "~1")
)

// faultOf turns huma's fault into ours: a JSON pointer, plain words, and never
// the value that was sent.
func faultOf(d *huma.ErrorDetail) Fault {
	where, path, _ := strings.Cut(d.Location, ".")
	message := d.Message
	if words, ok := plainer[message]; ok {
		message = words
	}
	if where != "body" {
		if strings.HasPrefix(message, "invalid") || strings.Contains(message, "parsing") {
			message = "is not of the right form"
		}
		return Fault{Parameter: path, Message: message}
	}
	pointer := ""
	if path != "" {
		path = pointerEscape.Replace(listIndex.ReplaceAllString(path, ".$1"))
		pointer = "/" + strings.ReplaceAll(path, ".", "/")
	}
	if missing := missingProperty.FindStringSubmatch(message); missing != nil {
		return Fault{Pointer: pointer + "/" + missing[1], Message: "is required"}
	}
	return Fault{Pointer: pointer, Message: message}
}

// faultsOf are the faults that huma found, each said once.
func faultsOf(errs []error) []Fault {
	var faults []Fault
	said := map[Fault]bool{}
	for _, err := range errs {
		fault := Fault{Message: "is not of the right form"} // other words may repeat what was sent
		if detailed, ok := err.(huma.ErrorDetailer); ok {
			fault = faultOf(detailed.ErrorDetail())
		}
		if err != nil && !said[fault] {
			said[fault] = true
			faults = append(faults, fault)
		}
	}
	return faults
}

// instead is what to do about a refusal that has no faults to show.
var instead = map[int]string{
	http.StatusBadRequest:            "The request broke off before its end. Send it again.",
	http.StatusUnsupportedMediaType:  "Send the body as application/json.",
	http.StatusRequestEntityTooLarge: "The body is too large. Send less at a time.",
	http.StatusRequestTimeout:        "The body took too long to arrive. Send it again.",
	http.StatusInternalServerError:   "Something went wrong here. Report it with the request id.",
}
