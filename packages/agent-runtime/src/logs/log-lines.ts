/**
 * Takes the bytes of log files apart into chunks, over the borders of reads and files. Characters that the writer has
 * split between two parts of a line are put together again.
 */
import { StringDecoder } from 'node:string_decoder';
import type { LogChunk } from '@stowage/protocol';

export interface LogPiece {
  readonly chunk: LogChunk;
  readonly endsLine: boolean;
}

const NEWLINE = 10;
const SPACE = 32;
/** A longer line is none of a log: writers split at a few KiB. */
const MOST_LINE_BYTES = 1024 * 1024;

export class LogLines {
  #rest: Buffer = Buffer.alloc(0);
  #isSkipping = false;
  readonly #decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  readonly #lastMs = { stdout: 0, stderr: 0 };

  *add(bytes: Buffer): Generator<LogPiece> {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const tail = bytes.subarray(start, end);
      start = end + 1;
      const line = this.#rest.length === 0 ? tail : Buffer.concat([this.#rest, tail]);
      this.#rest = Buffer.alloc(0);
      const piece = this.#isSkipping ? undefined : this.#parse(line);
      this.#isSkipping = false;
      if (piece !== undefined) yield piece;
    }
    this.#rest = Buffer.concat([this.#rest, bytes.subarray(start)]);
    if (this.#rest.length > MOST_LINE_BYTES) {
      this.#rest = Buffer.alloc(0);
      this.#isSkipping = true;
    }
  }

  /** Bytes of characters that never became whole. */
  *rest(): Generator<LogChunk> {
    for (const stream of ['stdout', 'stderr'] as const) {
      const text = this.#decoders[stream].end();
      if (text !== '') yield { stream, timestampMs: this.#lastMs[stream], text };
    }
  }

  #parse(line: Buffer): LogPiece | undefined {
    const first = line.indexOf(SPACE);
    const second = first < 0 ? -1 : line.indexOf(SPACE, first + 1);
    const third = second < 0 ? -1 : line.indexOf(SPACE, second + 1);
    if (third < 0) return undefined;
    const [time, stream, tag] = line.subarray(0, third).toString('latin1').split(' ');
    const timestampMs = Date.parse(time);
    if (Number.isNaN(timestampMs) || (stream !== 'stdout' && stream !== 'stderr')) return undefined;
    if (tag !== 'P' && tag !== 'F') return undefined;
    const endsLine = tag === 'F';
    const decoder = this.#decoders[stream];
    this.#lastMs[stream] = timestampMs;
    let text = decoder.write(line.subarray(third + 1));
    if (endsLine) text += `${decoder.end()}\n`;
    return { chunk: { stream, timestampMs, text }, endsLine };
  }
}
