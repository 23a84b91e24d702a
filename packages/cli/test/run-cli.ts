/**
 * Runs the command line inside the test: text streams, environment, folder and clock are the test's own.
 */
import { Writable } from 'node:stream';
import type { CliContext } from 'stowage';
import { main } from 'stowage';

export class TextStream extends Writable {
  readonly isTTY: boolean;
  readonly columns: number;
  text = '';

  constructor(isTTY = false, columns = 100) {
    super();
    this.isTTY = isTTY;
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Accepts some text, then fails as the pipe of a reader that has left, or as a full disk. */
export class FailingStream extends TextStream {
  readonly #code: string;
  readonly #accepted: number;

  constructor(code: string, accepted = 0) {
    super();
    this.#code = code;
    this.#accepted = accepted;
  }

  override _write(chunk: Buffer, encoding: string, done: (error?: Error | null) => void): void {
    if (this.text.length < this.#accepted) super._write(chunk, encoding, done);
    else done(Object.assign(new Error(`write ${this.#code}`), { code: this.#code }));
  }
}

export interface CliResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function runCli(
  argv: readonly string[],
  overrides: Partial<Omit<CliContext, 'stdout' | 'stderr'>> & {
    stdout?: TextStream;
    stderr?: TextStream;
  } = {},
): Promise<CliResult> {
  const { stdout = new TextStream(), stderr = new TextStream(), ...rest } = overrides;
  const context = { env: {}, workingFolder: process.cwd(), now: Date.now, ...rest, stdout, stderr };
  const exitCode = await main(argv, context);
  return { exitCode, stdout: stdout.text, stderr: stderr.text };
}
