package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"github.com/labstack/echo/v4"

	"whistle/internal/testkit"
	"whistle/internal/web"
)

func TestMain(m *testing.M) { testkit.Main(m) }

// specimen serves small pages under the pages' policy, with the assets, to look
// at what stylesheet and scripts do by themselves. More routes are the test's.
func specimen(t *testing.T, pages map[string]string, routes ...func(e *echo.Echo)) string {
	t.Helper()
	assets, err := web.NewAssets()
	if err != nil {
		t.Fatal(err)
	}
	e := echo.New()
	e.Match([]string{http.MethodGet, http.MethodHead}, web.AssetsRoute, assets.Serve)
	for path, content := range pages {
		e.GET(path, func(c echo.Context) error {
			lang := "zh-CN"
			if c.Request().Header.Get("Accept-Language") == "en" {
				lang = "en"
			}
			return c.HTML(http.StatusOK, fmt.Sprintf(specimenPage, lang, c.QueryParam("theme"), assets.Path("theme.js"), assets.Path("favicon.svg"), assets.Path("tabler.min.css"),
				assets.Path("whistle.css"), assets.Path("htmx.min.js"), assets.Path("whistle.js"), assets.Path("echarts.common.min.js"), assets.Path("chart.js"), content))
		}, web.SecurePage)
	}
	for _, add := range routes {
		add(e)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server.URL
}

const specimenPage = `<!doctype html>
<html lang="%s" data-theme="%s"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Specimen</title>
<script src="%s"></script><link rel="icon" href="%s"><link rel="stylesheet" href="%s"><link rel="stylesheet" href="%s">
<meta name="htmx-config" content='{"allowEval":false,"includeIndicatorStyles":false,"selfRequestsOnly":true,"historyCacheSize":0,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"[45]..","swap":true,"error":false}]}'>
<script src="%s" defer></script><script src="%s" defer></script><script src="%s" defer></script><script src="%s" defer></script></head>
<body data-confirm-yes="Yes" data-confirm-no="No" data-files-none="Nothing chosen" data-files-count="{count} chosen" data-photos-remove="Remove" data-keys-title="Keys" data-keys-on="Use keys" data-keys-next="Next" data-keys-previous="Previous" data-keys-open="Open" data-keys-choose="Choose" data-keys-this="This help" data-keys-close="Close" data-copy-done="Copied">
<div id="line-down" class="line-down" role="status" hidden>line down</div><div id="request-failed" class="line-down" role="alert" hidden>request failed</div>
<main id="main" tabindex="-1"><h1>Specimen</h1>%s</main></body></html>`

const plots = `
<figure class="plot"><div class="chart" data-chart="lines" aria-label="解决率 by week"><script type="application/json">{"labels":["第1周","第2周","第3周","第4周"],"unit":"%","min":80,"max":100,"frozen":"已发布",
"series":[{"name":"解决率","values":[93.5,null,94.18,95],"frozen":[0,2],"hrefs":["/there","","/there",""]},{"name":"按时率","values":[88,89,90.5,91]}]}</script></div></figure>
<figure class="plot"><div class="chart" data-chart="bars" aria-label="by department"><script type="application/json">{"labels":["区人力资源和社会保障局","区市场监督管理局"],"series":[{"name":"办结","values":[1735,228],"hrefs":["/there","/there"]}]}</script></div></figure>
<figure class="plot"><div class="chart" data-chart="columns" aria-label="stacked"><script type="application/json">{"stack":true,"labels":["1","2"],"series":[{"name":"a","values":[1,2]},{"name":"b","values":[3,4]}]}</script></div></figure>`

// TestPlots holds that ECharts draws under the policy, with words in a tooltip
// and links that lead on, in both themes.
func TestPlots(t *testing.T) {
	b := testkit.Browser(t, specimen(t, map[string]string{"/": plots, "/there": "arrived"}))
	dark := testkit.Phone
	dark.Dark = true
	for name, screen := range map[string]testkit.Screen{"light": testkit.Desktop, "dark": dark} {
		t.Run(name, func(t *testing.T) {
			p := b.Person(t, screen).Open("/").Until(`document.querySelectorAll(".chart svg").length === 3`)
			p.See("第1周", "区市场监督管理局").NoHorizontalScroll().Axe().Screenshot("specimen-plots-" + name)
			if screen.Touch {
				p.Click(".chart svg").See("按时率 89%").DontSee("arrived")
			}
			if !screen.Touch {
				p.Eval(`(() => {
					const svg = document.querySelector(".chart svg"), box = svg.getBoundingClientRect();
					for (const type of ["mouseover", "mousemove"]) svg.dispatchEvent(new MouseEvent(type, {bubbles: true, clientX: box.left + box.width * 0.16, clientY: box.top + box.height / 2}));
				})()`, nil)
				p.See("解决率 93.5% ◆ 已发布")
			}
			p.Screenshot("specimen-plots-tooltip-" + name)
		})
	}
}

// TestComponents holds every component of the stylesheet to what people need of
// it, in both themes and at each width; the pictures are to be looked at.
func TestComponents(t *testing.T) {
	content, err := os.ReadFile("testdata/specimen.html")
	if err != nil {
		t.Fatal(err)
	}
	b := testkit.Browser(t, specimen(t, map[string]string{"/": string(content)}))
	english := testkit.Phone
	english.Language = "en"
	for name, screen := range map[string]testkit.Screen{"phone": testkit.Phone, "phone-english": english, "tablet": testkit.Tablet, "desktop": testkit.Desktop} {
		for _, dark := range []bool{false, true} {
			screen.Dark = dark
			if dark {
				name += "-dark"
			}
			t.Run(name, func(t *testing.T) {
				b.Person(t, screen).Open("/").See("待接单").NoHorizontalScroll().Axe().Screenshot("specimen-" + name)
			})
		}
	}
}

// TestPaper holds that a page prints on A4 without what only a screen needs.
func TestPaper(t *testing.T) {
	content, err := os.ReadFile("testdata/specimen.html")
	if err != nil {
		t.Fatal(err)
	}
	dark := testkit.Desktop
	dark.Dark = true
	p := testkit.Browser(t, specimen(t, map[string]string{"/": string(content), "/short": "<p>short</p>"})).Person(t, dark)
	if n := p.Open("/short").Print("specimen-short"); n != 1 {
		t.Errorf("a short page takes %d sheets", n)
	}
	if n := p.Open("/").Print("specimen-paper"); n < 2 || n > 4 {
		t.Errorf("the components take %d sheets", n)
	}
	p.Paper().DontSee("批量接单", "下一页").See("宿舍消防验收卡在两个部门之间", "94.18").Screenshot("specimen-paper")
	var background string
	if p.Eval(`getComputedStyle(document.body).backgroundColor`, &background); background != "rgb(255, 255, 255)" {
		t.Errorf("paper is %s", background)
	}
}
