/**
 * The outside world as the commands see it. Tests pass their own, so that a command runs in the same process
 * without touching the terminal, the working directory or the clock of the test.
 */

/** A stream that text goes to. @public */
export interface CliStream extends NodeJS.WritableStream {
  /** Whether a person is looking: progress bar and colours. */
  readonly isTTY?: boolean;
  readonly columns?: number;
}

/** @public */
export interface CliContext {
  readonly stdout: CliStream;
  readonly stderr: CliStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths start from. */
  readonly workingFolder: string;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** The context of this process. */
export function processContext(): CliContext {
  return {
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    workingFolder: process.cwd(),
    now: Date.now,
  };
}
