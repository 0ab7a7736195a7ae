package ticket

import (
	"time"

	"whistle/internal/worktime"
)

// An Input is what the caller of an event says. The tags give the form of each
// field, for the API's document and for CheckForm alike: lengths are counted
// in characters.
type Input interface {
	event() // closes the set: only this package's inputs have it
}

// Attached is part of every input in which a text is asked.
type Attached struct {
	Attachments []string `json:"attachments,omitempty" maxItems:"10" uniqueItems:"true" doc:"Ids of attachments uploaded before by the same caller"`
}

// AttachmentIDs are the attachments that come with the input.
func (a Attached) AttachmentIDs() []string { return a.Attachments }

// AttachmentsOf are the attachments that come with any input, or that an entry
// names; none where it takes none.
func AttachmentsOf(in any) []string {
	if carrier, ok := in.(interface{ AttachmentIDs() []string }); ok {
		return carrier.AttachmentIDs()
	}
	return nil
}

// None is the input of events that need no words.
type None struct{}

// SubmitInput files a ticket.
type SubmitInput struct {
	EnterpriseID string  `json:"enterprise_id,omitempty" maxLength:"64" doc:"Whose problem it is; the caller's own enterprise by default"`
	Title        string  `json:"title" minLength:"1" maxLength:"200" pattern:"\\S" doc:"The problem in one line"`
	Description  string  `json:"description" minLength:"1" maxLength:"10000" pattern:"\\S" doc:"What is stuck, since when, and what was tried"`
	Category     string  `json:"category" minLength:"1" maxLength:"64" doc:"Category code, see /categories"`
	Urgency      Urgency `json:"urgency,omitempty" enum:"normal,urgent" doc:"normal by default"`
	Source       Source  `json:"source,omitempty" enum:"web,phone,visit,desk,station,order,hotline,import" doc:"How it came in; by default after who files it. import is for imports alone"`
	Confidential bool    `json:"confidential,omitempty" doc:"A trade secret: fewer people see it"`
	ProjectID    string  `json:"project_id,omitempty" maxLength:"64" doc:"A key project of the enterprise"`
	Attached
}

// RequestInfoInput asks the enterprise for more.
type RequestInfoInput struct {
	Question string `json:"question" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What the desk needs to know"`
	Attached
}

// SupplyInfoInput answers the desk's question.
type SupplyInfoInput struct {
	Answer string `json:"answer" minLength:"1" maxLength:"10000" pattern:"\\S" doc:"The answer"`
	Attached
}

// CorrectInput puts right what was filed wrongly.
type CorrectInput struct {
	Category     string  `json:"category,omitempty" maxLength:"64" doc:"Category code"`
	Title        string  `json:"title,omitempty" maxLength:"200" pattern:"\\S" doc:"The problem in one line"`
	EnterpriseID string  `json:"enterprise_id,omitempty" maxLength:"64" doc:"Whose problem it is; the desk alone may change it"`
	Urgency      Urgency `json:"urgency,omitempty" enum:"normal,urgent"`
	Confidential *bool   `json:"confidential,omitempty" doc:"Whether it is a trade secret"`
	Reason       string  `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why it is corrected"`
	Attached
}

// RejectInput turns a request away.
type RejectInput struct {
	ReasonCode string `json:"reason_code" minLength:"1" maxLength:"64" doc:"Code from /reasons?kind=reject"`
	Text       string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What the enterprise can do instead"`
	Attached
}

// ReasonInput gives a reason in words.
type ReasonInput struct {
	Reason string `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why"`
	Attached
}

// MergeInput makes the ticket part of another.
type MergeInput struct {
	IntoID string `json:"into_id" minLength:"1" maxLength:"64" doc:"The open ticket that goes on for both"`
}

// DispatchInput hands the ticket to a lead department.
type DispatchInput struct {
	LeadID        string   `json:"lead_id" minLength:"1" maxLength:"64" doc:"The department that leads"`
	DepartmentIDs []string `json:"department_ids,omitempty" maxItems:"30" uniqueItems:"true" doc:"Departments that help"`
	Urgency       Urgency  `json:"urgency,omitempty" enum:"normal,urgent" doc:"Changes the urgency"`
}

// ReturnInput gives the ticket back to the desk.
type ReturnInput struct {
	ReasonCode string `json:"reason_code" minLength:"1" maxLength:"64" doc:"Code from /reasons?kind=return"`
	Text       string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"The ground in the duty catalogue, or the facts"`
	Attached
}

// AssignInput names who in the department works on it.
type AssignInput struct {
	UserID string `json:"user_id" minLength:"1" maxLength:"64" doc:"Somebody of the lead department"`
}

// WhistleInput summons departments to a joint handling.
type WhistleInput struct {
	DepartmentIDs []string `json:"department_ids" minItems:"1" maxItems:"30" uniqueItems:"true" doc:"Departments that must report in; not the lead"`
	Question      string   `json:"question" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What they are to settle together"`
	Convener      Convener `json:"convener,omitempty" enum:"lead,desk" doc:"Who chairs; lead by default"`
	LeadID        string   `json:"lead_id,omitempty" maxLength:"64" doc:"The lead; needed, and allowed, only while none is named"`
	Attached
}

// ReportInInput is a summoned department's answer to the whistle.
type ReportInInput struct {
	Position Position `json:"position" enum:"can,cannot,needs" doc:"Whether the department can do its part, cannot, or needs something first"`
	Text     string   `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What it can do, by when, or why not"`
	Attached
}

// InviteInput asks an expert to the present joint handling.
type InviteInput struct {
	UserID string `json:"user_id" minLength:"1" maxLength:"64" doc:"The expert's account"`
}

