/** The agent's side of the gate, with a `/proc` of the test's own and real FIFOs; the script itself runs in `test-linux`. */
import {
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidContainerError } from '../../src/contract/container-backend.ts';
import { gateEntrypoint, isGate } from '../../src/docker/gate-script.ts';
import { LaunchGate } from '../../src/docker/launch-gate.ts';
import { realSleep } from '../../src/docker/sleep.ts';
import { isStaticExecutable } from '../../src/docker/static-executable.ts';

const never = new AbortController().signal;
const PID = 42;
const GATE = [...gateEntrypoint({}), 'program'].join('\0') + '\0';
let folder: string;
let gate: LaunchGate;
let inside: FileHandle | undefined;

/** An ELF file with one program header of this type. */
function elf(type: number, changes: { bits?: 32 | 64; count?: number } = {}): Buffer {
  const { bits = 64, count = 1 } = changes;
  const bytes = Buffer.alloc(200);
  bytes.write('\x7fELF', 0, 'latin1');
  bytes[4] = bits === 64 ? 2 : 1;
  bytes[5] = 1;
  const [offsetAt, sizeAt, countAt, offset, size] = bits === 64 ? [32, 54, 56, 64, 56] : [28, 42, 44, 52, 32];
  bytes.writeUInt32LE(offset, offsetAt);
  bytes.writeUInt16LE(size, sizeAt);
  bytes.writeUInt16LE(count, countAt);
  bytes.writeUInt32LE(type, offset);
  return bytes;
}

/** What runs as the container's first process. */
function process(commandLine: string | undefined): void {
  const path = join(folder, 'proc', String(PID));
  if (commandLine === undefined) rmSync(path, { recursive: true, force: true });
  else {
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, 'cmdline'), commandLine);
  }
}

/** The gate's end of the first FIFO. */
async function listen(): Promise<FileHandle> {
  inside = await open(join(folder, 'gate/gates/a/go'), constants.O_RDONLY | constants.O_NONBLOCK);
  return inside;
}

async function heard(): Promise<string> {
  const { bytesRead, buffer } = await inside!.read(Buffer.alloc(100), 0, 100, null);
  return buffer.toString('latin1', 0, bytesRead);
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stw-gate-'));
  writeFileSync(join(folder, 'static'), elf(1));
  gate = newGate();
});

afterEach(async () => {
  await inside?.close();
  inside = undefined;
  rmSync(folder, { recursive: true, force: true });
});

function newGate(busyboxPaths: readonly string[] = ['/no/such/file', join(folder, 'static')]): LaunchGate {
  return new LaunchGate({
    folder: join(folder, 'gate'),
    sleep: realSleep,
    busyboxPaths,
    procRoot: join(folder, 'proc'),
  });
}

test('a folder is made for any user, listed, made anew and removed', async () => {
  const path = await gate.prepare('a');
  const modes = ['', 'busybox', 'go', 'report'].map((name) => statSync(join(path, name)).mode & 0o777);
  expect(modes).toEqual([0o755, 0o755, 0o644, 0o622]);
  writeFileSync(join(path, 'told'), '');
  await gate.prepare('a');
  expect(existsSync(join(path, 'told'))).toBe(false);
  await gate.prepare('b');
  expect((await gate.list()).map(({ id }) => id).sort()).toEqual(['a', 'b']);
  for (const id of ['a', 'a', 'b']) await gate.remove(id);
  expect(await gate.list()).toEqual([]);
});

test('without a static busybox there is no gate, until one is installed', async () => {
  writeFileSync(join(folder, 'late'), elf(3));
  const without = newGate([join(folder, 'late'), folder]);
  await expect(without.prepare('a')).rejects.toThrow('install the Debian package busybox-static');
  expect(await without.list()).toEqual([]);
  writeFileSync(join(folder, 'late'), elf(1));
  await without.prepare('a');
});

test.each([
  ['static, 64 bits', () => elf(1), true],
  ['static, 32 bits', () => elf(1, { bits: 32 }), true],
  ['dynamic, 64 bits', () => elf(3), false],
  ['dynamic, 32 bits', () => elf(3, { bits: 32 }), false],
  ['more headers than bytes', () => elf(1, { count: 100 }), false],
  ['no headers', () => elf(1, { count: 0 }), false],
  ['a script', () => Buffer.from('#!/bin/sh\n'.padEnd(100)), false],
  ['empty', () => Buffer.alloc(0), false],
])('%s', async (_what, bytes, isStatic) => {
  writeFileSync(join(folder, 'file'), bytes());
  expect(await isStaticExecutable(join(folder, 'file'))).toBe(isStatic);
});

