/** The backend on a model of the engine: faults at every request, repetition, what is refused, what is left. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InvalidContainerError, UnavailableError } from '../../src/contract/container-backend.ts';
import type { ContainerSpec } from '../../src/contract/container-spec.ts';
import { DockerBackend, type DockerBackendOptions } from '../../src/docker/docker-backend.ts';
import { DockerModel, type Fault, logFrame } from './docker-model.ts';
import { FakeEngine } from './fake-engine.ts';

const never = new AbortController().signal;
const SPEC: ContainerSpec = {
  id: 'task',
  image: {
    id: 'image',
    entrypoint: [],
    command: [],
    environment: {},
    workingDirectory: '',
    user: '',
    labels: {},
  },
  args: ['program', 'argument'],
  environment: { A: '1' },
  workingDirectory: '/w',
  user: '1:2',
  labels: { l: 'v', 'stowage.owner': 'forged' },
  hostname: 'h',
  cpu: { shares: 100, quotaMicros: 50_000, periodMicros: 100_000, cpus: [0, 3] },
  memoryBytes: 1e8,
  pids: 9,
  limits: [{ name: 'nofile', soft: 1, hard: 2 }],
  oomScoreAdjust: 7,
  security: {
    userNamespace: false,
    seccomp: 'default',
    capabilities: ['CAP_CHOWN'],
    readOnlyRoot: true,
    noNewPrivileges: true,
  },
  mounts: [
    { kind: 'bind', source: '/s', target: '/t', readOnly: true },
    { kind: 'tmpfs', target: '/tmp', readOnly: false, sizeMiB: 3 },
  ],
  network: 'none',
  logs: { maxFileBytes: 1000, maxFiles: 3 },
  stopSignal: 'SIGQUIT',
};

let folder: string;
let model: DockerModel;
let engine: FakeEngine;
const backends: DockerBackend[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'stw-backend-'));
  const busybox = Buffer.alloc(200);
  busybox.write('\x7fELF\x02\x01', 0, 'latin1');
  busybox.writeUInt32LE(64, 32);
  busybox.writeUInt16LE(56, 54);
  busybox.writeUInt16LE(1, 56);
  writeFileSync(join(folder, 'static'), busybox);
  model = new DockerModel();
  engine = await FakeEngine.start(model.answer);
});

afterEach(async () => {
  for (const each of backends.splice(0)) await each.close();
  rmSync(folder, { recursive: true, force: true });
});

function backend(options: Partial<DockerBackendOptions> = {}): DockerBackend {
  const made = new DockerBackend({
    stateFolder: join(folder, 'state'),
    owner: 'me',
    socketPath: engine.socketPath,
    timeoutMs: 1_000,
    busyboxPaths: [join(folder, 'static')],
    sleep: async (_, signal) => {
      signal?.throwIfAborted();
      await delay(1);
    },
    ...options,
  });
  backends.push(made);
  return made;
}

const gates = (): string[] => {
  try {
    return readdirSync(join(folder, 'state/gate/gates'));
  } catch {
    return [];
  }
};

test.each([
  [{ owner: '' }],
  [{ owner: 'a-b' }],
  [{ owner: 'A' }],
  [{ owner: 'a'.repeat(33) }],
  [{ stateFolder: 'relative' }],
])('%j is refused', (options) => expect(() => backend(options)).toThrow(RangeError));

test('what is asked of the engine is the whole spec and nothing else', async () => {
  await backend().create(SPEC, never);
  const { request } = model.containers.get('stowage-me-task')!;
  expect({ ...request, Entrypoint: undefined, HostConfig: undefined }).toEqual({
    Image: 'image',
    Hostname: 'h',
    User: '1:2',
    Env: ['A=1'],
    Cmd: ['program', 'argument'],
    WorkingDir: '/w',
    Labels: { l: 'v', 'stowage.owner': 'me', 'stowage.id': 'task' },
    StopSignal: 'SIGQUIT',
    Tty: false,
    OpenStdin: false,
    Healthcheck: { Test: ['NONE'] },
  });
  expect(request.HostConfig).toEqual({
    NetworkMode: 'none',
    IpcMode: 'private',
    CpuShares: 100,
    CpuQuota: 50_000,
    CpuPeriod: 100_000,
    CpusetCpus: '0,3',
    Memory: 1e8,
    MemorySwap: 1e8,
    PidsLimit: 9,
    OomScoreAdj: 7,
    Ulimits: [{ Name: 'nofile', Soft: 1, Hard: 2 }],
    CapDrop: ['ALL'],
    CapAdd: ['CAP_CHOWN'],
    SecurityOpt: ['no-new-privileges=true'],
    ReadonlyRootfs: true,
    UsernsMode: '',
    Mounts: [
      [join(folder, 'state/gate/gates/task'), '/.stowage'],
      ['/s', '/t'],
    ].map(([Source, Target]) => ({
      Type: 'bind',
      Source,
      Target,
      ReadOnly: true,
      BindOptions: { Propagation: 'rprivate', NonRecursive: true },
    })),
    Tmpfs: { '/tmp': `nosuid,nodev,exec,mode=1777,rw,size=${3 * 1024 * 1024}` },
    LogConfig: { Type: 'json-file', Config: { 'max-size': '1000', 'max-file': '3' } },
  });
});

describe('refused', () => {
  test.each<[string, Partial<ContainerSpec>, new (...args: never[]) => Error]>([
    ['user namespace', { security: { ...SPEC.security, userNamespace: true } }, UnavailableError],
    ['disk limit', { diskBytes: 1 }, UnavailableError],
    ['mount', { mounts: [{ kind: 'bind', target: '/t', readOnly: true }] }, InvalidContainerError],
    [
      'mount target',
      { mounts: [{ kind: 'bind', source: '/s', target: 't', readOnly: true }] },
      InvalidContainerError,
    ],
    ['variable with =', { environment: { 'a=b': '' } }, InvalidContainerError],
    ['variable without name', { environment: { '': '' } }, InvalidContainerError],
    ['variable with NUL', { environment: { a: '\0' } }, InvalidContainerError],
    ['variable of the gate', { environment: { stowage_gate_file: '' } }, InvalidContainerError],
  ])('%s', async (_what, changes, error) => {
    await expect(backend().create({ ...SPEC, ...changes }, never)).rejects.toThrow(error);
    expect(model.containers.size).toBe(0);
  });

  test('what the engine would leave out', async () => {
    model.warnings = ['Your kernel does not support this. Limitation discarded.'];
    const docker = backend();
    await expect(docker.create(SPEC, never)).rejects.toThrow(UnavailableError);
    expect(model.containers.get('stowage-me-task')?.status).toBe('created');
    await docker.remove('task');
    expect(model.containers.size).toBe(0);
  });

  test('a name that somebody else has, which stays as it is', async () => {
    await backend().create(SPEC, never);
    const container = model.containers.get('stowage-me-task')!;
    Object.assign(container.request.Labels, { 'stowage.owner': 'other' });
    await expect(backend().create(SPEC, never)).rejects.toThrow("not this agent's");
    await backend().remove('task');
    await backend().signal('task', 'SIGKILL');
    expect(await backend().list()).toEqual([]);
    expect(model.containers.get('stowage-me-task')).toBe(container);
    expect(container.status).toBe('running');
  });

  test("a container of somebody's that has this agent's labels, from an image made of a container", async () => {
    await backend().create(SPEC, never);
    const { request } = model.containers.get('stowage-me-task')!;
    const copy = {
      name: 'copy',
      request,
      status: 'exited',
      exitCode: 3,
      outOfMemory: false,
      log: [],
    } as const;
    model.containers.set('copy', { ...copy, log: [] });
    expect(await backend().list()).toMatchObject([{ id: 'task', state: 'created' }]);
    await backend().remove('task');
    expect(await backend().list()).toEqual([]);
    expect([...model.containers.keys()]).toEqual(['copy']);
  });

  test.each(['', '.', '..', '../../outside', 'a/b', '-a'])('an id that is none: "%s"', async (id) => {
    const docker = backend();
    await docker.create(SPEC, never);
    await expect(docker.create({ ...SPEC, id }, never)).rejects.toThrow(InvalidContainerError);
    await expect(docker.remove(id)).rejects.toThrow(InvalidContainerError);
    await expect(docker.removeLogs(id)).rejects.toThrow(InvalidContainerError);
    expect(gates()).toEqual(['task']);
  });
});

describe.each<Fault>(['status 500', 'cut before', 'cut after'])('fault "%s" at every request', (fault) => {
  test('create fails or succeeds, and remove leaves nothing, at once or when it is repeated', async () => {
    for (let at = 0; ; at += 1) {
      model.requests = 0;
      model.faultAt = (request) => (request === at ? fault : undefined);
      const docker = backend();
      await docker.create(SPEC, never).then(
        ({ pid }) => expect(pid).toBe(process.pid),
        (error: unknown) => expect(error).toBeInstanceOf(Error),
      );
      const found = await docker.list().catch(() => undefined);
      if (found !== undefined) expect(found.length).toBe(gates().length);
      let failures = 0;
      while (
        !(await docker.remove('task').then(
          () => true,
          () => false,
        ))
      )
        failures += 1;
      expect(failures).toBeLessThanOrEqual(1);
      const isDone = model.requests <= at;
      model.faultAt = () => undefined;
      // Once more for what a lost answer has hidden.
      await docker.remove('task');
      expect([...model.containers.keys()]).toEqual([]);
      expect(gates()).toEqual([]);
      expect(await docker.list()).toEqual([]);
      await docker.removeLogs('task');
      if (isDone) break;
    }
  });

  test('a second create replaces what the first has left', async () => {
    for (let at = 0; at < 8; at += 1) {
      model.requests = 0;
      model.faultAt = (request) => (request === at ? fault : undefined);
      const docker = backend();
      await docker.create(SPEC, never).catch(() => undefined);
      model.faultAt = () => undefined;
      await docker.create(SPEC, never);
      expect(await docker.list()).toMatchObject([{ id: 'task', state: 'created', createdMs: 1767323045678 }]);
      await docker.remove('task');
    }
  });
});

test('a container that the engine makes only after its agent was killed and its remains removed is found later', async () => {
  const { answer } = model;
  const late: (() => void)[] = [];
  engine.answer = (request, response) => {
    if (request.path === '/containers/create') late.push(() => answer(request, response));
    else answer(request, response);
  };
  const killed = backend();
  killed.create(SPEC, never).catch(() => undefined);
  await expect.poll(() => late.length).toBe(1);
  await killed.close();
  const next = backend();
  expect(await next.list()).toMatchObject([{ id: 'task', state: 'remains' }]);
  await next.remove('task');
  expect(await next.list()).toEqual([]);
  late[0]();
  expect(await next.list()).toMatchObject([{ id: 'task', state: 'remains' }]);
  await next.remove('task');
  expect(model.containers.size).toBe(0);
});

describe('remove', () => {
  test('waits for a creation that was aborted, whatever the engine is doing', async () => {
    const docker = backend();
    for (let at = 0; at < 6; at += 1) {
      const controller = new AbortController();
      const { answer } = model;
      model.requests = 0;
      engine.answer = (request, response) => {
        if (model.requests === at) controller.abort(new Error('enough'));
        setTimeout(() => answer(request, response), 5);
      };
      await docker
        .create(SPEC, controller.signal)
        .catch((error: unknown) => expect(String(error)).toContain('enough'));
      await docker.remove('task');
      expect(model.containers.size).toBe(0);
      expect(gates()).toEqual([]);
      engine.answer = answer;
    }
  });

  test('of a log that cannot be read removes all the same, and says so', async () => {
    const docker = backend();
    await docker.create(SPEC, never);
    model.containers.get('stowage-me-task')!.log = [Buffer.from('no frame at all')];
    await expect(docker.remove('task')).rejects.toThrow(AggregateError);
    expect(model.containers.size).toBe(0);
    expect(gates()).toEqual([]);
    await docker.remove('task');
  });

  test('keeps the log until removeLogs', async () => {
    const docker = backend();
    await docker.create(SPEC, never);
    const time = '2026-01-01T00:00:00.123456789Z';
    model.containers.get('stowage-me-task')!.log = [
      logFrame('stdout', time, 'one\n'),
      logFrame('stderr', time, 'two '),
      logFrame('stdout', time, '\n'),
      logFrame('stderr', time, 'parts\n'),
      logFrame('stdout', time, 'end'),
    ];
    const read = async (tailLines?: number): Promise<string[]> => {
      const chunks: string[] = [];
      const query = tailLines === undefined ? {} : { tailLines };
      for await (const { stream, text } of docker.logs('task', query)) chunks.push(`${stream} ${text}`);
      return chunks;
    };
    const views = (): Promise<string[][]> => Promise.all([read(), read(0), read(2), read(9)]);
    const before = await views();
    expect(before[0]).toEqual(['stdout one\n', 'stderr two ', 'stdout \n', 'stderr parts\n', 'stdout end']);
    expect(before[1]).toEqual([]);
    await docker.remove('task');
    expect(await views()).toEqual(before);
    await docker.removeLogs('task');
    expect(await read()).toEqual([]);
  });
});

describe('wait', () => {
  test('goes on through every fault, and ends with what the engine says', async () => {
    for (const fault of ['status 500', 'cut before', 'cut after'] as const) {
      const docker = backend();
      await docker.create(SPEC, never);
      let faults = 0;
      model.faultAt = () => (++faults < 10 ? fault : undefined);
      let isOver = false;
      const exit = docker.wait('task', never).finally(() => (isOver = true));
      while (faults < 10) await delay(1);
      expect(isOver).toBe(false);
      model.end('stowage-me-task', 9);
      expect(await exit).toEqual({ exitCode: 9, outOfMemory: false });
      model.faultAt = () => undefined;
      await docker.remove('task');
    }
  });

  test('an engine that stays away is no end; close is', async () => {
    const docker = backend();
    await docker.create(SPEC, never);
    let isOver = false;
    const exit = docker.wait('task', never).finally(() => (isOver = true));
    const outcome = exit.catch((error: unknown) => (error as Error).message);
    await delay(20);
    await engine.stop();
    await delay(100);
    expect(isOver).toBe(false);
    await docker.close();
    expect(await outcome).toContain('has been closed');
  });

  test('a report of lack of memory that comes after the exit counts', async () => {
    const docker = backend({ sleep: () => delay(30) });
    await docker.create(SPEC, never);
    const exit = docker.wait('task', never);
    await delay(50);
    model.end('stowage-me-task', 1);
    model.sayOutOfMemory('stowage-me-task');
    expect(await exit).toEqual({ exitCode: 1, outOfMemory: true });
    expect(await docker.list()).toMatchObject([{ state: 'exited', exit: { outOfMemory: true } }]);
  });

  test('what is gone, and what was never started', async () => {
    const docker = backend();
    expect(await docker.wait('task', never)).toEqual({ outOfMemory: false });
    await docker.create(SPEC, never);
    model.containers.get('stowage-me-task')!.status = 'created';
    await expect(docker.wait('task', never)).rejects.toThrow('never started');
  });
});