// TextInput says something in words.
type TextInput struct {
	Text string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"The words"`
	Attached
}

// UrgeInput asks to hurry.
type UrgeInput struct {
	Text string `json:"text,omitempty" maxLength:"2000" doc:"The words, if any"`
}

// NewTask is a department's part of what was agreed.
type NewTask struct {
	DepartmentID string     `json:"department_id" minLength:"1" maxLength:"64" doc:"The lead or a joined department"`
	Text         string     `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What it will do"`
	DueAt        *time.Time `json:"due_at,omitempty" doc:"By when"`
}

// Absent is a summoned department without which was concluded.
type Absent struct {
	DepartmentID string `json:"department_id" minLength:"1" maxLength:"64"`
	Reason       string `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why it went without"`
}

// ConcludeInput ends a joint handling with what was agreed.
type ConcludeInput struct {
	Minutes string    `json:"minutes" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What was agreed"`
	Tasks   []NewTask `json:"tasks,omitempty" maxItems:"50" doc:"Who does what"`
	Without []Absent  `json:"without,omitempty" maxItems:"30" doc:"Summoned departments that have not reported in"`
	Attached
}

// ProgressInput tells how far the work has come.
type ProgressInput struct {
	Text   string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"How far it has come"`
	Public bool   `json:"public,omitempty" doc:"Whether the enterprise reads it too"`
	Attached
}

// FinishTaskInput reports a task done.
type FinishTaskInput struct {
	TaskID string `json:"task_id" minLength:"1" maxLength:"64"`
	Result string `json:"result" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What was done"`
	Attached
}

// CancelTaskInput drops a task.
type CancelTaskInput struct {
	TaskID string `json:"task_id" minLength:"1" maxLength:"64"`
	Reason string `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why it is not needed any more"`
	Attached
}

// RequestExtensionInput asks for a later deadline.
type RequestExtensionInput struct {
	DueAt  time.Time `json:"due_at" doc:"The deadline asked for"`
	Reason string    `json:"reason" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why"`
	Attached
}

// RequestSuspensionInput asks to wait for an outside condition.
type RequestSuspensionInput struct {
	Condition  string        `json:"condition" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What it waits for"`
	ReviewDate worktime.Date `json:"review_date" format:"date" doc:"When it is looked at again, YYYY-MM-DD"`
	Attached
}

// DecideInput approves or declines what was asked.
type DecideInput struct {
	Approve bool   `json:"approve" doc:"Whether it is granted"`
	Text    string `json:"text,omitempty" maxLength:"2000" doc:"Why"`
	Attached
}

// ReviewInput keeps a ticket suspended till another date.
type ReviewInput struct {
	ReviewDate worktime.Date `json:"review_date" format:"date" doc:"When it is looked at next, YYYY-MM-DD"`
	Text       string        `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"Why it still waits"`
	Attached
}

// ResolveInput submits the result.
type ResolveInput struct {
	Outcome Outcome `json:"outcome" enum:"solved,explained" doc:"explained: it could not be done, and the enterprise is told why"`
	Result  string  `json:"result" minLength:"1" maxLength:"20000" pattern:"\\S" doc:"What was done, for the enterprise to read"`
	Attached
}

// ConfirmInput is the enterprise's word that it agrees with the result.
type ConfirmInput struct {
	Satisfaction int    `json:"satisfaction" minimum:"1" maximum:"5" doc:"1 (bad) to 5 (very good)"`
	Text         string `json:"text,omitempty" maxLength:"2000" doc:"In words"`
	Attached
}

// DisputeInput is the enterprise's word that it does not.
type DisputeInput struct {
	Missing string `json:"missing" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What is still missing"`
	Attached
}

// CallbackInput records the desk's call to the enterprise.
type CallbackInput struct {
	Reached      bool   `json:"reached" doc:"Whether anybody answered"`
	Solved       *bool  `json:"solved,omitempty" doc:"Needed when reached: whether the enterprise agrees with the result"`
	Satisfaction int    `json:"satisfaction,omitempty" minimum:"1" maximum:"5" doc:"1 (bad) to 5 (very good), if given"`
	Said         string `json:"said" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"What was said, or how it was tried"`
	Attached
}

// AnswerInput answers a leader's order.
type AnswerInput struct {
	OrderID string `json:"order_id" minLength:"1" maxLength:"64"`
	Text    string `json:"text" minLength:"1" maxLength:"2000" pattern:"\\S" doc:"The answer"`
	Attached
}

func (None) event()                   {}
func (SubmitInput) event()            {}
func (RequestInfoInput) event()       {}
func (SupplyInfoInput) event()        {}
func (CorrectInput) event()           {}
func (RejectInput) event()            {}
func (ReasonInput) event()            {}
func (MergeInput) event()             {}
func (DispatchInput) event()          {}
func (ReturnInput) event()            {}
func (AssignInput) event()            {}
func (WhistleInput) event()           {}
func (ReportInInput) event()          {}
func (InviteInput) event()            {}
func (TextInput) event()              {}
func (UrgeInput) event()              {}
func (ConcludeInput) event()          {}
func (ProgressInput) event()          {}
func (FinishTaskInput) event()        {}
func (CancelTaskInput) event()        {}
func (RequestExtensionInput) event()  {}
func (RequestSuspensionInput) event() {}
func (DecideInput) event()            {}
func (ReviewInput) event()            {}
func (ResolveInput) event()           {}
func (ConfirmInput) event()           {}
func (DisputeInput) event()           {}
func (CallbackInput) event()          {}
func (AnswerInput) event()            {}
