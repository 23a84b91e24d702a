/**
 * The compiled module of rank forests, and a way to make instances of it. Where there is no WebAssembly, or a content
 * security policy forbids it, there is none, and engines do without ordered indexes.
 */
import { RANK_FOREST } from './rank-binary.ts';

/** What an instance exports; see `packages/core/assembly`. Booleans are 0 and 1, addresses are in bytes. */
export interface RankExports {
  readonly entriesAt: Global;
  readonly entryWords: Global;
  readonly requestAt: Global;
  readonly countersAt: Global;
  readonly domainScoresAt: Global;
  readonly rowsAt: Global;
  readonly samplesAt: Global;
  readonly typesAt: Global;
  readonly layOut: (
    types: number,
    domains: number,
    scalars: number,
    slots: number,
    rows: number,
    nodes: number,
    prefersGreater: number,
  ) => number;
  readonly clear: () => void;
  readonly enter: (entries: number) => number;
  readonly groupOfRow: (row: number) => number;
  readonly isCurrent: () => number;
  readonly find: (asks: number, known: number) => number;
  readonly findByDomains: (asks: number) => number;
  readonly findTies: (asks: number, byDomains: number) => number;
  readonly findSamples: () => number;
  readonly countLiveGroups: () => number;
  readonly countProblems: () => number;
}

interface Global {
  readonly value: number;
}

interface Memory {
  readonly buffer: ArrayBuffer;
}

/** An instance with the memory that it was laid out in. */
export interface RankInstance {
  readonly exports: RankExports;
  readonly buffer: ArrayBuffer;
}

/** The part of the WebAssembly interface, and of its surroundings, that is used here. */
interface Surroundings {
  readonly WebAssembly?: {
    readonly Module: new (bytes: Uint8Array) => object;
    readonly Instance: new (module: object, imports: object) => { readonly exports: unknown };
    readonly Memory: new (limits: { readonly initial: number }) => Memory;
  };
  readonly atob: (text: string) => string;
}

const { WebAssembly, atob } = globalThis as unknown as Surroundings;

/** Null once it is known that there is none. */
let compiled: object | null | undefined;
/** Tells how much memory others need. */
let measuring: RankExports | undefined;

/** Whether this place can run the module. */
export function hasRankModule(): boolean {
  return moduleOnce() !== null;
}

/**
 * A new instance that is laid out, with a memory of its own. That has its final length when it is made: memory that grows
 * detaches a buffer, and after the first one that is detached V8 checks for it in every access to any typed array.
 * @param accepts - whether a row that has room can run the task that is looked for
 * @throws RangeError when there is not so much memory, or no address space left for one more
 */
export function rankInstance(
  accepts: (row: number) => number,
  layOut: (exports: RankExports) => number,
): RankInstance {
  const { Memory } = WebAssembly!;
  measuring ??= exportsOf(() => 0, new Memory({ initial: 1 }));
  const pages = layOut(measuring);
  if (pages === 0) throw new RangeError('no memory for a ranking of the agents');
  const memory = new Memory({ initial: pages });
  const exports = exportsOf(accepts, memory);
  layOut(exports);
  return { exports, buffer: memory.buffer };
}

function exportsOf(accepts: (row: number) => number, memory: Memory): RankExports {
  const { exports } = new WebAssembly!.Instance(moduleOnce()!, { env: { memory }, search: { accepts } });
  return exports as RankExports;
}

function moduleOnce(): object | null {
  if (compiled === undefined) {
    try {
      compiled = new WebAssembly!.Module(Uint8Array.from(atob(RANK_FOREST), (byte) => byte.charCodeAt(0)));
    } catch {
      compiled = null;
    }
  }
  return compiled;
}
