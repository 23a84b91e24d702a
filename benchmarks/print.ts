/**
 * What a run shows: a line of progress on standard error, tables on standard output.
 */
import type { AnyFigure } from './figures.ts';
import { machine } from './machine.ts';

/** One line that is written over on a terminal, a line per measurement elsewhere. */
export class Progress {
  readonly #total: number;
  readonly #startMs = performance.now();
  readonly #isTerminal = process.stderr.isTTY;
  #begun = 0;
  #label = '';

  constructor(total: number) {
    this.#total = total;
  }

  begin(label: string): void {
    this.#begun++;
    this.#label = label;
    if (this.#isTerminal) this.detail('');
    else console.error(this.#line());
  }

  detail(text: string): void {
    if (this.#isTerminal) process.stderr.write(`\r\u001b[K${this.#line()} ${text}`);
  }

  /** Something that stays on the screen. */
  note(text: string): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
    console.error(text);
  }

  end(): void {
    if (this.#isTerminal) process.stderr.write('\r\u001b[K');
  }

  #line(): string {
    const seconds = Math.round((performance.now() - this.#startMs) / 1000);
    return `[${this.#begun}/${this.#total}, ${seconds} s] ${this.#label}`;
  }
}

/** Columns that only --json has: a terminal is not that wide. */
const NOT_SHOWN = new Set([
  'part',
  'resources',
  'shapes',
  'ratioToC',
  'tasks',
  'missShare',
  'comparedOps',
  'hash',
  'nsP10',
]);

/** One table per part. */
export function printTables(figures: readonly AnyFigure[]): void {
  const { cpu, cores, node } = machine();
  console.log(`${cpu}, ${cores} cores, Node ${node}`);
  for (const part of new Set(figures.map((figure) => figure.part))) {
    const rows = figures.filter((figure) => figure.part === part);
    console.log(`\n${part}`);
    console.table(
      rows.map((figure) =>
        Object.fromEntries(Object.entries(figure).filter(([name]) => !NOT_SHOWN.has(name))),
      ),
    );
  }
}
