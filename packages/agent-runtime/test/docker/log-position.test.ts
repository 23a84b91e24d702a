/** A reader that is interrupted anywhere, any number of times, has read exactly the log in the end. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LogPosition } from '../../src/docker/log-position.ts';

interface Piece {
  readonly stream: 'stdout' | 'stderr';
  readonly timestampMs: number;
  readonly number: number;
}

const log = fc
  .array(
    fc.record({ stream: fc.constantFrom('stdout' as const, 'stderr' as const), gapMs: fc.nat({ max: 2 }) }),
  )
  .map((steps) => {
    let timestampMs = 1_000;
    return steps.map(({ stream, gapMs }, number): Piece => ({
      stream,
      timestampMs: (timestampMs += gapMs),
      number,
    }));
  });

test('nothing is missed and nothing comes twice', () => {
  fc.assert(
    fc.property(log, fc.array(fc.nat({ max: 30 })), (pieces, interruptions) => {
      const position = new LogPosition();
      const read: number[] = [];
      for (const count of [...interruptions, Infinity]) {
        const { sinceMs = 0 } = position;
        position.rewind();
        pieces
          .filter(({ timestampMs }) => timestampMs >= sinceMs)
          .slice(0, count)
          .forEach(({ stream, timestampMs, number }) => {
            if (position.take(stream, timestampMs)) read.push(number);
          });
      }
      expect(read).toEqual(pieces.map(({ number }) => number));
    }),
  );
});

test('times that go back while nothing is replayed are read', () => {
  const position = new LogPosition();
  expect(position.take('stdout', 500)).toBe(true);
  expect(position.take('stdout', 100)).toBe(true);
  position.rewind();
  expect(position.take('stdout', 100)).toBe(false);
  expect(position.take('stdout', 100)).toBe(true);
});
