/**
 * Memory for the columns of the agents that class trees read, and for the ring of the change journal. In a WebAssembly memory
 * where there is one, with room behind them for the trees, which so read the columns without having them copied; in an
 * ordinary buffer elsewhere.
 */
import { wasmMemory, type WasmMemory } from '../support/wasm-module.ts';

/** Columns begin where a line of the cache does, one line apart: what is before the first number of each is zero. */
const LINE = 64;
const SMALLEST_RING = 1024;

export class ColumnMemory {
  /** 1 where new tasks may go, per row. */
  readonly open: Uint8Array;
  readonly typeOf: Int32Array;
  /** Free units, per scalar resource and row. */
  readonly free: Int32Array[];
  /** For changed rows; its length is a power of two. */
  readonly ring: Int32Array;
  /** Undefined where columns stand in an ordinary buffer. */
  readonly memory: WasmMemory | undefined;
  /** Where the room for trees begins, in bytes. */
  readonly end: number;

  /** @param treeBytes - room for trees, 0 for an ordinary buffer */
  constructor(scalars: number, capacity: number, treeBytes: number) {
    let ringLength = SMALLEST_RING;
    while (ringLength < capacity) ringLength *= 2;
    const lengths = [capacity, ...Array.from({ length: scalars + 1 }, () => 4 * capacity), 4 * ringLength];
    const starts: number[] = [];
    let end = 0;
    for (const length of lengths) {
      starts.push(fromLine(end) + LINE);
      end = fromLine(end) + LINE + length;
    }
    this.end = fromLine(end);
    this.memory = treeBytes === 0 ? undefined : memoryOf(this.end + treeBytes);
    const buffer = this.memory?.buffer ?? new ArrayBuffer(this.end);
    this.open = new Uint8Array(buffer, starts[0], capacity);
    this.typeOf = new Int32Array(buffer, starts[1], capacity);
    this.free = starts.slice(2, 2 + scalars).map((start) => new Int32Array(buffer, start, capacity));
    this.ring = new Int32Array(buffer, starts[2 + scalars], ringLength);
  }
}

/** Undefined where there is no address space for one more memory. */
function memoryOf(bytes: number): WasmMemory | undefined {
  try {
    return wasmMemory(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function fromLine(at: number): number {
  return Math.ceil(at / LINE) * LINE;
}
