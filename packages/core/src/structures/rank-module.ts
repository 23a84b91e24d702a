/**
 * The compiled module of rank forests, and a way to make instances of it. Where there is no WebAssembly, or a content
 * security policy forbids it, there is none, and engines do without ordered indexes.
 */
import { RANK_FOREST } from './rank-binary.ts';
import { type Address, PAGE_BYTES, wasmMemory, type WasmMemory, WasmModule } from '../support/wasm-module.ts';

/** What an instance exports; see `packages/core/assembly`. Booleans are 0 and 1, addresses are in bytes. */
export interface RankExports {
  readonly entriesAt: Address;
  readonly entryWords: Address;
  readonly requestAt: Address;
  readonly countersAt: Address;
  readonly domainScoresAt: Address;
  readonly rowsAt: Address;
  readonly samplesAt: Address;
  readonly typesAt: Address;
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

/** An instance with the memory that it was laid out in. */
export interface RankInstance {
  readonly exports: RankExports;
  readonly buffer: ArrayBuffer;
}

const module = new WasmModule(RANK_FOREST);
/** Tells how much memory others need. */
let measuring: RankExports | undefined;

/** Whether this place can run the module. */
export function hasRankModule(): boolean {
  return module.isPossible;
}

/**
 * A new instance that is laid out, with a memory of its own of just the size that it needs.
 * @param accepts - whether a row that has room can run the task that is looked for
 * @throws RangeError when there is not so much memory, or no address space left for one more
 */
export function rankInstance(
  accepts: (row: number) => number,
  layOut: (exports: RankExports) => number,
): RankInstance {
  measuring ??= exportsOf(() => 0, wasmMemory(1));
  const pages = layOut(measuring);
  if (pages === 0) throw new RangeError('no memory for a ranking of the agents');
  const memory = wasmMemory(pages * PAGE_BYTES);
  const exports = exportsOf(accepts, memory);
  layOut(exports);
  return { exports, buffer: memory.buffer };
}

function exportsOf(accepts: (row: number) => number, memory: WasmMemory): RankExports {
  return module.instance({ env: { memory }, search: { accepts } }) as RankExports;
}
