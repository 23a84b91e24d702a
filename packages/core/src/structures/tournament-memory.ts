/**
 * Memory for tournaments of all agents as one group, in an instance of a WebAssembly module that brings class trees up to date by
 * vectors; see `packages/core/assembly/trees.ts`. The first stands behind the columns of the agents, so that changed agents are
 * read and scored there; an engine that has more trees than it has room for has one twice as large beside, for which
 * JavaScript does so. Where there is no WebAssembly, or no address space for one more memory, tournaments stand in
 * arrays of their own, and JavaScript settles them.
 */
import type { AgentTable } from '../agents/agent-table.ts';
import type { TaskClass } from '../tasks/task-class.ts';
import { memoryIfRoom, type WasmMemory, WasmModule } from '../support/wasm-module.ts';
import { wordsFor } from '../support/bits.ts';
import type { LoadScorer } from './load-scorer.ts';
import type { TournamentCell, TournamentRegisters } from './tournament.ts';
import type { TournamentLayout } from './tournament-layout.ts';
import { CLASS_TREES } from './tree-binary.ts';
import {
  CLASS_WORDS,
  firstTrees,
  MOST_COLUMNS,
  MOST_TYPES,
  treePlaces,
  TYPE_NUMBERS,
} from './tree-places.ts';

/** What an instance exports. Addresses are in bytes. */
interface TreeExports {
  readonly layOutRegisters: (
    countAt: number,
    changedAt: number,
    acceptedAt: number,
    scoresAt: number,
  ) => void;
  readonly layOutColumns: (openAt: number, typeAt: number, ringAt: number, ringLength: number) => void;
  readonly layOutTournaments: (
    bestsIn: number,
    winnersIn: number,
    feasibleIn: number,
    classIn: number,
    firstAboveAgents: number,
    rows: number,
  ) => void;
  readonly settle: (at: number, changed: number, accepted: number) => void;
  readonly follow: (at: number, version: number, changes: number) => number;
  readonly list: (at: number, version: number, changes: number) => number;
}

const module = new WasmModule(CLASS_TREES);

/** Room for the first trees behind the columns of so many agents; none where the module cannot run. */
export function firstTreeBytes(capacity: number): number {
  const { cellsAt, cellBytes } = treePlaces(capacity);
  return module.isPossible ? cellsAt + firstTrees(capacity) * cellBytes : 0;
}

export class TournamentMemory implements TournamentRegisters {
  declare readonly changed: Int32Array;
  declare readonly rows: Int32Array;
  declare readonly scores: Float64Array;
  /** Whether the columns of the agents stand there as well. */
  declare readonly hasColumns: boolean;
  /** Rows that can run a task, as of the last `MemoryCell.list`. */
  declare readonly acceptedCount: Int32Array;
  /** Makes the cell of a number. */
  readonly #cellOf: (number: number) => MemoryCell;
  readonly #capacity: number;
  /** Cells that were ever taken, and those of them that nobody has. */
  #used = 0;
  readonly #spares: MemoryCell[] = [];

