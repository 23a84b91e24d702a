/** Frames and values come out whole however the bytes were cut, and a cut stream is told from one that has ended. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EngineError } from '../../src/docker/engine-error.ts';
import { jsonValues, type LogFrame, logFrames } from '../../src/docker/engine-streams.ts';

async function* pieces(bytes: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0;
  for (const cut of [...cuts].map((each) => each % (bytes.length + 1)).sort((a, b) => a - b)) {
    yield bytes.subarray(start, cut);
    start = cut;
  }
  yield bytes.subarray(start);
}

function encode(frames: readonly LogFrame[]): Buffer {
  return Buffer.concat(
    frames.flatMap(({ stream, bytes }) => {
      const header = Buffer.from([stream === 'stdout' ? 1 : 2, 0, 0, 0, 0, 0, 0, 0]);
      header.writeUInt32BE(bytes.length, 4);
      return [header, bytes];
    }),
  );
}

const frame = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  bytes: fc.uint8Array({ maxLength: 50 }).map((array) => Buffer.from(array)),
});
const cuts = fc.array(fc.nat(), { maxLength: 20 });

test('log frames, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame), cuts, async (frames, places) => {
      const read: LogFrame[] = [];
      for await (const each of logFrames(pieces(encode(frames), places))) read.push(each);
      expect(read).toEqual(frames);
    }),
  );
});

test('log frames that end too early: all that is whole, then an error', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(frame, { minLength: 1 }), fc.nat(), cuts, async (frames, seed, places) => {
      const bytes = encode(frames);
      const end = seed % bytes.length;
      const ends = frames.map((_, index) => encode(frames.slice(0, index + 1)).length);
      const whole = ends.filter((each) => each <= end).length;
      const read: LogFrame[] = [];
      const reading = (async () => {
        for await (const each of logFrames(pieces(bytes.subarray(0, end), places))) read.push(each);
      })();
      if (end === 0 || ends.includes(end)) await reading;
      else await expect(reading).rejects.toThrow(EngineError);
      expect(read).toEqual(frames.slice(0, whole));
    }),
  );
});

test.each([
  [[3, 0, 0, 0, 0, 0, 0, 1, 65]],
  [[1, 1, 0, 0, 0, 0, 0, 1, 65]],
  [[1, 0, 0, 0, 255, 255, 255, 255]],
  [[...Buffer.from('<html>garbage')]],
])('garbage is no frame: %j', async (bytes) => {
  const read = async (): Promise<void> => {
    for await (const each of logFrames(pieces(Buffer.from(bytes), []))) expect(each).toBeUndefined();
  };
  await expect(read()).rejects.toThrow('not in its own format');
});

test('JSON values, however they are cut', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.jsonValue()),
      fc.constantFrom('\n', '\r\n', '\n\n'),
      cuts,
      async (values, end, places) => {
        const bytes = Buffer.from(values.map((value) => JSON.stringify(value) + end).join(''));
        const read: unknown[] = [];
        for await (const value of jsonValues(pieces(bytes, places))) read.push(value);
        expect(read).toEqual(values.map((value) => JSON.parse(JSON.stringify(value)) as unknown));
      },
    ),
  );
});
