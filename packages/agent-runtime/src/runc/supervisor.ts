/**
 * Starts the process that watches over one container without the agent: conmon. It makes the container with
 * `runc create`, writes both output streams to the log, and leaves the exit code in a file, whatever becomes of the
 * agent. It has a session and, with service managers in mind, a cgroup of its own.
 * Source: conmon(8); the number of the file in which it reports comes in `_OCI_SYNCPIPE`.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, closeSync, constants, openSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InvalidContainerError } from '../contract/container-backend.ts';
import type { LogPolicy } from '../contract/container-spec.ts';
import { readIfThere } from './container-exit.ts';
import type { BackendFolders, ContainerFolder } from './container-folder.ts';

const ANSWER_POLL_MS = 3;

/** Of `runc create` and of the kernel, about what the specification asks for. */
const USERS_FAULT =
  /^exec: |executable file not found|exec format error|chdir to cwd|error setting rlimit|minimum memory|cpuset\.cpus.*(?:invalid argument|numerical result)/i;

/**
 * @returns the container's first process, which waits for `runc start`
 * @throws InvalidContainerError when runc refuses for a reason that lies in the specification
 */
export async function startSupervised(
  id: string,
  folders: BackendFolders,
  place: ContainerFolder,
  logs: LogPolicy,
  signal: AbortSignal,
): Promise<number> {
  signal.throwIfAborted();
  const answer = openSync(place.supervisorAnswer, 'w', 0o600);
  const errors = openSync(place.supervisorErrors, 'w', 0o600);
  let child;
  try {
    // A file and no pipe: conmon gives up its container when it cannot answer, because the agent was killed.
    child = spawn('conmon', supervisorArguments(id, folders, place, logs), {
      detached: true,
      // There it leaves a file `oom`, beside the one in the folder that it is told.
      cwd: place.folder,
      stdio: ['ignore', 'ignore', errors, answer],
      env: { PATH: process.env.PATH, _OCI_SYNCPIPE: '3' },
    });
  } finally {
    closeSync(answer);
    closeSync(errors);
  }
  const { data, message = '' } = await answerOf(child, place, signal);
  if (data > 0) return data;
  const what = message.trim().replace(/^runc create failed: unable to start container process: /, '');
  if (USERS_FAULT.test(what)) throw new InvalidContainerError(what);
  throw new Error(`runc could not make the container: ${what || (await readIfThere(place.runtimeErrors))}`);
}

interface Answer {
  /** The number of the first process, or at most 0. */
  readonly data: number;
  readonly message?: string;
}

/** conmon goes on in a child of its own, and its first process ends when that one's number is on disk. */
async function answerOf(child: ChildProcess, place: ContainerFolder, signal: AbortSignal): Promise<Answer> {
  const [exitCode] = (await once(child, 'exit', { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Error('conmon could not be started.', { cause: error });
  })) as [number | null];
  for (;;) {
    // Asked before the file is looked for: it is written before conmon ends.
    const isAtWork = exitCode === 0 && (await isSupervised(place));
    const text = await readIfThere(place.supervisorAnswer);
    if (text.endsWith('}')) return JSON.parse(text) as Answer;
    if (!isAtWork)
      throw new Error(`conmon ended without an answer. ${await readIfThere(place.supervisorErrors)}`);
    await sleep(ANSWER_POLL_MS, undefined, { signal }).catch(() => signal.throwIfAborted());
  }
}

function supervisorArguments(
  id: string,
  { runtime, exits }: BackendFolders,
  place: ContainerFolder,
  { maxFileBytes, maxFiles }: LogPolicy,
): readonly string[] {
  const runtimeArguments = [`--root=${runtime}`, `--log=${place.runtimeErrors}`];
  return [
    ...['--api-version', '1', '--cid', id, '--cuuid', id, '--name', id, '--runtime', findProgram('runc')],
    ...['--bundle', place.bundle, '--container-pidfile', place.pidFile],
    ...['--conmon-pidfile', place.supervisorPidFile, '--log-path', `k8s-file:${place.logs}/0.log`],
    ...['--exit-dir', exits, '--persist-dir', place.persistent, '--socket-dir-path', place.bundle],
    ...['--full-attach', '--no-sync-log'],
    // While no agent rotates, conmon begins anew after so many bytes and drops what was there: the disk is worth more.
    // It also counts what an agent has rotated since, so the agent keeps what is dropped: `log-rotation.ts`.
    ...['--log-size-max', String(2 * maxFileBytes * maxFiles)],
    ...runtimeArguments.flatMap((argument) => ['--runtime-arg', argument]),
  ];
}

/** conmon wants a path, and works in another folder than the agent. */
function findProgram(name: string): string {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const path = resolve(folder, name);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Not in this folder.
    }
  }
  throw new Error(`${name} is not in PATH; install it.`);
}

/** Ends it, if it lives. */
export async function endSupervisor(place: ContainerFolder): Promise<void> {
  if (!(await isSupervised(place))) return;
  try {
    process.kill(Number(await readIfThere(place.supervisorPidFile)), 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether the supervisor of this container lives. A number that another process has by now does not count. */
export async function isSupervised(place: ContainerFolder): Promise<boolean> {
  const pid = Number(await readIfThere(place.supervisorPidFile));
  if (!(pid > 0)) return false;
  return (await readIfThere(`/proc/${pid}/cmdline`)).split('\0').includes(place.bundle);
}

/**
 * Asks the supervisor to open its log file anew, after the old one was renamed.
 * @returns false when there is no supervisor that could
 */
export function reopenLog(place: ContainerFolder): boolean {
  let control;
  try {
    // Without waiting: a FIFO that nobody reads any more would hold the agent for ever.
    control = openSync(place.control, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENXIO' || code === 'ENOENT') return false;
    throw error;
  }
  try {
    writeSync(control, '2 0 0\n');
  } finally {
    closeSync(control);
  }
  return true;
}
