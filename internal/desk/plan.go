package desk

import "strings"

const noPlan = "*(no plan was written down)*"

// planHead is the first line of a plan's card.
const planHead = "✅ **Plan ready for approval**"

const planFoot = "👍 Approve and start building\n👎 Request changes\n\n*React to respond, or write* `!deny <what to change>`"

// plan is the text of a plan.
func (p *Prompt) plan() string {
	plan, _ := p.Input()["plan"].(string)
	return plan
}

// planBody is a plan as its card shows it, and whether that is all of it.
func planBody(p *Prompt) (body string, whole bool) {
	plan := p.plan()
	if strings.TrimSpace(plan) == "" {
		return noPlan, true
	}
	return Quote(strings.TrimRight(plan, "\n"), inputRunes), within(plan, inputRunes)
}
