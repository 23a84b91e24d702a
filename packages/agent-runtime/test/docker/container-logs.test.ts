/** Following a log over cut connections and over the removal of the container: each piece once, in order. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readContainerLogs } from '../../src/docker/container-logs.ts';
import { EngineCalls } from '../../src/docker/engine-calls.ts';
import { EngineClient } from '../../src/docker/engine-client.ts';
import { logFrames } from '../../src/docker/engine-streams.ts';
import { SavedLogs } from '../../src/docker/saved-logs.ts';
import { TailWindow } from '../../src/logs/tail-window.ts';
import { logFrame } from './docker-model.ts';
import { FakeEngine, json } from './fake-engine.ts';

const START_MS = Date.parse('2026-01-01T00:00:00Z');

const piece = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  gapMs: fc.nat({ max: 2 }),
  text: fc.constantFrom('line\n', 'part ', 'ä\n', '\n', 'a b c\n'),
});
/** How each connection goes: cut after so many pieces, at a border or inside the next piece. */
const connection = fc.record({ pieces: fc.nat({ max: 8 }), isInside: fc.boolean() });

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

test('no piece is missed, none comes twice', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stw-logs-'));
  const engine = await FakeEngine.start(() => undefined);
  const client = new EngineClient({ socketPath: engine.socketPath });
  const saved = new SavedLogs(folder);
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.array(connection, { maxLength: 4 }),
      fc.option(fc.nat({ max: 5 }), { nil: undefined }),
      fc.boolean(),
      async (steps, connections, tailLines, isRemoved) => {
        let timestampMs = START_MS;
        const pieces = steps.map(({ stream, gapMs, text }) => {
          timestampMs += gapMs;
          const time = new Date(timestampMs).toISOString().replace('Z', '456789Z');
          return { stream, timestampMs, text, frame: logFrame(stream, time, text) };
        });
        let isThere = true;
        await saved.save('a', logFrames(once(Buffer.concat(pieces.map(({ frame }) => frame)))));
        const left = [...connections];
        engine.answer = ({ path, query }, response) => {
          if (!isThere) return json(response, 404, { message: 'No such container' });
          if (path.endsWith('/json'))
            return json(response, 200, { State: { Running: left.length > 0, Pid: 1 } });
          const since = Number(query.get('since') ?? 0) * 1000;
          const wanted = pieces.filter((each) => each.timestampMs >= since);
          const fate = left.shift();
          response.writeHead(200).flushHeaders();
          for (const { frame } of wanted.slice(0, fate?.pieces)) response.write(frame);
          if (fate === undefined) return void response.end();
          const next = wanted.at(fate.pieces);
          if (fate.isInside && next !== undefined) response.write(next.frame.subarray(0, 10));
          if (left.length === 0 && isRemoved) isThere = false;
          setTimeout(() => response.destroy(), 2);
        };
        const read: unknown[] = [];
        const query = { follow: true, ...(tailLines !== undefined && { tailLines }) };
        const options = { engine: new EngineCalls(client), saved, sleep: () => Promise.resolve() };
        for await (const { stream, text } of readContainerLogs('a', 'name', query, options)) {
          read.push(`${stream} ${text}`);
        }
        const tail = new TailWindow(tailLines ?? Infinity);
        for (const each of pieces) tail.add(each, each.text.endsWith('\n'));
        expect(read).toEqual(tail.chunks().map(({ stream, text }) => `${stream} ${text}`));
      },
    ),
    { numRuns: 60 },
  );
  client.close();
  rmSync(folder, { recursive: true, force: true });
});
