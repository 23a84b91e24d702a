/**
 * Waits for the end of containers. The engine may go away and come back meanwhile; only its own word that a container
 * has ended or is gone counts, and until it speaks again the wait goes on.
 *
 * Lack of memory is told by three witnesses, because each can miss it: the state of the container (lost when the engine
 * restarts), the engine's `oom` events (which may come after the exit; also for processes other than the first), and
 * the kernel's counter in the cgroup (gone with the container, read while the engine is away and after adoption).
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerExit } from '../contract/container-backend.ts';
import type { CgroupPaths } from '../host/cgroup.ts';
import { findCgroupsOfProcess } from '../host/cgroup-layout.ts';
import type { EngineCalls } from './engine-calls.ts';
import { EngineError } from './engine-error.ts';
import type { EngineContainer } from './engine-types.ts';
import type { Sleep } from './sleep.ts';

/** While the engine does not answer; the last goes on. */
const RETRY_DELAYS_MS = [50, 100, 200, 500, 1_000, 2_000, 5_000];
/** A report of lack of memory comes from another thread of the runtime than the exit. */
const LATE_REPORT_MS = 50;

export class ContainerExits {
  readonly #engine: EngineCalls;
  readonly #ownerLabel: string;
  readonly #sleep: Sleep;
  readonly #closing: AbortSignal;
  /** Full ids of containers of which an `oom` event came. */
  readonly #outOfMemory = new Set<string>();
  #isListening = false;

  /**
   * @param ownerLabel - `name=value`, as all containers of interest have it
   * @param closing - ends what runs in the background
   */
  constructor(
    engine: EngineCalls,
    options: {
      readonly ownerLabel: string;
      readonly sleep: Sleep;
      readonly closing: AbortSignal;
    },
  ) {
    this.#engine = engine;
    this.#ownerLabel = options.ownerLabel;
    this.#sleep = options.sleep;
    this.#closing = options.closing;
  }

  /**
   * @returns without exit code when the engine says that there is no such container
   * @throws Error when the container was made but never started; `signal.reason`
   */
  async wait(name: string, signal: AbortSignal): Promise<ContainerExit> {
    this.#listen();
    let cgroups: CgroupPaths | undefined;
    let outOfMemory = false;
    let hasWaited = false;
    let failures = 0;
    for (;;) {
      try {
        const container = await this.#engine.inspect(name, signal);
        if (container === undefined) return { outOfMemory };
        if (!isAlive(container)) {
          if (container.State.Status === 'created') throw new Error(`${name} was never started.`);
          await this.#sleep(LATE_REPORT_MS, signal);
          return this.exitOf(container, outOfMemory);
        }
        // The engine has said that it ended, and takes it back: not asked again in the same moment.
        if (hasWaited) await this.#sleep(LATE_REPORT_MS, signal);
        cgroups ??= await findCgroupsOfProcess(container.State.Pid);
        outOfMemory ||= await hasEndedForMemory(cgroups);
        await this.#engine.wait(name, signal);
        hasWaited = true;
        failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        if (!isWorthRetry(error)) throw error;
        outOfMemory ||= await hasEndedForMemory(cgroups);
        await this.#sleep(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)], signal);
        failures += 1;
      }
    }
  }

  /** Of a container that has ended. */
  exitOf({ Id, State }: EngineContainer, wasOutOfMemory = false): ContainerExit {
    return {
      exitCode: State.ExitCode,
      outOfMemory: wasOutOfMemory || State.OOMKilled || this.#outOfMemory.has(Id),
    };
  }

  forget(containerId: string): void {
    this.#outOfMemory.delete(containerId);
  }

  /** One connection for all containers, from the first wait on. */
  #listen(): void {
    if (this.#isListening) return;
    this.#isListening = true;
    // Its only failures are those of the closing, as all others are retried.
    void this.#collectEvents().catch((error: unknown) => {
      if (!this.#closing.aborted) throw error;
    });
  }

  async #collectEvents(): Promise<void> {
    // The engine remembers its last 256 events; of containers unknown here none matter.
    let sinceMs = 0;
    for (let failures = 0; ; failures += 1) {
      try {
        for await (const event of this.#engine.events('oom', this.#ownerLabel, sinceMs, this.#closing)) {
          failures = 0;
          if (event.Actor?.ID !== undefined) this.#outOfMemory.add(event.Actor.ID);
          if (event.timeNano !== undefined) sinceMs = Math.floor(event.timeNano / 1e6);
        }
      } catch (error) {
        this.#closing.throwIfAborted();
        if (!(error instanceof EngineError)) throw error;
      }
      await this.#sleep(RETRY_DELAYS_MS[Math.min(failures, RETRY_DELAYS_MS.length - 1)], this.#closing);
    }
  }
}

/** Its first process exists. */
export function isAlive({ State }: EngineContainer): boolean {
  return State.Running && State.Pid > 0;
}

/** The engine was away, or failed inside; what it refuses it will go on refusing. */
function isWorthRetry(error: unknown): boolean {
  return (
    error instanceof EngineError &&
    !(error.status !== undefined && error.status >= 400 && error.status < 500 && error.status !== 404)
  );
}

/** The kernel's own count of processes ended, while the cgroup exists. */
async function hasEndedForMemory(cgroups: CgroupPaths | undefined): Promise<boolean> {
  const folder = cgroups?.controllers.memory;
  if (cgroups === undefined || folder === undefined) return false;
  try {
    const file = cgroups.version === 1 ? 'memory.oom_control' : 'memory.events';
    return /^oom_kill [1-9]/m.test(await readFile(join(folder, file), 'utf8'));
  } catch {
    // The cgroup is gone, or is going: the engine will tell.
    return false;
  }
}
