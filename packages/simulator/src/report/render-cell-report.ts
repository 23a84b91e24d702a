/**
 * The report of a scenario: its figures, runs side by side, then timelines with the actions as dashed lines.
 */
import type { CellRun } from '../cell/cell-run.ts';
import type { ScenarioFamily } from '../cell/scenarios/scenario-family.ts';
import { shownMarks } from './cell-marks.ts';
import { cellPlots } from './cell-plots.ts';
import { type CellTable, cellTables } from './cell-tables.ts';
import { clockText } from './cell-times.ts';
import { count, escapeText, plural } from './markup.ts';
import { page, type ReportMeta } from './page.ts';

/**
 * Renders runs of one scenario as a self-contained HTML page.
 * @param family - what the runs belong to
 * @param runs - to be compared, at least one
 * @public
 */
export function renderCellReport(
  family: Pick<ScenarioFamily, 'name' | 'title' | 'description'>,
  runs: readonly CellRun[],
  meta: ReportMeta,
): string {
  const body = [
    header(family, runs),
    figures(runs),
    markList(runs),
    `<h2>Timelines</h2><div class="plots">${cellPlots(runs, 'cell').join('')}</div>`,
    `<h2>Traces</h2><div class="card scroll">${traceTable(runs)}</div>`,
  ];
  return page(`Stowage simulation: ${family.name}`, body, meta);
}

function header(
  { title, description }: Pick<ScenarioFamily, 'title' | 'description'>,
  runs: readonly CellRun[],
): string {
  const durationMs = Math.max(...runs.map(({ scenario }) => scenario.durationMs));
  const extent = `${plural(runs.length, 'run', 'runs')} of ${clockText(durationMs)} hours of virtual time, beginning on a Monday at 00:00 UTC.`;
  return `<header><h1>${escapeText(title)}</h1><p class="lead">${escapeText(description)}</p><p class="note">${extent}</p></header>`;
}

/** Totals are as long as the rest, so they stand beside it. */
function figures(runs: readonly CellRun[]): string {
  const tables = cellTables(runs);
  const columns = [tables.slice(0, -1), tables.slice(-1)].filter((column) => column.length > 0);
  const cards = columns.map(
    (column) => `<div class="card scroll">${column.map((table) => tableOf(table, runs)).join('<hr/>')}</div>`,
  );
  return `<div class="plots">${cards.join('')}</div>`;
}

function tableOf({ title, rows }: CellTable, runs: readonly CellRun[]): string {
  const lines = rows.map(
    ({ name, cells }) =>
      `<tr><th scope="row">${escapeText(name)}</th>${cells.map((cell) => `<td>${escapeText(cell)}</td>`).join('')}</tr>`,
  );
  return `<table><caption>${title}</caption>${head('', runs)}<tbody>${lines.join('')}</tbody></table>`;
}

function head(first: string, runs: readonly CellRun[]): string {
  const names = runs.map(({ scenario }) => `<th scope="col">${escapeText(scenario.name)}</th>`);
  return `<thead><tr><th scope="col">${first}</th>${names.join('')}</tr></thead>`;
}

function markList(runs: readonly CellRun[]): string {
  const { marks, omitted } = shownMarks(runs.flatMap((run) => run.marks));
  if (marks.length + omitted.length === 0) return '';
  const items = marks.map(({ atMs, label }) => `<li>${clockText(atMs)} ${escapeText(label)}</li>`);
  const note =
    omitted.length === 0
      ? ''
      : `<p class="note">Not drawn, there are too many: ${escapeText(omitted.join(', '))}.</p>`;
  return `<div class="card"><h3>Actions</h3><p class="note">Dashed lines in the timelines.</p><ul class="legend">${items.join('')}</ul>${note}</div>`;
}

function traceTable(runs: readonly CellRun[]): string {
  const rows = runs.map(
    ({ scenario, seed, trace }) =>
      `<tr><th scope="row">${escapeText(scenario.name)}</th><td>${seed}</td><td>${count(trace.events)}</td><td><code>${trace.hash}</code></td></tr>`,
  );
  return `<table><caption>Equal hashes are equal runs, event by event</caption><thead><tr><th scope="col">Run</th><th scope="col">Seed</th><th scope="col">Events</th><th scope="col">SHA-256 of the trace</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}
