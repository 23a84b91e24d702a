import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LogChunk, LogQuery } from '@stowage/protocol';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type CriLogOptions, readCriLog } from '../../src/logs/cri-log-files.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stowage-logs-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const TIME = '2026-11-27T17:17:48.218921888+00:00';

interface Part {
  readonly stream: 'stdout' | 'stderr';
  readonly bytes: Buffer;
  readonly isWhole: boolean;
}

function encode({ stream, bytes, isWhole }: Part): Buffer {
  return Buffer.concat([Buffer.from(`${TIME} ${stream} ${isWhole ? 'F' : 'P'} `), bytes, Buffer.from('\n')]);
}

async function read(where: string, query?: LogQuery, options?: CriLogOptions): Promise<LogChunk[]> {
  const chunks: LogChunk[] = [];
  for await (const chunk of readCriLog(where, query, options)) chunks.push(chunk);
  return chunks;
}

function text(chunks: readonly LogChunk[], stream?: LogChunk['stream']): string {
  return chunks.map((chunk) => (stream === undefined || chunk.stream === stream ? chunk.text : '')).join('');
}

const stream = fc.constantFrom('stdout' as const, 'stderr' as const);
/** Lines of any characters, cut at any byte as a writer with a small buffer would. */
const line = fc
  .record({
    stream,
    content: fc.string({ unit: 'grapheme', maxLength: 30 }).map((each) => each.replaceAll('\n', ' ')),
    cuts: fc.array(fc.nat(100), { maxLength: 3 }),
  })
  .map(({ stream: of, content, cuts }): Part[] => {
    const bytes = Buffer.from(content);
    const at = [...new Set(cuts.filter((cut) => cut > 0 && cut < bytes.length))].sort((a, b) => a - b);
    const borders = [0, ...at, bytes.length];
    return borders.slice(1).map((end, i) => ({
      stream: of,
      bytes: bytes.subarray(borders[i], end),
      isWhole: i === borders.length - 2,
    }));
  });

/** What was written to a stream, without looking at parts. */
function written(parts: readonly Part[], of: Part['stream']): string {
  const pieces = parts
    .filter((part) => part.stream === of)
    .flatMap(({ bytes, isWhole }) => [bytes, Buffer.from(isWhole ? '\n' : '')]);
  return Buffer.concat(pieces).toString();
}

