/**
 * What a quality suite found, as text: its checks, then a table for each metric.
 */
import { checkText, figure, holds, measureTables, type SuiteRun } from '@stowage/simulator';
import type { TextStyle } from './text-style.ts';
import { type Alignment, textTable } from './text-table.ts';

const CHECK_HEADER = ['check', 'measured', 'wanted', 'kind', 'verdict'];
const CHECK_ALIGNMENTS: readonly Alignment[] = ['left', 'right', 'right', 'left', 'left'];

/** Ends with a line break. */
export function qualityText({ suite, result }: SuiteRun, style: TextStyle): string {
  return [
    style.bold(`Suite ${suite.name}`),
    style.dim(suite.summary),
    ...result.notes.map((note) => style.dim(note)),
    '',
    ...checkLines(result.checks, style),
    ...measureTables(result.measures).flatMap(({ metric, policies, rows }) => {
      const alignments: Alignment[] = ['left', ...policies.map(() => 'right' as const)];
      const cells = rows.map((row) => [row.case, ...row.cells]);
      const [header, ...lines] = textTable([metric, ...policies], cells, alignments);
      return [style.bold(header), ...lines, ''];
    }),
    '',
  ].join('\n');
}

function checkLines(checks: SuiteRun['result']['checks'], style: TextStyle): string[] {
  if (checks.length === 0) return [];
  const rows = checks.map((check) => [
    check.name,
    figure(check.value, check.decimals),
    checkText(check),
    check.kind,
    holds(check) ? 'holds' : 'missed',
  ]);
  const [header, ...lines] = textTable(CHECK_HEADER, rows, CHECK_ALIGNMENTS);
  const judged = lines.map((line, index) => (holds(checks[index]) ? style.good(line) : style.bad(line)));
  return [style.bold(header), ...judged, ''];
}
