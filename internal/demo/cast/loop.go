package cast

// The words of the loop: what each side says on the way of a filing. All of
// them speak of the filing's own matter; a filing that Words didn't make, with
// no more than its category, gets words for any matter.

// either speaks in the category's own words two times out of three, where it
// has some for this matter.
func (w *Words) either(f *Filing, own map[string][]string, any []string) string {
	if w.r.IntN(3) > 0 {
		if text := w.one(f, own[f.Category]); text != "" {
			return text
		}
	}
	return w.one(f, any)
}

// step is something done on the filing's own matter.
func (w *Words) step(f *Filing) string {
	if f.topic == nil {
		return w.one(f, anySteps)
	}
	return w.one(f, f.topic.steps)
}

// Question is the desk asking the enterprise for more.
func (w *Words) Question(f *Filing) string {
	return w.either(f, questionsOf, questions)
}

// Answer is the enterprise supplying it.
func (w *Words) Answer(f *Filing) string {
	return w.either(f, answersOf, answers)
}

// Correction is why the desk corrects category, title or urgency.
func (w *Words) Correction(f *Filing) string { return w.one(f, corrections) }

// Reject is what to do instead, for a code of RejectReasons.
func (w *Words) Reject(f *Filing, code string) string {
	list := rejects[code]
	if list == nil {
		list = rejects["out_of_scope"]
	}
	return w.one(f, list)
}

// Withdraw is why the enterprise takes its request back.
func (w *Words) Withdraw(f *Filing) string { return w.one(f, withdrawals) }

// DispatchNote is what the desk tells the lead department.
func (w *Words) DispatchNote(f *Filing) string { return w.one(f, dispatchNotes) }

// Recall is why the desk takes its own dispatch back.
func (w *Words) Recall(f *Filing) string { return w.one(f, recalls) }

// Return is why a department hands the order back, for a code of ReturnReasons.
func (w *Words) Return(f *Filing, code string) string {
	list := returns[code]
	if list == nil {
		list = returns["not_our_duty"]
	}
	return w.one(f, list)
}

// RequestWhistle is why an enterprise or its manager asks for joint handling.
func (w *Words) RequestWhistle(f *Filing) string { return w.one(f, whistleRequests) }

// DeclineWhistle is why the desk doesn't blow it.
func (w *Words) DeclineWhistle(f *Filing) string { return w.one(f, whistleDeclines) }

// Whistle is what the summoned departments are asked.
func (w *Words) Whistle(f *Filing) string { return w.one(f, whistles) }

// ReportIn is a summoned department's word: position is can, cannot or needs.
func (w *Words) ReportIn(f *Filing, position string) string {
	switch position {
	case "cannot":
		return w.one(f, reportCannot)
	case "needs":
		return w.one(f, reportNeeds)
	}
	return w.one(f, reportCan)
}

// Advice is an expert's.
func (w *Words) Advice(f *Filing) string { return w.one(f, advices) }

// Minutes is what a joint handling settled.
func (w *Words) Minutes(f *Filing) string {
	return w.one(f, minutesOpen) + w.either(f, tasksOf, tasks) + w.one(f, minutesClose)
}

// Without is why the joint handling concluded without a department.
func (w *Words) Without(f *Filing) string { return w.one(f, withouts) }

// Task is one department's share of what was settled.
func (w *Words) Task(f *Filing) string { return w.either(f, tasksOf, tasks) }

// TaskResult is how it went.
func (w *Words) TaskResult(f *Filing) string {
	if w.r.IntN(2) == 0 {
		return w.step(f) + w.one(f, taskTails)
	}
	return w.one(f, taskResults)
}

// CancelTask is why a task is not needed any more.
func (w *Words) CancelTask(f *Filing) string { return w.one(f, taskCancels) }

// Progress is an entry on the way.
func (w *Words) Progress(f *Filing) string {
	switch w.r.IntN(3) {
	case 0:
		return w.one(f, progresses)
	case 1:
		return w.step(f) + w.one(f, progressTails)
	}
	return w.one(f, progressHeads) + w.step(f)
}

// Extension is why a department needs longer.
func (w *Words) Extension(f *Filing) string { return w.one(f, extensions) }

// Suspension is the outside condition a suspended ticket waits on.
func (w *Words) Suspension(f *Filing) string { return w.either(f, conditionsOf, conditions) }

// Decision is the word beside an approval or a refusal.
func (w *Words) Decision(f *Filing, approve bool) string {
	if approve {
		return w.one(f, approvals)
	}
	return w.one(f, refusals)
}

// Review is what the review of a suspended ticket found.
func (w *Words) Review(f *Filing) string { return w.one(f, reviews) }

// Resume is why a suspended ticket goes on.
func (w *Words) Resume(f *Filing) string { return w.one(f, resumes) }

// Solved is the result of a matter that was solved.
func (w *Words) Solved(f *Filing) string {
	done := w.one(f, anyDone)
	if f.topic != nil {
		done = w.one(f, f.topic.done)
	}
	return w.one(f, solvedHeads) + done + w.one(f, solvedTails)
}

// Explained is the result of one that couldn't be, and why.
func (w *Words) Explained(f *Filing) string {
	return w.one(f, explainedHeads) + w.either(f, explainedOf, explained) + w.one(f, explainedTails)
}

// Satisfaction is the comment beside a mark of 1 to 5.
func (w *Words) Satisfaction(f *Filing, score int) string {
	switch {
	case score >= 5:
		return w.one(f, delighted)
	case score == 4:
		return w.one(f, content)
	case score == 3:
		return w.one(f, lukewarm)
	}
	return w.one(f, unhappy)
}

// Missing is what is still missing when the enterprise disputes a result.
func (w *Words) Missing(f *Filing) string { return w.one(f, missings) }

// Callback is what was said, or heard, when the desk rang the enterprise.
func (w *Words) Callback(f *Filing, reached, solved bool) string {
	switch {
	case !reached:
		return w.one(f, callbackNobody)
	case solved:
		return w.one(f, callbackSolved)
	}
	return w.one(f, callbackUnsolved)
}

// Reopen is why a closed ticket is opened again.
func (w *Words) Reopen(f *Filing) string { return w.one(f, reopenings) }

// Instruct is a leader's instruction.
func (w *Words) Instruct(f *Filing) string { return w.one(f, instructions) }

// Supervise is a leader's supervision order.
func (w *Words) Supervise(f *Filing) string { return w.one(f, supervisions) }

// TakeCharge is a leader taking a hard matter under their own name.
func (w *Words) TakeCharge(f *Filing) string { return w.one(f, charges) }

// OrderAnswer is a department's answer to a leader.
func (w *Words) OrderAnswer(f *Filing) string {
	return w.one(f, orderHeads) + w.step(f) + w.one(f, orderTails)
}

// Urge is the enterprise urging.
func (w *Words) Urge(f *Filing) string { return w.one(f, urges) }

// Message is the enterprise writing to who has its request.
func (w *Words) Message(f *Filing) string { return w.one(f, messages) }

// Reply is the desk or the lead department writing back.
func (w *Words) Reply(f *Filing) string {
	if w.r.IntN(2) == 0 {
		return w.one(f, progressHeads) + w.step(f)
	}
	return w.one(f, replies)
}
