// A chart draws the table that stands under it: its figures are there once, for everybody. Where nothing is drawn, the table is open.
import { init } from "../vendor/echarts/index.js";

const PRINTED_WIDTH = 640;
const ROW_HEIGHT = 28;
const MOST_BARS = 30;
const short = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" });
const style = getComputedStyle(document.body);
const colour = (name) => style.getPropertyValue(name).trim();
const faint = colour("--line");
const words = { color: colour("--ink-soft"), fontSize: 12 };
const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;

const number = (cell) => (cell.dataset.value === "" ? null : Number(cell.dataset.value));

const rowsOf = (table, kind) => [...table.tBodies[0].rows].slice(0, kind === "bars" ? MOST_BARS : undefined);

function seriesOf(rows, name, column, kind) {
  const cells = rows.map((row) => row.cells[column]);
  const shared = { name, data: cells.map(number), tooltip: { valueFormatter: (_, at) => cells[at].textContent } };
  if (kind === "lines")
    return { ...shared, type: "line", showSymbol: cells.length < 3, lineStyle: { width: 2 }, areaStyle: column > 1 ? undefined : { opacity: 0.07 } };
  return { ...shared, type: "bar", barMaxWidth: 16, itemStyle: { borderRadius: kind === "bars" ? [0, 3, 3, 0] : [3, 3, 0, 0] } };
}

function optionsOf(table, kind) {
  const rows = rowsOf(table, kind);
  const [, ...names] = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  const labels = rows.map((row) => row.cells[0].textContent.trim());
  const category = {
    type: "category", data: labels, inverse: kind === "bars", axisTick: { show: false }, axisLine: { lineStyle: { color: faint } },
    axisLabel: kind === "bars" ? { ...words, interval: 0, width: 120, overflow: "truncate" } : { ...words, hideOverlap: true },
  };
  const value = {
    type: "value", splitNumber: 3, splitLine: { lineStyle: { color: faint } }, axisLabel: { ...words, formatter: (one) => short.format(one) },
  };
  return {
    animation: !isStill,
    color: ["--chart-1", "--chart-2", "--chart-3", "--chart-4"].map(colour),
    textStyle: { fontFamily: style.fontFamily },
    grid: { left: 0, right: 12, top: 14, bottom: 0 },
    xAxis: kind === "bars" ? value : category,
    yAxis: kind === "bars" ? category : value,
    series: names.map((name, at) => seriesOf(rows, name, at + 1, kind)),
    tooltip: { trigger: "axis", renderMode: "richText", confine: true, textStyle: { fontSize: 12 } },
  };
}

function draw(figure) {
  const { chart: kind } = figure.dataset;
  const [drawn, shown, table] = [".drawn", "details", "table"].map((one) => figure.querySelector(one));
  if (!table.tBodies[0].rows.length) return;
  drawn.hidden = false;
  if (kind === "bars") drawn.style.height = `${ROW_HEIGHT * (rowsOf(table, kind).length + 1)}px`;
  const chart = init(drawn, null, { renderer: "canvas" });
  chart.setOption(optionsOf(table, kind));
  shown.open = false;
  new ResizeObserver(() => chart.resize()).observe(drawn);
  addEventListener("beforeprint", () => chart.resize({ width: PRINTED_WIDTH }));
  addEventListener("afterprint", () => chart.resize({ width: "auto" }));
}

document.querySelectorAll("[data-chart]").forEach(draw);
