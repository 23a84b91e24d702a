/**
 * The results of a replay as text: per workload a table of the policies and, below it, why pods were not placed.
 */
import type { PolicySummary } from '@stowage/simulator';
import { count, percent, plural } from './numbers.ts';
import type { TextStyle } from './text-style.ts';
import { type Alignment, textTable } from './text-table.ts';

const HEADER = [
  'policy',
  'allocation @100 %',
  '@130 %',
  'fragmentation @130 %',
  'placed',
  'failed',
  'placements/s',
];
const ALIGNMENTS: readonly Alignment[] = ['left', ...HEADER.slice(1).map(() => 'right' as const)];
const TOP_REASONS = 3;

/** All workloads, each with a heading; ends with a line break. */
export function resultText(summaries: readonly PolicySummary[], style: TextStyle): string {
  const workloads = [...new Set(summaries.map(({ workload }) => workload))];
  return workloads
    .map((workload) =>
      workloadText(
        summaries.filter((summary) => summary.workload === workload),
        style,
      ),
    )
    .join('\n');
}

function workloadText(summaries: readonly PolicySummary[], style: TextStyle): string {
  const seeds = [...new Set(summaries.flatMap(({ runs }) => runs.map(({ seed }) => seed)))];
  const mean = seeds.length > 1 ? `, mean over ${plural(seeds.length, 'seed')}` : '';
  const best = Math.max(...summaries.map(({ allocation }) => allocation.mean[130]));
  const [header, ...rows] = textTable(HEADER, summaries.map(cells), ALIGNMENTS);
  const marked = rows.map((row, index) =>
    summaries.length > 1 && summaries[index].allocation.mean[130] === best ? style.good(row) : row,
  );
  return [
    style.bold(
      `Workload ${summaries[0].workload}, ${seeds.length > 1 ? 'seeds' : 'seed'} ${seeds.join(', ')}${mean}`,
    ),
    style.dim('allocation and fragmentation in % of the GPU capacity, when 100 or 130 % of it has arrived'),
    '',
    style.bold(header),
    ...marked,
    '',
    ...reasonLines(summaries, style),
    '',
  ].join('\n');
}

function cells(summary: PolicySummary): string[] {
  return [
    summary.policy,
    percent(summary.allocation.mean[100]),
    percent(summary.allocation.mean[130]),
    percent(summary.fragmentation.mean[130]),
    count(summary.placed),
    count(summary.failed),
    count(summary.placementsPerSecond),
  ];
}

function reasonLines(summaries: readonly PolicySummary[], style: TextStyle): string[] {
  const width = Math.max(...summaries.map(({ policy }) => policy.length));
  const lines = summaries
    .filter(({ failures }) => failures.length > 0)
    .map(({ policy, failures }) => {
      const top = failures.slice(0, TOP_REASONS).map(({ reason, pods }) => `${reason} ${count(pods)}`);
      const rest =
        failures.length > TOP_REASONS ? [`${plural(failures.length - TOP_REASONS, 'other reason')}`] : [];
      return `${policy.padEnd(width)}  ${[...top, ...rest].join(' · ')}`;
    });
  return lines.length === 0 ? ['Every pod was placed.'] : [style.bold('Why pods were not placed'), ...lines];
}
