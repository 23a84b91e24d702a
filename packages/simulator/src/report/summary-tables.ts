/**
 * The tables of the report: the policies of one workload side by side, and, with several workloads, one table
 * over all of them. The best value of a column is marked; equal values are all best.
 */
import { count, escapeText, percent } from './markup.ts';
import type { PolicySummary } from './policy-summary.ts';

interface Column {
  readonly heading: string;
  /** What the column is judged by. */
  readonly value: (summary: PolicySummary) => number;
  /** The cell; escaped. */
  readonly cell: (summary: PolicySummary) => string;
  readonly best: 'highest' | 'lowest' | 'none';
}

const COLUMNS: readonly Column[] = [
  column('Allocation at 100\u00a0%', 'allocation', 100, 'highest'),
  column('Allocation at 130\u00a0%', 'allocation', 130, 'highest'),
  column('Fragmentation at 130\u00a0%', 'fragmentation', 130, 'lowest'),
  {
    heading: 'Pods placed',
    value: ({ placed }) => placed,
    cell: ({ placed }) => count(placed),
    best: 'none',
  },
  {
    heading: 'Pods failed',
    value: ({ failed }) => failed,
    cell: ({ failed }) => count(failed),
    best: 'none',
  },
  {
    heading: 'Placements per second',
    value: ({ placementsPerSecond }) => placementsPerSecond,
    cell: ({ placementsPerSecond }) => count(placementsPerSecond),
    best: 'none',
  },
  { heading: 'Runs', value: ({ runs }) => runs.length, cell: ({ runs }) => count(runs.length), best: 'none' },
];

/** The policies of one workload. */
export function summaryTable(
  summaries: readonly PolicySummary[],
  colourOf: (policy: string) => number,
): string {
  const heads = COLUMNS.map(({ heading }) => `<th scope="col">${heading}</th>`).join('');
  const rows = summaries.map((summary) => {
    const swatch = `<span class="swatch series-${colourOf(summary.policy)}"></span>`;
    const cells = COLUMNS.map((entry) => {
      const marked = isBest(entry.value(summary), summaries.map(entry.value), entry.best);
      return `<td${marked ? ' class="best"' : ''}>${entry.cell(summary)}</td>`;
    });
    return `<tr><th scope="row">${swatch}${escapeText(summary.policy)}</th>${cells.join('')}</tr>`;
  });
  return `<table><thead><tr><th scope="col">Policy</th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table>`;
}

/** Allocation at 130 % of every policy on every workload. */
export function overviewTable(summaries: readonly PolicySummary[]): string {
  const policies = [...new Set(summaries.map(({ policy }) => policy))];
  const workloads = [...new Set(summaries.map(({ workload }) => workload))];
  const heads = policies.map((policy) => `<th scope="col">${escapeText(policy)}</th>`).join('');
  const rows = workloads.map((workload, index) => {
    const row = policies.map((policy) =>
      summaries.find((summary) => summary.workload === workload && summary.policy === policy),
    );
    const values = row.map((summary) => summary?.allocation.mean[130] ?? NaN);
    const cells = values.map(
      (value) => `<td${isBest(value, values, 'highest') ? ' class="best"' : ''}>${percent(value)}</td>`,
    );
    return `<tr><th scope="row"><a href="#w${index}">${escapeText(workload)}</a></th>${cells.join('')}</tr>`;
  });
  return (
    '<table><caption>GPU allocation in % when 130 % of the GPU capacity has arrived</caption>' +
    `<thead><tr><th scope="col">Workload</th>${heads}</tr></thead><tbody>${rows.join('')}</tbody></table>`
  );
}

function column(
  heading: string,
  measure: 'allocation' | 'fragmentation',
  arrived: number,
  best: Column['best'],
): Column {
  return {
    heading: `${heading} arrived`,
    value: (summary) => summary[measure].mean[arrived] ?? NaN,
    cell: (summary) => {
      const { mean, deviation } = summary[measure];
      if (!Number.isFinite(mean[arrived])) return percent(mean[arrived]);
      const spread =
        summary.runs.length > 1 ? ` <span class="spread">± ${percent(deviation[arrived])}</span>` : '';
      return `${percent(mean[arrived])} %${spread}`;
    },
    best,
  };
}

function isBest(value: number, values: readonly number[], best: Column['best']): boolean {
  const known = values.filter(Number.isFinite);
  if (best === 'none' || known.length < 2 || !Number.isFinite(value)) return false;
  return percent(value) === percent(best === 'highest' ? Math.max(...known) : Math.min(...known));
}
