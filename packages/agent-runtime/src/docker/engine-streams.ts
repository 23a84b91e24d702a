/**
 * Decoders of the engine's two stream formats: JSON values one after another (pulls, events), and the frames of logs,
 * each with a header of 8 bytes: stream (1 = stdout, 2 = stderr), three zeros, length as big-endian number.
 * A stream that ends inside a value or frame was cut: both throw then, so that no caller takes a part for the whole.
 * Source: Docker Engine API 1.41, `ContainerAttach`, "Stream format".
 */
import { EngineError } from './engine-error.ts';

/** Longest JSON value and log frame that is taken for sane; the engine's own are below 64 KiB. */
const MAX_BYTES = 16 * 1024 * 1024;
const HEADER_BYTES = 8;

/** @throws EngineError without status at garbage and at the end of a cut stream */
export async function* jsonValues(chunks: AsyncIterable<Buffer>): AsyncGenerator<unknown, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    let end: number;
    while ((end = rest.indexOf(0x0a)) >= 0) {
      const line = rest.subarray(0, end).toString().trim();
      rest = rest.subarray(end + 1);
      if (line !== '') yield parse(line);
    }
    if (rest.length > MAX_BYTES) throw new EngineError('The engine sent a JSON value without end.');
  }
  const last = rest.toString().trim();
  if (last !== '') yield parse(last);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch (error) {
    const shown = line.length > 200 ? `${line.slice(0, 200)}…` : line;
    throw new EngineError(`The engine sent what is no JSON: ${shown}`, undefined, error);
  }
}

export interface LogFrame {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
}

/** @throws EngineError without status at garbage and at the end of a cut stream */
export async function* logFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<LogFrame, void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= HEADER_BYTES) {
      const kind = rest[0];
      const length = rest.readUInt32BE(4);
      if ((kind !== 1 && kind !== 2) || rest.readUIntBE(1, 3) !== 0 || length > MAX_BYTES) {
        throw new EngineError('The engine sent a log stream that is not in its own format.');
      }
      const end = HEADER_BYTES + length;
      if (rest.length < end) break;
      yield { stream: kind === 1 ? 'stdout' : 'stderr', bytes: rest.subarray(HEADER_BYTES, end) };
      rest = rest.subarray(end);
    }
  }
  if (rest.length > 0) throw new EngineError('The log stream was cut inside a frame.');
}
