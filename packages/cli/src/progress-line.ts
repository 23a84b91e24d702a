/**
 * One line of progress on standard error: redrawn in place with a bar when a person looks on, else a line now and then,
 * so that logs stay short.
 */
import type { CliContext } from './context.ts';
import type { Output } from './output.ts';

const BAR_WIDTH = 24;
const REDRAW_MS = 100;
const LINE_MS = 5000;
const ERASE_LINE = '\r\u001b[K';

export class ProgressLine {
  /** Whether a person looks on. */
  readonly live: boolean;
  readonly #output: Output;
  readonly #now: CliContext['now'];
  #lastDraw: number;
  #drawn = false;

  constructor(output: Output, now: CliContext['now']) {
    this.#output = output;
    this.#now = now;
    this.live = output.stream.isTTY === true;
    this.#lastDraw = now();
  }

  /** Whether enough time has passed since the last line. */
  get isDue(): boolean {
    return this.#now() - this.#lastDraw >= (this.live ? REDRAW_MS : LINE_MS);
  }

  /** @param share - of all that is to be done, 0 to 1 */
  draw(share: number, text: readonly string[]): void {
    this.#lastDraw = this.#now();
    const line = [`${String(Math.floor(share * 100)).padStart(3)} %`, ...text].join('  ');
    if (this.live) {
      const filled = Math.round(share * BAR_WIDTH);
      const bar = '█'.repeat(filled) + '░'.repeat(BAR_WIDTH - filled);
      // A line that wraps could not be erased.
      const fitting = `${bar} ${line}`.slice(0, (this.#output.stream.columns ?? 80) - 1);
      this.#output.write(ERASE_LINE + fitting);
      this.#drawn = true;
    } else {
      this.#output.write(`${line.trim()}\n`);
    }
  }

  /** Removes the line, so that something else can be printed. */
  clear(): void {
    if (this.#drawn) this.#output.write(ERASE_LINE);
    this.#drawn = false;
  }
}
