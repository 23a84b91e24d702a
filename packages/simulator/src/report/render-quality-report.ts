/**
 * The report of the quality suites: for each its checks against references, plots and tables.
 */
import { escapeText, plural } from './markup.ts';
import { page, type ReportMeta } from './page.ts';
import { qualityPlot } from './quality-plot.ts';
import { figure, type MeasureTable, measureTables } from '../quality/measure-tables.ts';
import { type Check, holds, type QualitySuite, type SuiteResult } from '../quality/suite.ts';

/** A suite with what it found. @public */
export interface SuiteRun {
  readonly suite: Pick<QualitySuite, 'name' | 'summary'>;
  readonly result: SuiteResult;
}

/** Renders suites as a self-contained HTML page. @public */
export function renderQualityReport(runs: readonly SuiteRun[], meta: ReportMeta): string {
  const checks = runs.flatMap(({ result }) => result.checks);
  const held = checks.filter(holds).length;
  const header = `<header><h1>Stowage placement quality</h1><p class="lead">${held} of ${plural(checks.length, 'check', 'checks')} hold.</p></header>`;
  return page('Stowage quality', [header, ...runs.map(section)], meta);
}

/** How a check stands, in a few words. @public */
export function checkText({ relation, reference, tolerance = 0, decimals }: Check): string {
  const margin = tolerance > 0 ? ` ± ${tolerance}` : '';
  return `${relation === 'equal' ? '=' : relation} ${figure(reference, decimals)}${margin}`;
}

function section({ suite, result }: SuiteRun): string {
  const { measures, checks, plots, notes } = result;
  return [
    `<section id="${escapeText(suite.name)}"><h2>${escapeText(suite.name)}</h2>`,
    `<p class="lead">${escapeText(suite.summary)}</p>`,
    ...notes.map((note) => `<p class="note">${escapeText(note)}</p>`),
    checks.length === 0 ? '' : `<div class="card scroll">${checkTable(checks)}</div>`,
    `<div class="plots">${plots.map((plot, index) => qualityPlot(plot, escapeText(`${suite.name}-${index}`))).join('')}</div>`,
    ...measureTables(measures).map((table) => `<div class="card scroll">${measureTable(table)}</div>`),
    '</section>',
  ].join('');
}

function checkTable(checks: readonly Check[]): string {
  const rows = checks.map((check) => {
    const verdict = holds(check) ? '<td class="best">holds</td>' : '<td class="missed">missed</td>';
    return `<tr><th scope="row">${escapeText(check.name)}</th><td>${figure(check.value, check.decimals)}</td><td>${checkText(check)}</td><td>${escapeText(check.kind)}</td>${verdict}</tr>`;
  });
  return `<table><thead><tr><th scope="col">Check</th><th scope="col">Measured</th><th scope="col">Wanted</th><th scope="col">Kind</th><th scope="col">Verdict</th></tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

function measureTable({ metric, policies, rows }: MeasureTable): string {
  const heads = policies.map((policy) => `<th scope="col">${escapeText(policy)}</th>`).join('');
  const lines = rows.map(
    (row) =>
      `<tr><th scope="row">${escapeText(row.case)}</th>${row.cells.map((cell) => `<td>${cell}</td>`).join('')}</tr>`,
  );
  return `<table><caption>${escapeText(metric)}</caption><thead><tr><th scope="col">Case</th>${heads}</tr></thead><tbody>${lines.join('')}</tbody></table>`;
}
