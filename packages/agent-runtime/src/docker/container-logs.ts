/**
 * Reads what a container has written: from the engine while there is the container, else from the saved copy. A reader
 * that follows outlives restarts of the engine and the removal of the container.
 */
import { StringDecoder } from 'node:string_decoder';
import type { LogChunk, LogQuery } from '@stowage/protocol';
import { isAlive } from './container-exits.ts';
import type { EngineCalls } from './engine-calls.ts';
import { hasStatus, isConnectionFailure } from './engine-error.ts';
import { TailWindow } from '../logs/tail-window.ts';
import { partsOf } from './log-pieces.ts';
import { LogPosition } from './log-position.ts';
import type { SavedLogs } from './saved-logs.ts';
import type { Sleep } from './sleep.ts';

const RETRY_DELAY_MS = 500;

export interface ContainerLogsOptions {
  readonly engine: EngineCalls;
  readonly saved: SavedLogs;
  readonly sleep: Sleep;
}

export async function* readContainerLogs(
  id: string,
  name: string,
  query: LogQuery,
  options: ContainerLogsOptions,
): AsyncGenerator<LogChunk, void> {
  const { engine, saved, sleep } = options;
  const { follow = false, stream, tailLines, signal } = query;
  const position = new LogPosition();
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  // The engine's own tail counts pieces instead of lines, and those of both streams.
  let tail = tailLines === undefined ? undefined : new TailWindow(tailLines);
  let follows = follow && tail === undefined;
  for (;;) {
    const { sinceMs } = position;
    position.rewind();
    try {
      if ((await engine.inspect(name, signal)) === undefined) break;
      const wanted = { follow: follows, ...(stream !== undefined && { stream }) };
      const resumed = sinceMs === undefined ? wanted : { ...wanted, sinceMs };
      for await (const frame of engine.logs(name, resumed, signal)) {
        const { timestampMs, content } = partsOf(frame.bytes);
        if (!position.take(frame.stream, timestampMs)) continue;
        const text = decoders[frame.stream].write(content);
        const chunk = { stream: frame.stream, timestampMs, text };
        if (tail === undefined) yield chunk;
        else tail.add(chunk, text.endsWith('\n'));
      }
      const after = await engine.inspect(name, signal);
      // A container that went away meanwhile may have ended the stream too early.
      if (after === undefined) break;
      if (tail !== undefined) {
        yield* tail.chunks();
        tail = undefined;
        if (!follow) return;
        follows = true;
      } else if (!follows) return;
      else if (isAlive(after)) await sleep(RETRY_DELAY_MS, signal);
      // The engine sometimes ends a followed log before its last piece: it is read once more.
      else follows = false;
    } catch (error) {
      signal?.throwIfAborted();
      const isGone = hasStatus(error, 404, 409);
      if (!isGone && !(follow && isConnectionFailure(error))) throw error;
      await sleep(RETRY_DELAY_MS, signal);
    }
  }
  position.rewind();
  const copy = saved.read(id, {
    ...(stream !== undefined && { stream }),
    ...(signal !== undefined && { signal }),
  });
  for await (const chunk of copy) {
    if (!position.take(chunk.stream, chunk.timestampMs)) continue;
    if (tail === undefined) yield chunk;
    else tail.add(chunk, chunk.text.endsWith('\n'));
  }
  if (tail !== undefined) yield* tail.chunks();
}
