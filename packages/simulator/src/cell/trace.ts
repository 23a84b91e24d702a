/**
 * Everything that happens, as lines of JSON in order, with a running hash: two runs are equal when their hashes are.
 * Lines are hashed in blocks, since the hash costs more per call than per byte.
 */
import { createHash } from 'node:crypto';

type Value = string | number | boolean | undefined;

/** Characters after which a block is hashed. */
const BLOCK = 1 << 16;

export class Trace {
  readonly #hash = createHash('sha256');
  readonly #sink: ((line: string) => void) | undefined;
  #block = '';
  #events = 0;

  constructor(sink?: (line: string) => void) {
    this.#sink = sink;
  }

  get events(): number {
    return this.#events;
  }

  /**
   * @param atMs - since the beginning of the scenario
   * @param fields - name, value, name, value and so on; undefined values are left out
   */
  note(atMs: number, event: string, ...fields: readonly Value[]): void {
    let line = `{"atMs":${atMs},"event":"${event}"`;
    for (let i = 0; i < fields.length; i += 2) {
      const value = fields[i + 1];
      if (value !== undefined) line += `,"${fields[i]}":${JSON.stringify(value)}`;
    }
    line += '}';
    this.#events++;
    this.#sink?.(line);
    this.#block += `${line}\n`;
    if (this.#block.length >= BLOCK) this.#flush();
  }

  /** The hash so far, in hex; the trace can go on. */
  hash(): string {
    this.#flush();
    return this.#hash.copy().digest('hex');
  }

  #flush(): void {
    this.#hash.update(this.#block);
    this.#block = '';
  }
}
