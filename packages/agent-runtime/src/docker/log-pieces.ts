/** A log frame of the engine with times: RFC 3339 with nanoseconds, a blank, what was written (at most 16 KiB). */
import { EngineError } from './engine-error.ts';

export interface LogPiece {
  readonly time: string;
  readonly timestampMs: number;
  /** Ends with a line feed unless the line goes on in the next piece. */
  readonly content: Buffer;
}

/** @throws EngineError when there is no time */
export function partsOf(bytes: Buffer): LogPiece {
  const blank = bytes.indexOf(0x20);
  const time = bytes.toString('latin1', 0, Math.max(blank, 0));
  const timestampMs = Date.parse(time);
  if (Number.isNaN(timestampMs)) throw new EngineError('The engine sent a piece of a log without its time.');
  return { time, timestampMs, content: bytes.subarray(blank + 1) };
}