describe('state', () => {
  test('a process that was never told waits, whatever its command line is', async () => {
    await gate.prepare('a');
    process('runc\0init\0');
    expect(await gate.stateOf('a', PID)).toBe('waiting');
    process(GATE);
    expect(await gate.stateOf('a', PID)).toBe('waiting');
  });

  test('one that was told waits as long as it is a gate', async () => {
    writeFileSync(join(await gate.prepare('a'), 'told'), '');
    process(GATE);
    expect(await gate.stateOf('a', PID)).toBe('waiting');
    process('program\0');
    expect(await gate.stateOf('a', PID)).toBe('opened');
    process('');
    expect(await gate.stateOf('a', PID)).toBe('gone');
    process(undefined);
    expect(await gate.stateOf('a', PID)).toBe('gone');
  });

  test('one without a folder is judged by its command line', async () => {
    process('program\0');
    expect(await gate.stateOf('a', PID)).toBe('opened');
    process(GATE);
    expect(await gate.stateOf('a', PID)).toBe('waiting');
    expect(isGate('/bin/sh\0-c\0program')).toBe(false);
  });
});

describe('opening', () => {
  test('waits for the gate, says one line, waits for the command', async () => {
    const path = await gate.prepare('a');
    process('runc\0init\0');
    let isOpen = false;
    const opening = gate.open('a', PID, 'program', never).then(() => (isOpen = true));
    await delay(30);
    expect(existsSync(join(path, 'told'))).toBe(false);
    process(GATE);
    await listen();
    while (!existsSync(join(path, 'told'))) await delay(1);
    await delay(30);
    expect(isOpen).toBe(false);
    process('program\0');
    await opening;
    expect(await heard()).toBe('go\n');
    expect(['go', 'report', 'busybox'].map((name) => existsSync(join(path, name)))).toEqual([
      false,
      false,
      true,
    ]);
    await gate.open('a', PID, 'program', never);
  });

  test('a mark without its word, as a crash leaves it, is no opening', async () => {
    const path = await gate.prepare('a');
    writeFileSync(join(path, 'told'), '');
    process(GATE);
    await listen();
    const opening = newGate().open('a', PID, 'program', never);
    await delay(30);
    expect(await heard()).toBe('go\n');
    process('program\0');
    await opening;
  });

  test.each([
    ['127\n', 'was not found'],
    ['126\n', 'cannot be executed (exit code 126)'],
  ])('the report %j is an invalid container, also when the process has ended', async (report, message) => {
    const path = await gate.prepare('a');
    process(GATE);
    await listen();
    const opening = gate.open('a', PID, 'program', never);
    const outcome = opening.catch((error: unknown) => error);
    while (!existsSync(join(path, 'told'))) await delay(1);
    writeFileSync(join(path, 'report'), report);
    process(undefined);
    const error = await outcome;
    expect(error).toBeInstanceOf(InvalidContainerError);
    expect((error as Error).message).toContain(message);
  });

  test('a process that ends without a report has run', async () => {
    const path = await gate.prepare('a');
    process(GATE);
    await listen();
    const opening = gate.open('a', PID, 'program', never);
    while (!existsSync(join(path, 'told'))) await delay(1);
    process(undefined);
    await opening;
  });

  test('a process that ends before it was told has not', async () => {
    await gate.prepare('a');
    process(GATE);
    const opening = gate.open('a', PID, 'program', never);
    process(undefined);
    await expect(opening).rejects.toThrow('ended before its command was started');
    await gate.remove('a');
    await expect(gate.open('a', PID, 'program', never)).rejects.toThrow('gate of a is gone');
  });

  test('abort ends it', async () => {
    await gate.prepare('a');
    process(GATE);
    const reason = new Error('enough');
    const controller = new AbortController();
    const opening = gate.open('a', PID, 'program', controller.signal);
    setTimeout(() => controller.abort(reason), 20);
    await expect(opening).rejects.toBe(reason);
    expect(readFileSync(join(folder, 'gate/busybox'))).toEqual(elf(1));
  });
});
