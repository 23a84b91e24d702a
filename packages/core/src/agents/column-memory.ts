/**
 * Memory for the columns of the agents that class trees read, and for the ring of the change journal. In a WebAssembly memory
 * where there is one, with room behind them for the trees, which so read the columns without having them copied; in an
 * ordinary buffer elsewhere.
 */
import { fromLine, LINE_BYTES } from '../support/cache-lines.ts';
import { memoryIfRoom, type WasmMemory } from '../support/wasm-module.ts';

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
    let end = 0;
    // Trees read what is before the first number of a column as well: zero, since a line is left out.
    const take = (bytes: number): number => {
      const start = fromLine(end) + LINE_BYTES;
      end = start + bytes;
      return start;
    };
    const openAt = take(capacity);
    const typeAt = take(4 * capacity);
    const freeAt = Array.from({ length: scalars }, () => take(4 * capacity));
    const ringAt = take(4 * ringLength);
    this.end = fromLine(end);
    this.memory = treeBytes === 0 ? undefined : memoryIfRoom(this.end + treeBytes);
    const buffer = this.memory?.buffer ?? new ArrayBuffer(this.end);
    this.open = new Uint8Array(buffer, openAt, capacity);
    this.typeOf = new Int32Array(buffer, typeAt, capacity);
    this.free = freeAt.map((start) => new Int32Array(buffer, start, capacity));
    this.ring = new Int32Array(buffer, ringAt, ringLength);
  }
}
