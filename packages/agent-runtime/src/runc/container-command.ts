/**
 * Runs a command in a container by `runc exec`, which takes user, folder, variables, limits, capabilities and filter
 * from the bundle, and namespaces and cgroups from the container. Its file with the number of the command tells a
 * command that has failed from one that never ran, and lies in the container's folder, so that removal finds the
 * program after a crash of the agent.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandEnd } from '../contract/container-backend.ts';
import { OutputTail } from '../contract/output-tail.ts';
import { endGroupInContainer } from '../contract/process-group.ts';
import { untilAborted } from '../host/abort.ts';
import { readIfThere } from './container-exit.ts';

const END_POLL_MS = 10;
/** From an abort until runc has brought the command about. */
const START_PATIENCE_MS = 5_000;
/** From the end of the command until runc has ended; it goes on while a child that left the group holds the output. */
const END_PATIENCE_MS = 500;

export interface RunningContainer {
  readonly id: string;
  /** State of runc. */
  readonly runtimeFolder: string;
  /** Of the container. */
  readonly folder: string;
  readonly firstPid: number;
}

/** @throws Error when the command could not be run; `signal.reason` when it was aborted and has ended */
export async function runInContainer(
  container: RunningContainer,
  args: readonly string[],
  signal: AbortSignal,
): Promise<CommandEnd> {
  signal.throwIfAborted();
  const { id, runtimeFolder, folder, firstPid } = container;
  const pidFile = join(folder, `exec-${randomUUID()}.pid`);
  const runc = spawn('runc', ['--root', runtimeFolder, 'exec', '--pid-file', pidFile, id, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = new OutputTail();
  for (const stream of [runc.stdout, runc.stderr]) stream.on('data', (chunk: Buffer) => output.add(chunk));
  const ended = new Promise<number | null>((resolve, reject) => {
    runc.once('error', (error) => reject(new Error('runc could not be started.', { cause: error })));
    runc.once('close', resolve);
  });
  try {
    const exitCode = await untilAborted(ended, signal);
    const hasRun = (await readIfThere(pidFile)) !== '';
    if (!hasRun) throw new Error(`runc could not run the command: ${output.text}`);
    if (exitCode === null) throw new Error('runc was ended while the command ran.');
    return { exitCode, output: output.text };
  } catch (error) {
    if (signal.aborted) await end(runc, pidFile, firstPid);
    throw error;
  } finally {
    await rm(pidFile, { force: true });
  }
}

/** The command and not runc, which would leave it behind; then runc, should it go on. */
async function end(runc: ChildProcess, pidFile: string, firstPid: number): Promise<void> {
  let deadline = performance.now() + START_PATIENCE_MS;
  let isSent = false;
  const hasEnded = (): boolean => runc.exitCode !== null || runc.signalCode !== null;
  while (runc.pid !== undefined && !hasEnded()) {
    const pid = isSent ? 0 : Number(await readIfThere(pidFile));
    if (pid > 0 && (await endGroupInContainer(pid, firstPid))) {
      isSent = true;
      deadline = performance.now() + END_PATIENCE_MS;
    }
    if (performance.now() > deadline) runc.kill('SIGKILL');
    await sleep(END_POLL_MS);
  }
}
