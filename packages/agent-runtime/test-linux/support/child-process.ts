/** A server of the tests: started without a shell, its output kept in a file, ended by its own process id. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface Server {
  readonly pid: number;
  /** SIGTERM, after 15 s SIGKILL; resolves when the process is gone. */
  stop(): Promise<void>;
}

/**
 * @param isReady - asked every 50 ms, for at most 30 s; may throw while the server is not ready
 * @throws Error with the end of the log when the server ends early or does not become ready
 */
export async function startServer(
  program: string,
  args: readonly string[],
  logFile: string,
  isReady: () => Promise<unknown>,
): Promise<Server> {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { stdio: ['ignore', log, log] });
  closeSync(log);
  await once(child, 'spawn');
  const deadline = Date.now() + 30_000;
  let reason: unknown;
  while (Date.now() < deadline && hasNotEnded(child)) {
    try {
      await isReady();
      return { pid: child.pid!, stop: () => stop(child) };
    } catch (error) {
      reason = error;
      await delay(50);
    }
  }
  await stop(child);
  const tail = readFileSync(logFile, 'utf8').slice(-2000);
  throw new Error(`${program} did not become ready: ${String(reason)}\n${tail}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (!hasNotEnded(child)) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 15_000);
  await ended;
  clearTimeout(timer);
}

function hasNotEnded(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
