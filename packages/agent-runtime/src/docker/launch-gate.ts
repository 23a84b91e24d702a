/**
 * The agent's side of the launch gate: a folder per container with two FIFOs and a busybox, mounted read-only at
 * `/.stowage`. `open` writes into the first FIFO and waits until the first process is no gate any more; what comes out
 * of the second says that the command cannot be executed. Whether a container still waits is read from its command
 * line and a mark that is set before the word, so a restarted agent knows as much as the one before.
 *
 * Alternatives considered: a small init of our own in C (needs a compiler or a binary per architecture, and Titus's
 * reads its order from a socket); a runtime wrapper or hook (needs the engine's configuration); starting a frozen cgroup
 * (the engine freezes only what runs); `docker pause` after start (user code has run by then). The user sees of the gate
 * a read-only folder with a busybox and, until the start is through, two FIFOs by which it could deceive only itself.
 */
import { constants } from 'node:fs';
import {
  type FileHandle,
  access,
  chmod,
  copyFile,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { InvalidContainerError } from '../contract/container-backend.ts';
import { runCommand } from '../host/run-command.ts';
import { isGate } from './gate-script.ts';
import type { Sleep } from './sleep.ts';
import { isStaticExecutable } from './static-executable.ts';

const BUSYBOX_PATHS = ['/bin/busybox', '/usr/bin/busybox', '/usr/lib/busybox/busybox-static'];
/** Mark in a gate's folder: the word to go was said, or was about to be. */
const TOLD = 'told';
/** Between looks at a gate; it opens within a few milliseconds. */
const POLL_DELAYS_MS = [1, 2, 5, 10, 20, 50];

export interface LaunchGateOptions {
  /** Kept over restarts of the agent; users inside containers must be able to get into its parents. */
  readonly folder: string;
  readonly sleep: Sleep;
  /** Where a static busybox may be. Default: Debian's places. */
  readonly busyboxPaths?: readonly string[];
  /** Default `/proc`. */
  readonly procRoot?: string;
}

export class LaunchGate {
  readonly #folder: string;
  readonly #sleep: Sleep;
  readonly #busyboxPaths: readonly string[];
  readonly #procRoot: string;
  #busybox: Promise<string> | undefined;

  constructor(options: LaunchGateOptions) {
    this.#folder = options.folder;
    this.#sleep = options.sleep;
    this.#busyboxPaths = options.busyboxPaths ?? BUSYBOX_PATHS;
    this.#procRoot = options.procRoot ?? '/proc';
  }

  /** @throws Error when there is no static busybox on this host */
  async busybox(): Promise<string> {
    this.#busybox ??= this.#copyBusybox().catch((error: unknown) => {
      this.#busybox = undefined;
      throw error;
    });
    return this.#busybox;
  }

  /**
   * Makes the folder of a container anew.
   * @returns the folder, to be mounted at `GATE_TARGET`
   */
  async prepare(id: string): Promise<string> {
    const busybox = await this.busybox();
    const folder = this.#folderOf(id);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o755 });
    await link(busybox, join(folder, 'busybox'));
    const go = join(folder, 'go');
    const report = join(folder, 'report');
    await runCommand('mkfifo', [go, report]);
    // Whatever user the container has, it reads the one and writes the other; umask must not matter.
    await chmod(go, 0o644);
    await chmod(report, 0o622);
    await chmod(folder, 0o755);
    return folder;
  }

  /** Whether the process waits at its gate; `gone` when there is no such process or it has ended. */
  async stateOf(id: string, pid: number): Promise<'waiting' | 'opened' | 'gone'> {
    for (const delayMs of POLL_DELAYS_MS) {
      let commandLine: string;
      try {
        commandLine = await readFile(join(this.#procRoot, String(pid), 'cmdline'), 'utf8');
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        if (code === 'ENOENT' || code === 'ESRCH') return 'gone';
        throw error;
      }
      if (commandLine !== '') {
        // Before the gate, the process is the runtime's own and has yet another command line.
        return isGate(commandLine) || (await this.#isUntold(id)) ? 'waiting' : 'opened';
      }
      // In the middle of an exec, or ended and not waited for yet.
      await this.#sleep(delayMs);
    }
    return 'gone';
  }

  /**
   * Lets the user's code run. Resolves when the command was executed; also when it has ended since.
   * @throws InvalidContainerError when it cannot be executed; `signal.reason`
   */
  async open(id: string, pid: number, command: string, signal: AbortSignal): Promise<void> {
    if ((await this.stateOf(id, pid)) === 'opened') return this.#close(id);
    const folder = this.#folderOf(id);
    const report = await openReport(join(folder, 'report'));
    if (report === undefined) throw new Error(`The launch gate of ${id} is gone; remove the container.`);
    try {
      for (let look = 0, isTold = false; ; look += 1) {
        signal.throwIfAborted();
        isTold ||= await tell(folder);
        // In this order: the report of a process that has ended was written before.
        const state = await this.stateOf(id, pid);
        const answer = await readReport(report);
        if (answer !== undefined) {
          throw new InvalidContainerError(
            answer === '127'
              ? `The command ${command} was not found in the container.`
              : `The command ${command} cannot be executed (exit code ${answer}).`,
          );
        }
        if (state === 'opened') break;
        if (state === 'gone') {
          if (!isTold) throw new Error('The container ended before its command was started.');
          break;
        }
        await this.#sleep(POLL_DELAYS_MS[Math.min(look, POLL_DELAYS_MS.length - 1)], signal);
      }
    } finally {
      await report.close();
    }
    return this.#close(id);
  }

  /** Idempotent. */
  async remove(id: string): Promise<void> {
    await rm(this.#folderOf(id), { recursive: true, force: true });
  }

  /** Containers that have a folder, with the time of its making. */
  async list(): Promise<readonly { readonly id: string; readonly createdMs: number }[]> {
    const gates = join(this.#folder, 'gates');
    const names = await readdir(gates).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    });
    const found = await Promise.all(
      names.map(async (id) => {
        const status = await stat(join(gates, id)).catch((error: NodeJS.ErrnoException) => {
          if (error.code === 'ENOENT') return undefined;
          throw error;
        });
        return status && { id, createdMs: Math.floor(status.ctimeMs) };
      }),
    );
    return found.filter((each) => each !== undefined);
  }

  async #isUntold(id: string): Promise<boolean> {
    const folder = this.#folderOf(id);
    return (await exists(join(folder, 'go'))) && !(await exists(join(folder, TOLD)));
  }

  #folderOf(id: string): string {
    return join(this.#folder, 'gates', id);
  }

  /** What the user could read or write is gone; the mounted folder must stay. */
  async #close(id: string): Promise<void> {
    await rm(join(this.#folderOf(id), 'go'), { force: true });
    await rm(join(this.#folderOf(id), 'report'), { force: true });
  }

  async #copyBusybox(): Promise<string> {
    const target = join(this.#folder, 'busybox');
    for (const path of this.#busyboxPaths) {
      if (!(await isStaticExecutable(path))) continue;
      await mkdir(this.#folder, { recursive: true, mode: 0o755 });
      const temporary = `${target}.new`;
      // Anew for each agent process: the host's may have been upgraded. Running gates keep their own link.
      await copyFile(path, temporary);
      await chmod(temporary, 0o755);
      await rename(temporary, target);
      await access(target, constants.X_OK);
      return target;
    }
    throw new Error(
      `There is no static busybox at ${this.#busyboxPaths.join(' or ')}; install the Debian package busybox-static.`,
    );
  }
}

async function openReport(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** @returns the exit code that the gate reports; undefined when it has not reported any */
async function readReport(report: FileHandle): Promise<string | undefined> {
  try {
    const { bytesRead, buffer } = await report.read(Buffer.alloc(16), 0, 16, null);
    return bytesRead === 0 ? undefined : buffer.toString('latin1', 0, bytesRead).trim();
  } catch (error) {
    // Somebody has it open and has not written yet.
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return undefined;
    throw error;
  }
}

/** @returns false as long as nobody reads at the other end */
async function tell(folder: string): Promise<boolean> {
  try {
    const handle = await open(join(folder, 'go'), constants.O_WRONLY | constants.O_NONBLOCK);
    try {
      // Before the word: without this file, no word has been said.
      await writeFile(join(folder, TOLD), '');
      await handle.write('go\n');
    } finally {
      await handle.close();
    }
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // ENXIO: the gate has not opened it yet; EPIPE: it ended in between.
    if (code === 'ENXIO' || code === 'EPIPE') return false;
    throw error;
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
