/**
 * The style sheet of the report: a light and a dark palette, and what printing changes.
 *
 * The series colours are the Okabe–Ito set, darkened or lightened until each stands at least 3:1 against its
 * background; neighbours differ in brightness as well, so that they stay apart without colour. Fill colours
 * of GPUs go from blue for used to orange for idle, which no common colour blindness confuses.
 */

/** Number of series colours; further series start again at the first. */
export const SERIES_COLOURS = 8;

const SERIES_LIGHT = ['#0072b2', '#d55e00', '#00845f', '#a3468c', '#a87400', '#2f9bd8', '#767676', '#222222'];
const SERIES_DARK = ['#4fa8e0', '#ff8a3d', '#2ec89a', '#e08cc8', '#e8b93c', '#8fd0f8', '#a0a0a0', '#eeeeee'];
const FILL_LIGHT = ['#c8501a', '#ee8f3f', '#f9c784', '#bcd4ea', '#7fa8d0', '#35659a'];
const FILL_DARK = ['#e8702f', '#f2a057', '#f7d29b', '#a9c4de', '#6c98c4', '#33608f'];

const LIGHT = `
  --page: #f6f7f9; --card: #ffffff; --ink: #1b1f24; --soft: #59636e; --rule: #dfe3e8; --grid: #e9ecef;
  --best: #e6f2ea; --cpu-track: #e1e5ea; --cpu-used: #929dab; ${variables('series', SERIES_LIGHT)} ${variables('fill', FILL_LIGHT)}`;
const DARK = `
  --page: #0f1216; --card: #171b21; --ink: #e7eaee; --soft: #9aa5b1; --rule: #2b313a; --grid: #242a32;
  --best: #17352a; --cpu-track: #262c34; --cpu-used: #66717e; ${variables('series', SERIES_DARK)} ${variables('fill', FILL_DARK)}`;

/** The content of the `<style>` element. */
export const PAGE_STYLE: string = `
:root { color-scheme: light dark; ${LIGHT} }
@media (prefers-color-scheme: dark) { :root { ${DARK} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 1240px; margin: 0 auto; padding: 40px 24px 24px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; }
h2 { margin: 44px 0 14px; font-size: 21px; letter-spacing: -0.01em; }
h3 { margin: 0 0 2px; font-size: 15px; }
.plots .note { margin-bottom: 6px; }
.lead { max-width: 76ch; margin: 8px 0 0; font-size: 17px; }
.note { max-width: 96ch; margin: 0 0 12px; color: var(--soft); font-size: 13px; }
a { color: inherit; }
.card { padding: 18px 20px; background: var(--card); border: 1px solid var(--rule); border-radius: 10px; }
.card + .card { margin-top: 16px; }
.scroll { overflow-x: auto; }
.plots { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px; margin: 16px 0; }
.plots .card { margin: 0; }
@media (max-width: 860px) { .plots { grid-template-columns: minmax(0, 1fr); } }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { padding-bottom: 8px; text-align: left; font-weight: 600; }
th, td { padding: 7px 10px; border-bottom: 1px solid var(--rule); text-align: right; white-space: nowrap; }
tbody tr:last-child > * { border-bottom: 0; }
th:first-child { text-align: left; }
thead th { min-width: 84px; color: var(--soft); white-space: normal; font-size: 13px; font-weight: 600; vertical-align: bottom; }
tbody th { min-width: 180px; font-weight: 600; white-space: normal; text-align: left; }
td.best { background: var(--best); font-weight: 700; }
td.missed { color: var(--series-1); font-weight: 700; }
.spread { color: var(--soft); font-size: 12px; }
.swatch { display: inline-block; width: 12px; height: 12px; margin-right: 8px; border-radius: 3px; vertical-align: -1px; }
.legend { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 0 0 12px; padding: 0; list-style: none; color: var(--soft); font-size: 13px; }
figure { margin: 0; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 14px; align-items: baseline; margin-bottom: 10px; }
figcaption span { color: var(--soft); font-size: 13px; }
svg { display: block; width: 100%; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
.cluster { min-width: 760px; }
.bars { min-width: 640px; }
svg text { fill: var(--ink); }
svg .tick-label, svg .axis-label { fill: var(--soft); }
svg .reason { font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
svg .end-value, svg .block-label { fill: var(--soft); }
svg path { fill: none; }
.grid { stroke: var(--grid); }
.axis, .tick { stroke: var(--soft); }
.ideal { stroke: var(--soft); stroke-dasharray: 2 4; }
.line { stroke-width: 2; stroke-linejoin: round; }
.line.series-3, .line.series-5, .line.series-7 { stroke-dasharray: 8 3; }
.leader { stroke-width: 1.5; }
svg path.band { opacity: 0.18; stroke: none; }
.dot { stroke-width: 2.5; fill: var(--card); }
.swatch.cpu-used { background: var(--cpu-used); }
.gpu { stroke-width: 4; }
.cpu { stroke-width: 2; }
.cpu-track { stroke: var(--cpu-track); }
.cpu-used { stroke: var(--cpu-used); }
svg path.hit { fill: transparent; }
svg path.hit:hover { stroke: var(--ink); }
footer { margin-top: 36px; padding-top: 14px; border-top: 1px solid var(--rule); color: var(--soft); font-size: 13px; }
footer dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 2px 14px; margin: 0; }
footer dd { margin: 0; overflow-wrap: anywhere; }
code { font: 12.5px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
${rules(SERIES_LIGHT, (index) => `.series-${index} { stroke: var(--series-${index}); } .swatch.series-${index} { background: var(--series-${index}); } svg path.band.series-${index}, svg path.bar.series-${index} { fill: var(--series-${index}); stroke: none; }`)}
${rules(FILL_LIGHT, (index) => `.fill-${index} { stroke: var(--fill-${index}); } .swatch.fill-${index} { background: var(--fill-${index}); }`)}
@media print {
  :root { ${LIGHT} --page: #ffffff; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  body { font-size: 12px; }
  main { max-width: none; padding: 0; }
  .card { break-inside: avoid; }
  .scroll { overflow: visible; }
  .cluster, .bars { min-width: 0; }
  .plots { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  table, thead th, .spread { font-size: 10px; }
  th, td { min-width: 0; padding: 4px 5px; }
  thead th { min-width: 0; }
  h2 { break-after: avoid; }
}
`;

function variables(prefix: string, colours: readonly string[]): string {
  return colours.map((colour, index) => `--${prefix}-${index}: ${colour};`).join(' ');
}

function rules(colours: readonly string[], rule: (index: number) => string): string {
  return colours.map((_, index) => rule(index)).join('\n');
}
