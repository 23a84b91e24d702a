/**
 * A rival in a process of its own, asked for repetitions line by line. The process ends when its input does, so
 * none outlives the runner.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { parseRepetition, type Repetition } from './repetition.ts';

export interface HarnessCommand {
  readonly program: string;
  readonly arguments: readonly string[];
}

const ERROR_CHARACTERS = 2000;

export class HarnessProcess {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  #errors = '';

  constructor(name: string, command: HarnessCommand) {
    this.#name = name;
    this.#child = spawn(command.program, command.arguments, { stdio: 'pipe' });
    this.#lines = createInterface({ input: this.#child.stdout! })[Symbol.asyncIterator]();
    this.#child.stderr!.on('data', (data) => {
      this.#errors = `${this.#errors}${data}`.slice(-ERROR_CHARACTERS);
    });
    // A process that could not be started, or has died, also ends the lines, and `run` says what is wrong.
    this.#child.on('error', ({ message }) => (this.#errors += message));
    this.#child.stdin!.on('error', () => {});
  }

  /** @throws Error when the process has ended or does not answer with a repetition */
  async run(leastMs: number): Promise<Repetition> {
    this.#child.stdin!.write(`run ${leastMs}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) throw new Error(`The process of "${this.#name}" has ended:\n${this.#errors}`);
    return parseRepetition(value);
  }

  /** Asks the process to end and waits until it has. */
  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined)
      return;
    const exited = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin!.end();
    await exited;
  }
}
