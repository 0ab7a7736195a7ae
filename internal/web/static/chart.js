// Plots, drawn by ECharts, which a page with plots loads before this. The same
// data stands in a table beside each; the plot is for the eye.
//
//   <div class="chart" data-chart="lines" aria-label="what it shows"><script type="application/json">{
//     "labels": ["1月", "2月"],                      along the axis
//     "unit": "%", "min": 80, "max": 100,            of the values; all optional
//     "frozen": "已发布",                             the word for a frozen point
//     "series": [{"name": "解决率", "values": [93.5, null], "frozen": [0], "hrefs": ["/tickets?…", ""]}]
//   }</script></div>
//
// data-chart is lines, bars (lying, the first label on top) or columns; "stack":
// true puts the series of bars upon each other. A value may be null: a gap. Frozen
// are the positions of values that were published and don't change any more; they
// show as large diamonds. A press on a point with an href goes there.
//
// Colours are the stylesheet's variables, so that a change of theme, and paper,
// need no drawing anew. Lines differ by their strokes and marks too. ECharts'
// HTML tooltip would need style attributes, which the policy forbids: its words
// are drawn instead.
(() => {
  "use strict";

  const charts = new Map(); // element → chart
  const strokes = ["solid", "dashed", "dotted", [8, 3, 2, 3]];
  const marks = ["circle", "rect", "triangle", "roundRect"];
  const colour = (at) => `var(--w-series-${(at % 6) + 1})`;
  // Lengths of words are measured outside the page's style.
  const fontFamily = getComputedStyle(document.body).fontFamily;
  const text = { color: "var(--w-text-2)", fontFamily, fontSize: 12 };

  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: 2 });
  const said = (value, unit) => (value === null || value === undefined ? "–" : numbers.format(value) + (unit || ""));

  const optionsOf = (kind, data) => {
    const lying = kind === "bars";
    const series = data.series.map((one, at) => {
      const frozen = new Set(one.frozen || []);
      const points = one.values.map((value, i) => ({
        value,
        symbol: frozen.has(i) ? "diamond" : marks[at % marks.length],
        symbolSize: frozen.has(i) ? 12 : 6,
        cursor: one.hrefs && one.hrefs[i] ? "pointer" : "default",
      }));
      const shared = { name: one.name, data: points, color: colour(at), itemStyle: { color: colour(at) }, emphasis: { disabled: true }, cursor: one.hrefs ? "pointer" : "default" };
      if (kind === "lines") return { ...shared, type: "line", connectNulls: false, showAllSymbol: true, lineStyle: { color: colour(at), width: 2, type: strokes[at % strokes.length] } };
      return { ...shared, type: "bar", barMaxWidth: 28, stack: data.stack ? "all" : undefined, label: { show: !data.stack && data.series.length === 1, position: lying ? "right" : "top", ...text, color: "var(--w-text)", formatter: (point) => said(point.value, data.unit) } };
    });
    const names = { type: "category", data: data.labels, inverse: lying, axisLine: { lineStyle: { color: "var(--w-edge)" } }, axisTick: { show: false }, axisLabel: { ...text, hideOverlap: true, width: lying ? 130 : undefined, overflow: "break", lineHeight: 16 } };
    const values = { type: "value", min: data.min, max: data.max, scale: kind === "lines", splitNumber: lying ? 3 : 5, splitLine: { lineStyle: { color: "var(--w-line)" } }, axisLabel: { ...text, hideOverlap: true, formatter: (value) => said(value, data.unit) } };
    return {
      animation: false,
      textStyle: { fontFamily },
      grid: { left: 8, right: lying ? 56 : 16, top: data.series.length > 1 ? 40 : 16, bottom: 8, containLabel: true },
      legend: { show: data.series.length > 1, top: 0, left: 0, itemWidth: 30, textStyle: { ...text, color: "var(--w-text)" }, inactiveColor: "var(--w-edge)" },
      xAxis: lying ? values : names,
      yAxis: lying ? names : values,
      series,
      tooltip: {
        trigger: "axis", renderMode: "richText", confine: true,
        axisPointer: { type: kind === "lines" ? "line" : "shadow", lineStyle: { color: "var(--w-edge)" }, shadowStyle: { color: "var(--w-edge)", opacity: 0.15 } },
        backgroundColor: "var(--w-surface)", borderColor: "var(--w-edge)", borderWidth: 1, shadowBlur: 0, shadowOffsetX: 0, shadowOffsetY: 0,
        textStyle: { ...text, color: "var(--w-text)" },
        formatter: (points) => [points[0].axisValueLabel, ...points.map((point) => {
          const frozen = (data.series[point.seriesIndex].frozen || []).includes(point.dataIndex);
          return `${point.seriesName}  ${said(point.value, data.unit)}${frozen && data.frozen ? `  ◆ ${data.frozen}` : ""}`;
        })].join("\n"),
      },
      aria: { enabled: true, label: { description: data.description } },
    };
  };

  const draw = (element) => {
    if (charts.has(element)) return;
    const holder = element.querySelector("script[type='application/json']");
    if (!holder || typeof echarts === "undefined") return;
    const data = JSON.parse(holder.textContent);
    data.description = element.getAttribute("aria-label") || undefined;
    const place = document.createElement("div");
    place.className = "chart-place";
    element.append(place);
    const chart = echarts.init(place, null, { renderer: "svg" });
    // What the plot shows is said by the element around it.
    chart.setOption(optionsOf(element.dataset.chart, data));
    place.setAttribute("role", "img");
    element.removeAttribute("aria-label");
    chart.on("click", (point) => {
      const hrefs = point.componentType === "series" && data.series[point.seriesIndex].hrefs;
      if (hrefs && hrefs[point.dataIndex]) location.assign(hrefs[point.dataIndex]);
    });
    charts.set(element, chart);
    sizes.observe(element);
  };

  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      const chart = charts.get(target);
      if (chart && target.isConnected) chart.resize();
    }
  });

  const drawAll = (root) => {
    for (const element of root.querySelectorAll("[data-chart]")) draw(element);
    if (root !== document && root.matches("[data-chart]")) draw(root);
    for (const [element, chart] of charts) {
      if (element.isConnected) continue;
      sizes.unobserve(element);
      chart.dispose();
      charts.delete(element);
    }
  };
  drawAll(document);
  document.addEventListener("htmx:load", (event) => drawAll(event.target));
  // Paper is narrower than the screen.
  addEventListener("beforeprint", () => charts.forEach((chart) => chart.resize({ width: 620 })));
  addEventListener("afterprint", () => charts.forEach((chart) => chart.resize({ width: "auto" })));
})();
