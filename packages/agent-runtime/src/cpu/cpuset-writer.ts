/**
 * Keeps the cpusets of live containers as they should be. One pass at a time; each pass asks for the newest wish when
 * its turn comes and writes only what differs. A container that has gone meanwhile is forgotten. A write that fails
 * leaves unknown what the container has: it is read again in the next pass.
 */
import { ascending, sameCpus } from './cpu-list.ts';
import { type CpusetChange, orderedWrites } from './cpuset-changes.ts';
import { type CpusetFiles, type CpusetFolder, isGone } from './cpuset-files.ts';

interface Tracked {
  readonly folder: CpusetFolder;
  /** Undefined when it has to be read. */
  held: readonly number[] | undefined;
}

export interface WriteFailure {
  readonly error: Error;
  /** What the container may still use; undefined when it cannot be read. */
  readonly held: readonly number[] | undefined;
}

export class CpusetWriter {
  readonly #files: CpusetFiles;
  readonly #tracked = new Map<string, Tracked>();
  #turn: Promise<unknown> = Promise.resolve();
  #cpusetWrites = 0;
  #failedWrites = 0;
  #repairedCpusets = 0;

  constructor(files: CpusetFiles) {
    this.#files = files;
  }

  track(id: string, folder: CpusetFolder): void {
    this.#tracked.set(id, { folder, held: undefined });
  }

  forget(id: string): void {
    this.#tracked.delete(id);
  }

  /** @returns what it holds by the kernel's account; undefined when it has gone or is not tracked */
  async read(id: string): Promise<readonly number[] | undefined> {
    const tracked = this.#tracked.get(id);
    if (tracked === undefined) return undefined;
    return (tracked.held = await this.#readOf(id, tracked));
  }

  /**
   * Brings every container to what it should have.
   * @param wanted - asked when the pass begins; ascending
   * @returns what failed, by container; the others are as wanted
   */
  apply(wanted: (id: string) => readonly number[]): Promise<ReadonlyMap<string, WriteFailure>> {
    return this.#inTurn(async () => {
      const failures = new Map<string, WriteFailure>();
      const failed = (id: string, error: unknown, held: readonly number[] | undefined): void => {
        this.#failedWrites++;
        failures.set(id, { error: error instanceof Error ? error : new Error(String(error)), held });
      };
      const changes: CpusetChange[] = [];
      for (const [id, tracked] of [...this.#tracked]) {
        try {
          tracked.held ??= await this.#readOf(id, tracked);
          if (tracked.held !== undefined) changes.push({ id, from: tracked.held, to: wanted(id) });
        } catch (error) {
          failed(id, error, undefined);
        }
      }
      for (const { id, cpus } of orderedWrites(changes)) {
        const tracked = this.#tracked.get(id);
        if (tracked === undefined) continue;
        const { held } = tracked;
        try {
          // Unknown until it is done, as it may also fail after it took effect.
          tracked.held = undefined;
          await this.#files.write(tracked.folder, cpus);
          tracked.held = cpus;
          this.#cpusetWrites++;
        } catch (error) {
          if (isGone(error)) this.#drop(id, tracked);
          else failed(id, error, held);
        }
      }
      return failures;
    });
  }

  /** Reads all cpusets, so that the next pass puts right what somebody else has changed. */
  verify(): Promise<void> {
    return this.#inTurn(async () => {
      for (const [id, tracked] of [...this.#tracked]) {
        const { held } = tracked;
        // Where this fails, the next pass reads again and reports it.
        tracked.held = await this.#readOf(id, tracked).catch(() => undefined);
        if (held !== undefined && tracked.held !== undefined && !sameCpus(held, tracked.held))
          this.#repairedCpusets++;
      }
    });
  }

  totals(): { cpusetWrites: number; failedWrites: number; repairedCpusets: number } {
    return {
      cpusetWrites: this.#cpusetWrites,
      failedWrites: this.#failedWrites,
      repairedCpusets: this.#repairedCpusets,
    };
  }

  /** Resolves when no pass is under way. */
  async settled(): Promise<void> {
    await this.#turn;
  }

  #inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.#turn.then(work);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  async #readOf(id: string, tracked: Tracked): Promise<readonly number[] | undefined> {
    try {
      return ascending(await this.#files.read(tracked.folder));
    } catch (error) {
      if (!isGone(error)) throw error;
      this.#drop(id, tracked);
      return undefined;
    }
  }

  #drop(id: string, tracked: Tracked): void {
    if (this.#tracked.get(id) === tracked) this.#tracked.delete(id);
  }
}
