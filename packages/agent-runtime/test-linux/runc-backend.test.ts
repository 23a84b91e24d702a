/** The runc backend on the real kernel: images, ends, logs, many at once, restart; and that nothing is left. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { InvalidContainerError } from '../src/contract/container-backend.ts';
import { never, RuncHarness } from './runc-harness.ts';

const { registry, busybox } = inject('linux');

let h: RuncHarness;

beforeAll(async () => {
  h = await RuncHarness.begin('runc', inject('linux'));
});

afterEach(async () => h.removeAll());

afterAll(async () => h.end());

describe('images', () => {
  test('a digest comes from the cache, also when the registry is away; a tag is asked for each time', async () => {
    const [repository, digest] = busybox.digest.split('@');
    expect(h.image.digest).toBe(digest);
    expect(h.image.environment.FROM_IMAGE).toBe('yes');
    expect(await h.backend.pull({ kind: 'registry', reference: busybox.tag }, never)).toEqual(h.image);
    const elsewhere = repository.replace(registry, '127.0.0.1:1');
    expect(await h.backend.pull({ kind: 'registry', reference: `${elsewhere}@${digest}` }, never)).toEqual(
      h.image,
    );
  });

  test.each([
    `${registry}/test/none:1`,
    `${registry}/test/busybox@sha256:${'0'.repeat(64)}`,
    'not a reference',
    '--help',
  ])('%s is refused at once', async (reference) => {
    await expect(h.backend.pull({ kind: 'registry', reference }, never)).rejects.toThrow(
      InvalidContainerError,
    );
  });
});

describe('ends', () => {
  test.each([
    ['exit 0', 0],
    ['exit 7', 7],
    ['nosuchcmd', 127],
    ['/etc/passwd', 126],
    ["sh -c 'kill -9 $$'; exit $?", 137],
    ["sh -c 'kill -TERM $$'; exit $?", 143],
  ])('%s gives %i', async (script, exitCode) => {
    expect(await h.run(h.spec('end', script))).toMatchObject({ exitCode, outOfMemory: false });
  });

  test.each(['nosuchcmd', '/etc/passwd', '/etc'])('the command %s is refused', async (command) => {
    const launching = h.launch({ ...h.spec('bad', ''), args: [command] });
    await expect(launching).rejects.toThrow(InvalidContainerError);
  });

  test('signals reach the first process; SIGKILL ends it whatever it does', async () => {
    await h.launch(h.spec('soft', 'trap "exit 33" TERM; echo ready; while :; do sleep 0.05; done'));
    await h.launch(h.spec('hard', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'));
    for (const id of ['soft', 'hard']) {
      await h.outputOfLength(id, 1);
      await h.backend.signal(id, 'SIGTERM');
    }
    expect(await h.backend.wait('soft', never)).toEqual({ exitCode: 33, outOfMemory: false });
    expect((await h.backend.list()).map(({ id, state }) => [id, state])).toEqual([
      ['hard', 'running'],
      ['soft', 'exited'],
    ]);
    await h.backend.signal('hard', 'SIGKILL');
    expect(await h.backend.wait('hard', never)).toEqual({ exitCode: 137, outOfMemory: false });
    await h.backend.signal('hard', 'SIGKILL');
  });

  test('lack of memory is told apart, in the main process and in a child', async () => {
    const memoryBytes = 20 * 1024 * 1024;
    const fill = 'dd if=/dev/zero of=/dev/null bs=60M count=1';
    const main = await h.run(h.spec('main', `exec ${fill}`, { memoryBytes }));
    expect(main).toMatchObject({ exitCode: 137, outOfMemory: true });
    const child = await h.run(h.spec('child', `${fill}; exit 0`, { memoryBytes }));
    expect(child).toMatchObject({ exitCode: 0, outOfMemory: true });
    const killed = await h.run(h.spec('killed', "sh -c 'kill -9 $$'; exit 0", { memoryBytes }));
    expect(killed).toMatchObject({ exitCode: 0, outOfMemory: false });
  });

  test('nothing runs before start; a second create finds the first; wait works after the end', async () => {
    const what = h.spec('gate', 'echo ran');
    const live = await h.backend.create(what, never);
    expect(await h.backend.create(what, never)).toEqual(live);
    await sleep(100);
    expect(await h.outputOf('gate')).toBe('');
    expect(await h.backend.list()).toMatchObject([{ id: 'gate', state: 'created', live }]);
    await h.backend.start('gate', never);
    expect(await h.backend.wait('gate', never)).toEqual({ exitCode: 0, outOfMemory: false });
    expect(await h.outputOf('gate')).toBe('ran\n');
    await h.backend.remove('gate');
    expect(await h.outputOf('gate')).toBe('ran\n');
    expect(await h.backend.list()).toEqual([]);
    await h.backend.removeLogs('gate');
    expect(await h.outputOf('gate')).toBe('');
  });

  test('a container whose supervisor was killed is ended and reported without a code', async () => {
    const live = await h.launch(h.spec('orphan', 'while :; do sleep 0.05; done'));
    const pidFile = join(h.state, 'containers/orphan/conmon.pid');
    process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    expect(await h.backend.wait('orphan', never)).toEqual({ outOfMemory: false });
    expect(isAlive(live.pid)).toBe(false);
  });
});

describe('logs', () => {
  test('rotation under load loses and doubles nothing, also for a reader that follows', async () => {
    const lines = 200_000;
    // In bursts: rotations come during them and after each.
    const burst = `n=0; while [ $n -lt ${lines / 4} ]; do echo line $i; i=$((i+1)); n=$((n+1)); done`;
    const script = `i=0; for k in 1 2 3 4; do ${burst}; sleep 0.7; done`;
    await h.launch(h.spec('fast', script, { logs: { maxFileBytes: 500_000, maxFiles: 1_000 } }));
    let text = '';
    for await (const chunk of h.backend.logs('fast', { follow: true })) text += chunk.text;
    expect(await h.backend.wait('fast', never)).toMatchObject({ exitCode: 0 });
    const expected = Array.from({ length: lines }, (_, i) => `line ${i}\n`).join('');
    expect(text === expected).toBe(true);
    expect((await h.outputOf('fast')) === expected).toBe(true);
    expect(readdirSync(join(h.state, 'logs/fast')).length).toBeGreaterThan(2);
    let tail = '';
    for await (const chunk of h.backend.logs('fast', { tailLines: 2 })) tail += chunk.text;
    expect(tail).toBe(`line ${lines - 2}\nline ${lines - 1}\n`);
  });

  test('no more files than allowed are kept', async () => {
    const script =
      'for k in $(seq 6); do dd if=/dev/zero bs=1000 count=200 2>/dev/null | tr "\\0" x | fold -w 99; sleep 0.7; done';
    await h.run(h.spec('bounded', script, { logs: { maxFileBytes: 100_000, maxFiles: 3 } }));
    const folder = join(h.state, 'logs/bounded');
    // One more name, but no more files.
    expect(readdirSync(folder).sort()).toEqual(['0.log', '1.log', '2.log', 'held']);
    expect(new Set(readdirSync(folder).map((name) => statSync(join(folder, name)).ino)).size).toBe(3);
  });
});

describe('many', () => {
  test('50 in parallel, half of them killed, none left', async () => {
    const ids = Array.from({ length: 50 }, (_, i) => `many-${i}`);
    await Promise.all(
      ids.map(async (id, i) => h.launch(h.spec(id, i % 2 === 0 ? 'sleep 1000' : `exit ${i}`))),
    );
    const exits = await Promise.all(
      ids.map(async (id, i) => {
        if (i % 2 === 0) await h.backend.signal(id, 'SIGKILL');
        return h.backend.wait(id, never);
      }),
    );
    expect(exits.map(({ exitCode }) => exitCode)).toEqual(ids.map((_, i) => (i % 2 === 0 ? 137 : i)));
    await Promise.all(ids.map(async (id) => h.backend.remove(id)));
    await Promise.all(ids.map(async (id) => h.backend.removeLogs(id)));
    expect(await h.backend.list()).toEqual([]);
    for (const name of ['containers', 'exits', 'runtime', 'logs'])
      expect(readdirSync(join(h.state, name))).toEqual([]);
    expect(await h.leftovers()).toEqual([]);
  });

  test('another backend on the same folder takes over', async () => {
    await h.launch(h.spec('old', 'trap "exit 5" TERM; echo ready; while :; do sleep 0.05; done'));
    await h.backend.create(h.spec('new', 'exit 6'), never);
    await h.backend.close();
    await h.open();
    expect((await h.backend.list()).map(({ id, state }) => [id, state])).toEqual([
      ['new', 'created'],
      ['old', 'running'],
    ]);
    await h.backend.start('new', never);
    await h.outputOfLength('old', 1);
    await h.backend.signal('old', 'SIGTERM');
    expect(await h.backend.wait('new', never)).toMatchObject({ exitCode: 6 });
    expect(await h.backend.wait('old', never)).toMatchObject({ exitCode: 5 });
    const report = await h.backend.probe();
    expect(
      Object.entries(report)
        .filter(([, state]) => state.level !== 'enforced')
        .map(([name]) => name),
    ).toEqual(['apparmor']);
  });
});

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) && !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}
