/**
 * The compiled module of rank forests, and a way to make instances of it. Where there is no WebAssembly, or a content
 * security policy forbids it, there is none, and engines do without ordered indexes.
 */
import { RANK_FOREST } from './rank-binary.ts';
import { type Address, WasmModule } from './wasm-module.ts';

/** What an instance exports; see `packages/core/assembly`. Booleans are 0 and 1, addresses are in bytes. */
export interface RankExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly entryAt: Address;
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
  readonly update: (row: number, group: number) => number;
  readonly remove: (row: number) => void;
  readonly groupOfRow: (row: number) => number;
  readonly isCurrent: (row: number) => number;
  readonly find: (asks: number, known: number) => number;
  readonly findByDomains: (asks: number) => number;
  readonly findTies: (asks: number, byDomains: number) => number;
  readonly findSamples: () => number;
  readonly countLiveGroups: () => number;
  readonly countProblems: () => number;
}

const module = new WasmModule(RANK_FOREST);

/** Whether this place can run the module. */
export function hasRankModule(): boolean {
  return module.isPossible;
}

/**
 * A new instance, with a memory of its own.
 * @param accepts - whether a row that has room can run the task that is looked for
 * @throws RangeError when there is no address space left for one more memory
 */
export function rankInstance(accepts: (row: number) => number): RankExports {
  return module.instance({ search: { accepts } }) as RankExports;
}