  /**
   * @param from - where registers begin, and then cells
   * @param agents - whose columns stand in the memory, if they do
   */
  private constructor(
    layout: TournamentLayout,
    memory: WasmMemory,
    from: number,
    cells: number,
    agents: AgentTable | undefined,
  ) {
    const capacity = layout.placeOf.length;
    const places = treePlaces(capacity);
    const { rows, entries, bestsIn, winnersIn, feasibleIn, classIn } = places;
    const { buffer } = memory;
    const exported = module.instance({ env: { memory } }) as TreeExports;
    exported.layOutRegisters(from, from + places.changedAt, from + places.acceptedAt, from + places.scoresAt);
    exported.layOutTournaments(bestsIn, winnersIn, feasibleIn, classIn, layout.firstAboveAgents[0], capacity);
    if (agents !== undefined) {
      const { open, typeOf, ring } = agents.columns;
      exported.layOutColumns(open.byteOffset, typeOf.byteOffset, ring.byteOffset, ring.length);
    }
    this.hasColumns = agents !== undefined;
    this.acceptedCount = new Int32Array(buffer, from, 1);
    this.changed = new Int32Array(buffer, from + places.changedAt, capacity);
    this.rows = new Int32Array(buffer, from + places.acceptedAt, capacity);
    this.scores = new Float64Array(buffer, from + places.scoresAt, capacity);
    this.#capacity = cells;
    this.#cellOf = (number) => {
      const at = from + places.cellsAt + number * places.cellBytes;
      const numbers = {
        scores: new Float64Array(buffer, at, rows),
        bests: new Float64Array(buffer, at + bestsIn, entries),
        winners: new Int32Array(buffer, at + winnersIn, entries),
        feasible: new Int32Array(buffer, at + feasibleIn, wordsFor(rows)),
      };
      const asked = new Int32Array(buffer, at + classIn, CLASS_WORDS);
      const rankings = new Float64Array(buffer, at + places.rankingsIn, MOST_TYPES * TYPE_NUMBERS);
      return new MemoryCell(this, numbers, asked, rankings, exported);
    };
  }

  /**
   * The memory behind the columns of the agents, for at most `firstTrees` tournaments; undefined where they stand in an
   * ordinary buffer.
   */
  static behindColumns(
    layout: TournamentLayout,
    cells: number,
    agents: AgentTable,
  ): TournamentMemory | undefined {
    const { memory, end } = agents.columns;
    return memory && new TournamentMemory(layout, memory, end, cells, agents);
  }

  /** A memory for so many tournaments of a layout of one group; undefined where there is none. */
  static of(layout: TournamentLayout, cells: number): TournamentMemory | undefined {
    if (!module.isPossible) return undefined;
    const { cellsAt, cellBytes } = treePlaces(layout.placeOf.length);
    const memory = memoryIfRoom(cellsAt + cells * cellBytes);
    return memory && new TournamentMemory(layout, memory, 0, cells, undefined);
  }

  /** A cell with any numbers in it; undefined when all are taken. */
  take(): MemoryCell | undefined {
    const spare = this.#spares.pop();
    if (spare !== undefined || this.#used === this.#capacity) return spare;
    return this.#cellOf(this.#used++);
  }

  /** Takes a cell of this memory back, for the next that asks for one. */
  giveBack(cell: MemoryCell): void {
    this.#spares.push(cell);
  }
}

/** A tournament in a memory. */
export class MemoryCell implements TournamentCell {
  declare readonly memory: TournamentMemory;
  declare readonly scores: Float64Array;
  declare readonly bests: Float64Array;
  declare readonly winners: Int32Array;
  declare readonly feasible: Int32Array;
  declare private readonly at: number;
  declare private readonly asked: Int32Array;
  declare private readonly rankings: Float64Array;
  declare private readonly exports: TreeExports;

  constructor(
    memory: TournamentMemory,
    { scores, bests, winners, feasible }: TournamentCell,
    asked: Int32Array,
    rankings: Float64Array,
    exports: TreeExports,
  ) {
    this.memory = memory;
    this.scores = scores;
    this.bests = bests;
    this.winners = winners;
    this.feasible = feasible;
    this.at = scores.byteOffset;
    this.asked = asked;
    this.rankings = rankings;
    this.exports = exports;
  }

  settle(changed: number, accepted: number): void {
    this.exports.settle(this.at, changed, accepted);
  }

  /**
   * Says what the class asks for whose tasks take scalars only.
   * @returns whether `list` can be used then
   */
  prepareList({ demand, demanded }: TaskClass, { free }: AgentTable): boolean {
    return this.#prepare(demanded, demand, free);
  }

  /**
   * The same, and how it ranks agents by load.
   * @returns whether `follow` can be used then
   */
  prepareFollow(load: LoadScorer, { demand }: TaskClass, { free }: AgentTable): boolean {
    const { resources, typeCount } = load;
    if (typeCount > MOST_TYPES || !this.#prepare(resources, demand, free)) return false;
    for (let type = 0; type < typeCount; type++) load.loadsInto(type, this.rankings, type * TYPE_NUMBERS);
    return true;
  }

  /**
   * Leaves in the registers which rows the journal says to have changed, and which of them can run a task.
   * @param changes - from a version on
   * @returns changed rows
   */
  list(version: number, changes: number): number {
    return this.exports.list(this.at, version, changes);
  }

  /** As `list`, and brings the tournament up to date. */
  follow(version: number, changes: number): number {
    return this.exports.follow(this.at, version, changes);
  }

  #prepare(resources: ArrayLike<number>, demand: Int32Array, free: readonly Int32Array[]): boolean {
    if (!this.memory.hasColumns || resources.length > MOST_COLUMNS) return false;
    this.asked[0] = resources.length;
    for (let i = 0; i < resources.length; i++) {
      this.asked[1 + 2 * i] = free[resources[i]].byteOffset;
      this.asked[2 + 2 * i] = demand[resources[i]];
    }
    return true;
  }
}