describe('readCriLog', () => {
  test('gives back what was written, over any division into parts and files', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(line, { maxLength: 20 }),
        fc.array(fc.nat(40), { maxLength: 4 }),
        async (lines, cuts) => {
          const parts = lines.flat();
          const where = mkdtempSync(join(folder, 'x-'));
          const borders = [
            0,
            ...cuts.map((cut) => Math.min(cut, parts.length)).sort((a, b) => a - b),
            parts.length,
          ];
          for (let i = 1; i < borders.length; i++) {
            const content = Buffer.concat(parts.slice(borders[i - 1], borders[i]).map(encode));
            writeFileSync(join(where, `${borders.length - 1 - i}.log`), content);
          }
          const chunks = await read(where);
          for (const of of ['stdout', 'stderr'] as const) {
            expect(text(chunks, of)).toBe(written(parts, of));
            expect(text(await read(where, { stream: of }))).toBe(written(parts, of));
          }
          const whole = lines
            .filter((each) => each[0].stream === 'stdout')
            .map((each) => written(each, 'stdout'));
          for (const tailLines of [0, 1, 3])
            expect(text(await read(where, { stream: 'stdout', tailLines }))).toBe(
              tailLines === 0 ? '' : whole.slice(-tailLines).join(''),
            );
        },
      ),
      { numRuns: 60 },
    );
  });

  test('follows over rotations at any moment, loses nothing and repeats nothing', async () => {
    const append = fc.record({ kind: fc.constant('append' as const), line });
    const step = fc.oneof(
      append,
      append,
      fc.constant({ kind: 'rotate' as const }),
      fc.constant({ kind: 'rename' as const }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const where = mkdtempSync(join(folder, 'f-'));
        const parts: Part[] = [];
        let files = 1;
        /** The writer goes on with a renamed file until it is asked to open a new one. */
        let current = join(where, '0.log');
        writeFileSync(current, '');
        const shift = (): void => {
          for (let n = files - 1; n >= 0; n--)
            renameSync(join(where, `${n}.log`), join(where, `${n + 1}.log`));
          current = join(where, '1.log');
        };
        const reopen = (): void => {
          files++;
          current = join(where, '0.log');
          writeFileSync(current, '');
        };
        let isDone = false;
        const reading = read(where, { follow: true }, { hasEnded: () => isDone, pollMs: 1 });
        for (const each of steps) {
          const isMoved = current.endsWith('1.log');
          if (each.kind === 'append') {
            parts.push(...each.line);
            appendFileSync(current, Buffer.concat(each.line.map(encode)));
          } else if (isMoved) reopen();
          else {
            shift();
            if (each.kind === 'rotate') reopen();
          }
          await new Promise((resolve) => setTimeout(resolve, 1));
        }
        if (current.endsWith('1.log')) reopen();
        isDone = true;
        const chunks = await reading;
        for (const of of ['stdout', 'stderr'] as const) expect(text(chunks, of)).toBe(written(parts, of));
      }),
      { numRuns: 25 },
    );
  });

  test('a file that its writer replaced under the eyes of a follower brings nothing old again', async () => {
    const put = (name: string, content: string): void =>
      writeFileSync(
        join(folder, name),
        encode({ stream: 'stdout', bytes: Buffer.from(content), isWhole: true }),
      );
    put('2.log', 'one');
    put('1.log', 'two');
    put('0.log', 'three');
    let looks = 0;
    const hasEnded = (): boolean => {
      looks += 1;
      if (looks === 2) {
        put('0.log.tmp', 'four');
        renameSync(join(folder, '0.log.tmp'), join(folder, '0.log'));
      }
      return looks === 3;
    };
    expect(text(await read(folder, { follow: true }, { hasEnded, pollMs: 1 }))).toBe(
      'one\ntwo\nthree\nfour\n',
    );
  });

  test('skips what is damaged and no more', async () => {
    const good = `${TIME} stdout F good\n`;
    const damage = ['', 'x', 'a b c d', `${TIME} stdin F x`, `${TIME} stdout X x`, `never stdout F x`, TIME];
    writeFileSync(join(folder, '0.log'), damage.map((each) => `${each}\n${good}`).join('') + 'torn');
    expect(text(await read(folder))).toBe('good\n'.repeat(damage.length));
    writeFileSync(join(folder, '0.log'), `${'x'.repeat(3_000_000)}\n${good}`);
    expect(text(await read(folder))).toBe('good\n');
  });

  test('tells the time in milliseconds, an unfinished character at the end, and nothing of a missing folder', async () => {
    const part = { stream: 'stdout', bytes: Buffer.from([0x61, 0xc3]), isWhole: false } as const;
    writeFileSync(join(folder, '0.log'), encode(part));
    const timestampMs = Date.UTC(2026, 10, 27, 17, 17, 48, 218);
    expect(await read(folder)).toEqual([
      { stream: 'stdout', timestampMs, text: 'a' },
      { stream: 'stdout', timestampMs, text: '\uFFFD' },
    ]);
    expect(await read(join(folder, 'missing'))).toEqual([]);
  });

  test('a following reader ends when it is told to', async () => {
    mkdirSync(join(folder, 'empty'));
    const controller = new AbortController();
    const options = { hasEnded: () => false, pollMs: 1 };
    const reading = read(join(folder, 'empty'), { follow: true, signal: controller.signal }, options);
    controller.abort();
    expect(await reading).toEqual([]);
  });
});
