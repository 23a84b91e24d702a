/**
 * Runs a program of the host without a shell. Output is collected; a program that fails, is killed or does not end in
 * time becomes a `CommandError` that shows the call and what it wrote to standard error.
 */
import { spawn } from 'node:child_process';

export interface CommandOptions {
  /** Text for standard input. */
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Default 30,000 ms; then SIGKILL. */
  readonly timeoutMs?: number;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly workingFolder?: string;
}

export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
}

export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly command: string;
  /** Undefined when a signal ended it or it could not be started. */
  readonly exitCode: number | undefined;
  readonly stderr: string;
  readonly #stdout: string;

  constructor(
    command: string,
    how: string,
    exitCode: number | undefined,
    { stdout, stderr }: CommandResult,
    cause?: unknown,
  ) {
    const detail = stderr.trim();
    super(
      `${command} ${how}${detail === '' ? '' : `: ${detail}`}`,
      cause === undefined ? undefined : { cause },
    );
    this.command = command;
    this.exitCode = exitCode;
    this.stderr = stderr;
    this.#stdout = stdout;
  }

  /** Not shown with the error: programs answer with secrets there. */
  get stdout(): string {
    return this.#stdout;
  }
}

/** How long after its end output of a program is waited for, should another program hold its pipes. */
const LAST_OUTPUT_MS = 500;

/**
 * @returns when the program has ended with exit code 0
 * @throws CommandError otherwise; `signal.reason` when `signal` aborted
 */
export async function runCommand(
  program: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const { input, signal, timeoutMs = 30_000, env, workingFolder } = options;
  signal?.throwIfAborted();
  const command = [program, ...args].join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(env !== undefined && { env: { ...process.env, ...env } }),
      ...(workingFolder !== undefined && { cwd: workingFolder }),
    });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    const texts = (): CommandResult => ({
      stdout: Buffer.concat(stdout).toString(),
      stderr: Buffer.concat(stderr).toString(),
    });
    let timedOut = false;
    const stop = (): void => void child.kill('SIGKILL');
    const timer = setTimeout(() => {
      timedOut = true;
      stop();
    }, timeoutMs);
    let lastOutput: NodeJS.Timeout | undefined;
    signal?.addEventListener('abort', stop, { once: true });
    const settle = (): void => {
      clearTimeout(timer);
      clearTimeout(lastOutput);
      signal?.removeEventListener('abort', stop);
    };
    // Programs that it left behind may hold the pipes; nobody waits for those. What it wrote itself may still be in a
    // pipe when this process was busy: the turn of the event loop before `setImmediate` reads that, for it is less
    // than what is read in one turn.
    child.once('exit', () => {
      lastOutput = setTimeout(() => {
        setImmediate(() => {
          child.stdout.destroy();
          child.stderr.destroy();
        });
      }, LAST_OUTPUT_MS);
    });

    child.stdout.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
    // A program that ends without reading its input closes the pipe; its exit code says whether that matters.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
    child.once('error', (error) => {
      settle();
      reject(
        new CommandError(
          command,
          'could not be started',
          undefined,
          { stdout: '', stderr: error.message },
          error,
        ),
      );
    });
    child.once('close', (exitCode, killedBy) => {
      settle();
      const result = texts();
      if (signal?.aborted) reject(signal.reason as Error);
      else if (exitCode === 0) resolve(result);
      else {
        const how = timedOut
          ? `did not end within ${timeoutMs} ms`
          : exitCode === null
            ? `was ended by ${killedBy}`
            : `failed with exit code ${exitCode}`;
        reject(new CommandError(command, how, exitCode ?? undefined, result));
      }
    });
  });
}
