package testkit

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed axe/axe.min.js
var axeScript string

// axeRun has axe-core look at the page by the rules of WCAG 2.2 A and AA and its
// own of good practice, from its top: what has scrolled below the bar isn't hidden
// for good. It must not fetch the stylesheets itself.
const axeRun = `(scrollTo({ top: 0, behavior: "instant" }), axe.run(document, {
	resultTypes: ["violations"], preload: false,
	runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})).then((found) => JSON.stringify(found.violations.map((v) => ({
	rule: v.id, help: v.help, nodes: v.nodes.map((n) => ({ at: n.target.flat().join(" "), html: n.html.slice(0, 300), why: n.failureSummary })),
}))))`

// axeViolation is a rule of axe-core that a page breaks, and where.
type axeViolation struct {
	Rule, Help string
	Nodes      []struct{ At, HTML, Why string }
}

// Axe fails the test for everything that axe-core finds wrong with the page for
// people with disabilities.
func (p *Person) Axe() *Person {
	p.tb.Helper()
	p.settle("axe-core")
	violations, err := p.axe()
	if err != nil {
		p.fail("axe-core: %v", err)
	}
	for _, v := range violations {
		var b strings.Builder
		for _, n := range v.Nodes {
			fmt.Fprintf(&b, "\n\t%s\n\t\t%s\n\t\t%s", n.At, n.HTML, strings.ReplaceAll(n.Why, "\n", "\n\t\t"))
		}
		p.tb.Errorf("axe-core at %s: %s: %s%s", p.Path(), v.Rule, v.Help, b.String())
	}
	return p
}

func (p *Person) axe() ([]axeViolation, error) {
	return runWithin(p, func(ctx context.Context) ([]axeViolation, error) {
		if p.screen.NoScript {
			// axe-core is script too; the page's own has had its chance.
			if err := call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{}); err != nil {
				return nil, err
			}
			defer func() {
				_ = call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
			}()
		}
		world, err := isolated(ctx)
		if err != nil {
			return nil, err
		}
		inWorld := func(e *runtime.EvaluateParams) { e.ContextID = world }
		if err := chromedp.Do(ctx, chromedp.Evaluate[chromedp.Void](axeScript, inWorld)); err != nil {
			return nil, err
		}
		found, err := chromedp.Run(ctx, chromedp.Evaluate[string](axeRun, inWorld, chromedp.EvalAwaitPromise))
		if err != nil {
			return nil, err
		}
		var violations []axeViolation
		return violations, json.Unmarshal([]byte(found), &violations)
	})
}
