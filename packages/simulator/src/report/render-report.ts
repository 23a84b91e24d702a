/**
 * The report of a replay. Equal runs and meta data give the same bytes.
 */
import type { ReplayRun } from '../replay/replay-run.ts';
import { choosePictures, rankByAllocation } from './choose-pictures.ts';
import { count, escapeText, percent, plural } from './markup.ts';
import { page, type ReportMeta } from './page.ts';
import { SERIES_COLOURS } from './page-style.ts';
import { type PolicySummary, summarizeRuns } from './policy-summary.ts';
import { overviewTable } from './summary-tables.ts';
import { workloadSection } from './workload-section.ts';

/**
 * Renders runs as a self-contained HTML page: per workload a table of the policies, plots of allocation and
 * fragmentation (means over the seeds), the reasons of failures, and pictures of the cluster. Pictures are drawn
 * for all policies of a single workload, else for the best and the worst of each, from the first run that
 * carries `nodes`, as long as at most 12,000 nodes are drawn in all.
 * @public
 */
export function renderReport(runs: readonly ReplayRun[], meta: ReportMeta): string {
  const summaries = summarizeRuns(runs);
  const policies = [...new Set(summaries.map(({ policy }) => policy))];
  const workloads = [...new Set(summaries.map(({ workload }) => workload))];
  const sections = workloads.map((workload) => summaries.filter((summary) => summary.workload === workload));
  const pictured = choosePictures(sections);
  const colourOf = (policy: string): number => policies.indexOf(policy) % SERIES_COLOURS;
  const body = [
    header(sections, policies, runs.length),
    workloads.length > 1
      ? `<h2>All workloads</h2><div class="card scroll">${overviewTable(summaries)}</div>`
      : '',
    ...sections.map((section, index) =>
      workloadSection({ id: `w${index}`, summaries: section, pictured: pictured[index], colourOf }),
    ),
  ];
  return page(`Stowage replay: ${workloads.join(', ') || 'no runs'}`, body, meta);
}

function header(
  sections: readonly (readonly PolicySummary[])[],
  policies: readonly string[],
  runs: number,
): string {
  const extent = [
    plural(runs, 'run', 'runs'),
    plural(sections.length, 'workload', 'workloads'),
    plural(policies.length, 'policy', 'policies'),
  ].join(', ');
  const lead = sections.length === 1 ? `<p class="lead">${escapeText(finding(sections[0]))}</p>` : '';
  return `<header><h1>Stowage replay</h1>${lead}<p class="note">${extent}. Pods arrive one after the other and never leave.</p></header>`;
}

/** The result of one workload in one sentence. */
function finding(section: readonly PolicySummary[]): string {
  const ranked = rankByAllocation(section);
  const best = ranked[0];
  const worst = ranked[ranked.length - 1];
  const most = percent(best.allocation.mean[130]);
  const placed = `places ${count(best.placed)} pods and allocates ${most} % of the GPU capacity once 130 % has arrived`;
  if (ranked.length === 1) return `${best.policy} ${placed}.`;
  const ahead = percent(best.allocation.mean[130] - worst.allocation.mean[130]);
  return `${best.policy} ${placed}: the most of ${ranked.length} policies, ${ahead} points more than ${worst.policy}.`;
}
