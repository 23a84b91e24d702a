/**
 * Bytes that an operation leaves on the heap. Between two readings of the heap nothing may be collected, so operations
 * that allocate are counted over fewer repetitions; and the least of several readings counts, because compilation in
 * the background allocates as well and is not what is asked. What a reading itself allocates is subtracted; the first
 * readings of a process find more than the later ones, whether anything ran between or not, so those of no operation come
 * first.
 */

const READINGS = 6;
/** After the probe, of operations that allocate much: there compilation does not count, and collecting takes its time. */
const FEW_READINGS = 3;
const MUCH_BYTES = 256;
/** Well below the new space that V8 begins with, so that filling it does not start a collection. */
const MOST_BYTES = 256 * 1024;
const MOST_OPERATIONS = 100_000;
/** As many as the interfaces that take many tasks take in one call. */
const PROBE_OPERATIONS = 100;
/** With fewer, whatever else the process does would be taken for what an operation allocates. */
const LEAST_OPERATIONS = 300;

export interface AllocationLimits {
  /** Time of an operation, which bounds how often it is repeated. */
  readonly nsPerOp: number;
  /** Time for one reading, at most. */
  readonly readingMs: number;
  /** Operations in all, where they cannot be repeated at will. */
  readonly operations: number;
}

/** @returns null when it cannot be told: too few operations in the time, or the heap was collected meanwhile */
export function bytesPerOperation(
  run: (operations: number) => void,
  { nsPerOp, readingMs, operations: available }: AllocationLimits,
): number | null {
  const perReading = (available - READINGS * PROBE_OPERATIONS) / READINGS;
  const possible = Math.floor(Math.min(perReading, (readingMs * 1e6) / nsPerOp));
  if (possible < LEAST_OPERATIONS) return null;
  const own = leastBytes(READINGS, () => {}, 0) ?? 0;
  const probe = (leastBytes(READINGS, run, PROBE_OPERATIONS) ?? 0) / PROBE_OPERATIONS;
  const few = Math.max(PROBE_OPERATIONS, Math.floor(MOST_BYTES / Math.max(probe, 1)));
  const operations = Math.min(MOST_OPERATIONS, possible, few);
  const bytes = leastBytes(probe > MUCH_BYTES ? FEW_READINGS : READINGS, run, operations);
  return bytes === undefined ? null : Math.round((Math.max(0, bytes - own) / operations) * 100) / 100;
}

/** Undefined when something was collected during every reading, of which a smaller heap is the sign. */
function leastBytes(
  readings: number,
  run: (operations: number) => void,
  operations: number,
): number | undefined {
  let least: number | undefined;
  for (let i = 0; i < readings; i++) {
    const bytes = bytesOf(run, operations);
    if (bytes >= 0) least = Math.min(bytes, least ?? bytes);
  }
  return least;
}

function bytesOf(run: (operations: number) => void, operations: number): number {
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  run(operations);
  return process.memoryUsage().heapUsed - before;
}
