/**
 * Memory for tournaments of all agents as one group, in an instance of a WebAssembly module that settles them by vectors;
 * see `packages/core/assembly/tournament.ts`. One memory serves many class trees; an engine that has more of them has one
 * twice as large beside. Where there is no WebAssembly, or no address space for one more memory, tournaments stand in arrays of their own, and
 * JavaScript settles them.
 */
import { TOURNAMENT } from './tournament-binary.ts';
import type { TournamentCell, TournamentRegisters } from './tournament.ts';
import type { TournamentLayout } from './tournament-layout.ts';
import { wordsFor } from '../support/bits.ts';
import { wasmMemory, WasmModule } from './wasm-module.ts';

/** What an instance exports. Addresses are in bytes. */
interface TournamentExports {
  readonly layOut: (
    changedAt: number,
    acceptedAt: number,
    scoresAt: number,
    bestsIn: number,
    winnersIn: number,
    feasibleIn: number,
    firstAboveAgents: number,
  ) => void;
  readonly settle: (at: number, changed: number, accepted: number) => void;
}

/** Siblings among the entries begin where a line of the cache does; the first ones that have any are numbered from 1 on. */
const LINE = 64;

const module = new WasmModule(TOURNAMENT);

export class TournamentMemory implements TournamentRegisters {
  readonly changed: Int32Array;
  readonly rows: Int32Array;
  readonly scores: Float64Array;
  /** Makes the cell of a number. */
  readonly #cellOf: (number: number) => MemoryCell;
  readonly #capacity: number;
  /** Cells that were ever taken, and those of them that nobody has. */
  #used = 0;
  readonly #spares: MemoryCell[] = [];

  private constructor({ placeOf, rowAt, rootOf, firstAboveAgents }: TournamentLayout, cells: number) {
    const rowCount = placeOf.length;
    const entries = rootOf[1];
    const changedAt = LINE;
    const acceptedAt = fromLine(changedAt + 4 * rowCount);
    const scoresAt = fromLine(acceptedAt + 4 * rowCount);
    const cellsAt = fromLine(scoresAt + 8 * rowCount);
    const bestsIn = fromLine(8 * rowAt.length) + LINE - 8;
    const winnersIn = fromLine(bestsIn + 8 * entries) + LINE - 4;
    const feasibleIn = fromLine(winnersIn + 4 * entries);
    const cellBytes = fromLine(feasibleIn + 4 * wordsFor(rowAt.length));
    const memory = wasmMemory(cellsAt + cells * cellBytes);
    const { layOut, settle } = module.instance({ env: { memory } }) as TournamentExports;
    layOut(changedAt, acceptedAt, scoresAt, bestsIn, winnersIn, feasibleIn, firstAboveAgents[0]);
    const { buffer } = memory;
    this.changed = new Int32Array(buffer, changedAt, rowCount);
    this.rows = new Int32Array(buffer, acceptedAt, rowCount);
    this.scores = new Float64Array(buffer, scoresAt, rowCount);
    this.#capacity = cells;
    this.#cellOf = (number) => {
      const at = cellsAt + number * cellBytes;
      const scores = new Float64Array(buffer, at, rowAt.length);
      const bests = new Float64Array(buffer, at + bestsIn, entries);
      const winners = new Int32Array(buffer, at + winnersIn, entries);
      const feasible = new Int32Array(buffer, at + feasibleIn, wordsFor(rowAt.length));
      return new MemoryCell(this, { scores, bests, winners, feasible }, settle);
    };
  }

  /** A memory for so many tournaments of a layout of one group; undefined where there is none. */
  static of(layout: TournamentLayout, cells: number): TournamentMemory | undefined {
    if (!module.isPossible) return undefined;
    try {
      return new TournamentMemory(layout, cells);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
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
  readonly memory: TournamentMemory;
  readonly scores: Float64Array;
  readonly bests: Float64Array;
  readonly winners: Int32Array;
  readonly feasible: Int32Array;
  readonly #at: number;
  readonly #settle: TournamentExports['settle'];

  constructor(
    memory: TournamentMemory,
    { scores, bests, winners, feasible }: TournamentCell,
    settle: TournamentExports['settle'],
  ) {
    this.memory = memory;
    this.scores = scores;
    this.bests = bests;
    this.winners = winners;
    this.feasible = feasible;
    this.#at = scores.byteOffset;
    this.#settle = settle;
  }

  settle(changed: number, accepted: number): void {
    this.#settle(this.#at, changed, accepted);
  }
}

function fromLine(at: number): number {
  return Math.ceil(at / LINE) * LINE;
}
