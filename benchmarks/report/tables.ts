/**
 * The figures as Markdown, a table for each part, to be put into a page as it is.
 */
import type { AnyFigure, ChurnFigure, ColdFigure } from '../figures.ts';
import type { FiguresFile } from './figures-file.ts';
import { figuresOf } from './figures-file.ts';
import { duration, grouped, threeDigits } from './text.ts';

type Cell = string | number | null;

export function markdownTables({ machine, figures }: FiguresFile): string {
  const { cpu, cores, node } = machine;
  const sections = [
    section('Churn', figuresOf(figures, 'churn'), churnRow),
    section('Single operations', figuresOf(figures, 'latency'), (figure) => ({
      ...cellOf(figure),
      median: duration(figure.nsP50),
      '99 %': duration(figure.nsP99),
      '99.9 %': duration(figure.nsP999),
      slowest: duration(figure.nsMax),
    })),
    section('Cold start', figuresOf(figures, 'cold'), coldRow),
    section('Interfaces', figuresOf(figures, 'object'), (figure) => ({
      agents: grouped(figure.agents),
      by: figure.by,
      'operations per second': grouped(figure.opsPerSecond),
      median: duration(figure.nsP50),
      'over row numbers': duration(figure.nsOverRows),
      times: figure.timesRows,
      'bytes per operation': figure.bytesPerOp === null ? null : grouped(Math.round(figure.bytesPerOp)),
    })),
    section('Single parts', figuresOf(figures, 'micro'), (figure) => ({
      part: figure.case,
      agents: grouped(figure.agents),
      median: duration(figure.nsP50),
      '99 %': duration(figure.nsP99),
    })),
    section('Engine and oracle', figuresOf(figures, 'replay'), (figure) => ({
      ...cellOf(figure),
      arrivals: grouped(figure.arrivals),
      engine: `${figure.engineSeconds} s`,
      oracle: `${figure.oracleSeconds} s`,
      ratio: grouped(figure.ratio),
      'same assignments': figure.sameAssignments ? 'yes' : 'no',
    })),
  ];
  return (
    [`${cpu}, ${cores} cores, Node ${node}.`, ...sections.filter((text) => text !== '')].join('\n\n') + '\n'
  );
}

function cellOf({ case: name, agents }: AnyFigure): Record<string, Cell> {
  return { case: name, agents: grouped(agents) };
}

function churnRow(figure: ChurnFigure): Record<string, Cell> {
  const { target, opsPerSecond } = figure;
  return {
    ...cellOf(figure),
    structure: figure.structure,
    'operations per second': grouped(opsPerSecond),
    'of target': target === null ? null : `${threeDigits((100 * opsPerSecond) / target)} %`,
    median: duration(figure.nsP50),
    '99 %': duration(figure.nsP99),
    'bytes per operation': figure.bytesPerOp,
    'times the scan': figure.ratioToScan,
    'time by C': figure.ratioToC,
    'agents looked at': figure.evaluationsPerOp,
  };
}

function coldRow(figure: ColdFigure): Record<string, Cell> {
  const ns = (value: number | null): Cell => (value === null ? null : duration(value));
  return {
    ...cellOf(figure),
    tasks: grouped(figure.tasks),
    'taken over in': `${threeDigits(figure.msTakeOver)} ms`,
    'slowest of 100': `${threeDigits(figure.msSlowestOp)} ms`,
    'the same, warm': `${threeDigits(figure.msSlowestOpWarm)} ms`,
    'to 100': ns(figure.nsOpsTo100),
    'to 1,000': ns(figure.nsOpsTo1k),
    'to 10,000': ns(figure.nsOpsTo10k),
    'to 50,000': ns(figure.nsOpsTo50k),
    'to 200,000': ns(figure.nsOpsTo200k),
  };
}

/** Empty without figures. */
function section<F>(
  title: string,
  figures: readonly F[],
  rowOf: (figure: F) => Record<string, Cell>,
): string {
  if (figures.length === 0) return '';
  const rows = figures.map(rowOf);
  const columns = Object.keys(rows[0]);
  const line = (cells: readonly Cell[]): string => `| ${cells.map((cell) => cell ?? '–').join(' | ')} |`;
  return [
    `## ${title}\n`,
    line(columns),
    line(columns.map(() => '---')),
    ...rows.map((row) => line(columns.map((column) => row[column]))),
  ].join('\n');
}
