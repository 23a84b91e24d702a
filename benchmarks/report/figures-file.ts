/**
 * Reads what `npm run bench -- --json` wrote: the machine, then one figure a line.
 */
import { readFileSync } from 'node:fs';
import type { AnyFigure, Part } from '../figures.ts';
import type { Machine } from '../machine.ts';
import { CASES } from '../workloads/cases.ts';

const CASE_NAMES = Object.keys(CASES);

export interface FiguresFile {
  readonly machine: Machine;
  readonly figures: readonly AnyFigure[];
}

/** @throws Error that says what is wrong with the file */
export function readFigures(path: string): FiguresFile {
  const lines = readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, i) => parseLine(line, `${path}, line ${i + 1}`));
  const machines = lines.filter((line): line is { machine: Machine } => 'machine' in line);
  const figures = lines.filter((line): line is AnyFigure => 'part' in line).sort(byCaseAndSize);
  if (machines.length !== 1 || figures.length === 0)
    throw new Error(`${path} is not the output of one run; write it by npm run bench -- --json.`);
  return { machine: machines[0].machine, figures };
}

export function figuresOf<P extends Part>(
  figures: readonly AnyFigure[],
  part: P,
): Extract<AnyFigure, { part: P }>[] {
  return figures.filter((figure): figure is Extract<AnyFigure, { part: P }> => figure.part === part);
}

/** Cases in the order in which the suite lists them, other figures in the order in which they were measured. */
function byCaseAndSize(a: AnyFigure, b: AnyFigure): number {
  if (a.part !== 'churn' || b.part !== 'churn') return 0;
  return CASE_NAMES.indexOf(a.case) - CASE_NAMES.indexOf(b.case) || a.agents - b.agents;
}

function parseLine(line: string, where: string): object {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Told below, with the place.
  }
  throw new Error(`${where} is not a JSON object.`);
}
