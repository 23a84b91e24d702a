/** The engine is stopped, killed and started again while containers run: nothing is concluded from its absence. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { runCommand } from '../src/host/run-command.ts';
import { EngineError } from '../src/docker/engine-error.ts';
import { DockerSetUp, never, until } from './docker-set-up.ts';
import { type DockerEngine, startDockerEngine } from './support/docker-engine.ts';

const folder = mkdtempSync(join(tmpdir(), 'stw-engine-'));
let engine: DockerEngine;
let docker: DockerSetUp;

beforeAll(async () => {
  engine = await startDockerEngine(folder, { liveRestore: true });
  docker = new DockerSetUp(engine.socket);
  const { digest } = inject('linux').busybox;
  docker.image = await docker.backend.pull({ kind: 'registry', reference: digest }, never);
});

afterAll(async () => {
  await docker.removeAll();
  await docker.backend.close();
  await engine.server.stop();
  // With live restore, an engine leaves the mount of its own root.
  await runCommand('umount', [join(folder, 'data')]).catch(() => undefined);
  rmSync(docker.folder, { recursive: true, force: true });
  rmSync(folder, { recursive: true, force: true });
});

test('waiting, following and lack of memory outlive a restart of the engine', async () => {
  const control = join(folder, 'control');
  mkdirSync(control);
  const script = (exitCode: number): string =>
    'i=0; while [ ! -e /ctl/stop ]; do echo $i; i=$((i+1)); sleep 0.1; ' +
    `[ -e /ctl/eat ] && [ ! -e /tmp/eaten ] && touch /tmp/eaten && tail /dev/zero; done; exit ${exitCode}`;
  const mounts = [{ kind: 'bind', source: control, target: '/ctl', readOnly: true }] as const;
  await docker.backend.create(docker.shell('held', 'exit 4'), never);
  await docker.backend.create(
    docker.shell('plain', script(5).replace('/ctl/eat', '/never'), { mounts }),
    never,
  );
  const hungry = await docker.backend.create(
    docker.shell('hungry', script(6), { mounts, memoryBytes: 8 * 1024 * 1024 }),
    never,
  );
  for (const id of ['plain', 'hungry']) await docker.backend.start(id, never);
  const exits = ['plain', 'hungry'].map((id) => docker.backend.wait(id, never));
  const followed = docker.output('plain', { follow: true });
  await docker.untilTold('plain', '3\n');

  await engine.server.stop();
  writeFileSync(join(control, 'eat'), '');
  const { version, controllers } = hungry.cgroups;
  const counter = join(controllers.memory!, version === 1 ? 'memory.oom_control' : 'memory.events');
  await until(() => /^oom_kill [1-9]/m.test(readFileSync(counter, 'utf8')));
  let isOver = false;
  void Promise.race(exits).then(() => (isOver = true));
  await delay(500);
  expect(isOver).toBe(false);
  engine = await startDockerEngine(folder, { liveRestore: true });

  expect((await docker.backend.list()).map(({ id, state }) => `${id} ${state}`).sort()).toEqual([
    'held created',
    'hungry running',
    'plain running',
  ]);
  await docker.backend.start('held', never);
  expect(await docker.backend.wait('held', never)).toEqual({ exitCode: 4, outOfMemory: false });
  writeFileSync(join(control, 'stop'), '');
  expect(await Promise.all(exits)).toEqual([
    { exitCode: 5, outOfMemory: false },
    { exitCode: 6, outOfMemory: true },
  ]);
  const numbers = (await followed).trim().split('\n').map(Number);
  expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => index));
  expect(numbers.length).toBeGreaterThan(5);
});

test('the absence of the engine is an error, not an answer', async () => {
  await docker.backend.create(docker.spec('survivor', ['sleep', '1000']), never);
  await docker.backend.start('survivor', never);
  const exit = docker.backend.wait('survivor', never);
  await engine.server.stop();
  await expect(docker.backend.list()).rejects.toThrow('Is dockerd running?');
  await expect(docker.backend.remove('survivor')).rejects.toThrow(AggregateError);
  await expect(docker.backend.signal('survivor', 'SIGKILL')).rejects.toThrow(EngineError);
  engine = await startDockerEngine(folder, { liveRestore: true });
  await docker.backend.signal('survivor', 'SIGKILL');
  expect(await exit).toEqual({ exitCode: 137, outOfMemory: false });
  await docker.backend.remove('survivor');
});
