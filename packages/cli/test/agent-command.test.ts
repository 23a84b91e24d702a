/** What `stowage agent` makes of its options, what it refuses, and how it runs a task; on a host it is tried elsewhere. */
import type { KillOptions, LogChunk, TaskRuntime, TaskSpec, TaskStatus } from '@stowage/protocol';
import { Command } from 'commander';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Interrupts } from '../src/agent/interrupts.ts';
import { addRunOptions, type RunOptions, taskSpecOf } from '../src/agent/run-options.ts';
import { NOT_RUN, runTask } from '../src/agent/run-task.ts';
import { openStateFolder } from '../src/agent/state-folder.ts';
import { Output } from '../src/output.ts';
import type { Session } from '../src/session.ts';
import { FailingStream, runCli, TextStream } from './run-cli.ts';

const IMAGE = 'registry.test/tools/app:1';

function specOf(...argv: readonly string[]): TaskSpec {
  const command = addRunOptions(new Command('run')).exitOverride().passThroughOptions();
  command.configureOutput({ writeErr: () => undefined }).parse([...argv], { from: 'user' });
  const [image, words] = command.processedArgs as [string, string[]];
  return taskSpecOf('t', image, words, command.opts<RunOptions>(), '/work/here');
}

describe('the task of a call', () => {
  it('has an address, metadata and modest limits unless said otherwise', () => {
    expect(specOf(IMAGE)).toEqual({
      taskId: 't',
      image: { kind: 'registry', reference: IMAGE },
      environment: {},
      resources: { cpuMilli: 1000, memoryMiB: 512 },
      cpuMode: 'burst',
      network: { mode: 'vpc', securityGroups: ['default'] },
      security: { userNamespace: true, seccomp: 'default', readOnlyRoot: false },
      metadata: { requireToken: false },
      graceMs: 10_000,
    });
  });

  it('has every option', () => {
    const spec = specOf(
      ...['--cpu', '2', '--cpu-mode', 'static', '--memory', '64', '--disk', '32', '--pids', '9'],
      ...['--security-group', 'a', '--security-group', 'b', '--bandwidth', '5', '-e', 'A=b=c', '-e', 'D='],
      ...['-u', 'app', '-w', '/tmp', '--entrypoint', '/bin/sh', '--read-only', '--no-user-namespace'],
      ...['--seccomp', 'strict', '--require-token', '--grace', '0.5', IMAGE, '--', '-c', '--cpu'],
    );
    expect(spec).toMatchObject({
      entrypoint: ['/bin/sh'],
      command: ['-c', '--cpu'],
      workingDirectory: '/tmp',
      user: 'app',
      environment: { A: 'b=c', D: '' },
      resources: { cpuMilli: 2000, memoryMiB: 64, diskMiB: 32, pids: 9, networkMbps: 5 },
      cpuMode: 'static',
      network: { mode: 'vpc', securityGroups: ['a', 'b'] },
      security: { userNamespace: false, seccomp: 'strict', readOnlyRoot: true },
      metadata: { requireToken: true },
      graceMs: 500,
    });
  });

  it('without an address has neither groups nor metadata', () => {
    const spec = specOf('--network', 'none', IMAGE);
    expect(spec.network).toEqual({ mode: 'none' });
    expect(spec).not.toHaveProperty('metadata');
  });

  it.each([
    ['./rootfs', '/work/here/rootfs'],
    ['../rootfs', '/work/rootfs'],
    ['/srv/rootfs', '/srv/rootfs'],
    ['.', '/work/here'],
    ['..', '/work'],
  ])('takes %s for a path', (image, path) => {
    expect(specOf(image).image).toEqual({ kind: 'folder', path });
  });

  it('ends its own options at the image', () => {
    expect(specOf(IMAGE, 'ls', '--', '-l', '--memory').command).toEqual(['ls', '--', '-l', '--memory']);
  });
});

describe('stowage agent', () => {
  it.each([
    [['run'], 'INVALID_USAGE: missing required argument'],
    [['run', '--cpu', 'many', IMAGE], 'INVALID_USAGE'],
    [['run', '--memory', '-1', IMAGE], 'INVALID_USAGE'],
    [['run', '--network', 'bridge', IMAGE], 'INVALID_USAGE'],
    [['run', '--env', '=x', IMAGE], 'INVALID_USAGE'],
    [['run', '--no-such', IMAGE], 'INVALID_USAGE'],
    [['run', '--backend', 'podman', IMAGE], 'INVALID_USAGE'],
    [['run', '--docker-socket', '/x', IMAGE], 'INVALID_USAGE: --docker-socket needs --backend docker'],
    [['run', '--backend', 'docker', '--plain-registry', 'h:1', IMAGE], 'INVALID_USAGE: --plain-registry'],
    [['run', 'busybox'], 'INVALID_TASK_SPEC: image.reference'],
    [['run', '--cpu', '0', IMAGE], 'INVALID_TASK_SPEC: resources.cpuMilli'],
    [['run', '--memory', '0.5', IMAGE], 'INVALID_TASK_SPEC: resources.memoryMiB'],
    [
      ['run', '--network', 'none', '--security-group', 'a', IMAGE],
      'INVALID_TASK_SPEC: network.securityGroups',
    ],
    [['run', '--network', 'none', '--require-token', IMAGE], 'INVALID_TASK_SPEC: metadata'],
    [['run', '--network', 'host', '--bandwidth', '1', IMAGE], 'INVALID_TASK_SPEC: resources.networkMbps'],
    [['features', '--docker-socket', '/x'], 'INVALID_USAGE: --docker-socket'],
  ])('refuses %j with 2, before it touches the host', async (argv, message) => {
    const { exitCode, stdout, stderr } = await runCli(['agent', ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it.each([
    [['run', IMAGE], NOT_RUN],
    [['features'], 1],
  ])('says that %j needs root', async (argv, code) => {
    const getuid = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    onTestFinished(() => getuid.mockRestore());
    const { exitCode, stderr } = await runCli(['agent', ...argv]);
    expect({ exitCode, stderr }).toEqual({
      exitCode: code,
      stderr: 'An agent needs root: call it with sudo.\n',
    });
  });

  it('has help that names the exit codes', async () => {
    const { exitCode, stdout } = await runCli(['agent', 'run', '--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('125 when the task was refused');
  });
});

describe('a task that is shown', () => {
  it('writes where it wrote, and its exit code is that of the call', async () => {
    const world = new World([said('stdout', 'out\n'), said('stderr', 'err\n')], { exitCode: 7 });
    expect(await world.run(false)).toBe(7);
    expect(world.stdout.text).toBe('out\n');
    expect(world.stderr.text).toMatch(/^accepted .*\nerr\nfinished \(failed, exit code 7\)/);
  });

  it('is lines of JSON on standard output alone with --json, the output before the end', async () => {
    const world = new World([said('stdout', 'out\n'), said('stderr', 'err\n')], { exitCode: 0 });
    await world.run(true);
    const lines = world.stdout.text.trim().split('\n');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { type: 'status', state: 'accepted', taskId: 't' },
      { type: 'log', stream: 'stdout', text: 'out\n' },
      { type: 'log', stream: 'stderr', text: 'err\n' },
      { type: 'status', state: 'finished', exitCode: 0 },
    ]);
    expect(world.stderr.text).toBe('');
  });

  it('that never ran ends in 125', async () => {
    expect(await new World([], {}).run(false)).toBe(NOT_RUN);
  });

  it('is not launched after an interrupt', async () => {
    const world = new World([], { exitCode: 0 });
    world.interrupts.times = 1;
    expect(await world.run(false)).toBe(NOT_RUN);
    expect(world.launched).toBe(0);
  });

  it('is asked to end by the first interrupt and ended by the second, and a kill that fails is told', async () => {
    const world = new World([], {}, { until: (kills) => kills.length === 2, killFails: true });
    const running = world.run(false);
    await vi.waitFor(() => expect(world.interrupts.handle).toBeDefined());
    world.interrupts.handle?.(1);
    world.interrupts.handle?.(2);
    await running;
    expect(world.kills).toEqual([{}, { graceMs: 0 }]);
    expect(world.stderr.text).toContain('disk full');
  });

  it('is asked to end once when nobody reads its output any more', async () => {
    const chunks = [said('stdout', 'a'), said('stdout', 'b'), said('stdout', 'c')];
    const world = new World(chunks, { exitCode: 143 }, { stdout: new FailingStream('EPIPE') });
    expect(await world.run(false)).toBe(143);
    expect(world.kills).toEqual([{}]);
  });

  it('whose output cannot be read is shown to its end all the same', async () => {
    const world = new World([], { exitCode: 4 }, { logsFail: true });
    expect(await world.run(false)).toBe(4);
    expect(world.stderr.text).toContain('no such log');
  });

  it('waits for a slow reader instead of keeping all that was written', async () => {
    const slow = new TextStream();
    const held: (() => void)[] = [];
    slow._write = (_chunk: Buffer, _encoding: string, done: () => void) => void held.push(done);
    const chunks = Array.from({ length: 50 }, () => said('stdout', 'x'.repeat(20_000)));
    const world = new World(chunks, { exitCode: 0 }, { stdout: slow });
    const running = world.run(false);
    await vi.waitFor(() => expect(held).not.toHaveLength(0));
    expect(slow.writableLength).toBeLessThan(100_000);
    const release = setInterval(() => held.shift()?.(), 0);
    onTestFinished(() => clearInterval(release));
    expect(await running).toBe(0);
  });
});

describe('a state folder', () => {
  it('that is given is taken from the working folder and kept', async () => {
    const parent = mkdtempSync(join(tmpdir(), 'stowage-test-'));
    onTestFinished(() => rmSync(parent, { recursive: true }));
    const folder = await openStateFolder('state', parent);
    expect(folder.path).toBe(join(parent, 'state'));
    await folder.remove();
    expect(statSync(parent).isDirectory()).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('that was made for the call goes with it', async () => {
    const folder = await openStateFolder(undefined, '/');
    expect(statSync(folder.path).mode & 0o777).toBe(0o711);
    await folder.remove();
    expect(() => statSync(folder.path)).toThrow('ENOENT');
  });
});

it('interrupts that came before somebody handled them count', () => {
  const before = process.listenerCount('SIGTERM');
  const interrupts = new Interrupts();
  process.emit('SIGTERM');
  const seen: number[] = [];
  interrupts.onEach((times) => seen.push(times));
  process.emit('SIGHUP');
  interrupts.dispose();
  expect(seen).toEqual([1, 2]);
  expect(process.listenerCount('SIGTERM')).toBe(before);
});

function said(stream: 'stdout' | 'stderr', text: string): LogChunk {
  return { stream, text, timestampMs: 0 };
}

/** A runtime that says two statuses, between them what the task writes. */
class World {
  readonly stdout: TextStream;
  readonly stderr: TextStream = new TextStream();
  readonly interrupts: {
    times: number;
    handle?: (times: number) => void;
    onEach(handle: (times: number) => void): void;
  } = {
    times: 0,
    onEach(handle) {
      this.handle = handle;
    },
  };
  readonly kills: KillOptions[] = [];
  launched = 0;
  readonly #runtime: TaskRuntime;

  constructor(
    chunks: readonly LogChunk[],
    end: { readonly exitCode?: number },
    how: {
      readonly stdout?: TextStream;
      readonly until?: (kills: readonly KillOptions[]) => boolean;
      readonly killFails?: boolean;
      readonly logsFail?: boolean;
    } = {},
  ) {
    const { stdout = new TextStream(), until = () => true, killFails = false, logsFail = false } = how;
    this.stdout = stdout;
    const status = { taskId: 't', timestampMs: 0, message: 'm' };
    const launch = (): Promise<void> => Promise.resolve(void this.launched++);
    const kill = (_: string, options: KillOptions = {}): Promise<void> => {
      this.kills.push(options);
      return killFails ? Promise.reject(new Error('disk full')) : Promise.resolve();
    };
    const isOver = (): boolean => until(this.kills);
    async function* statuses(): AsyncGenerator<TaskStatus> {
      yield { ...status, sequence: 1, state: 'accepted' };
      while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 1));
      yield { ...status, taskId: 'other', sequence: 2, state: 'finished', reason: 'normal', exitCode: 99 };
      yield { ...status, ...end, sequence: 3, state: 'finished', reason: 'failed' };
    }
    async function* logs(): AsyncGenerator<LogChunk> {
      if (logsFail) throw new Error('no such log');
      for (const chunk of chunks) {
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield chunk;
      }
    }
    this.#runtime = { launch, kill, statuses, logs } as unknown as TaskRuntime;
  }

  async run(json: boolean): Promise<number> {
    const session: Session = {
      context: { stdout: this.stdout, stderr: this.stderr, env: {}, workingFolder: '/', now: Date.now },
      stdout: new Output(this.stdout),
      stderr: new Output(this.stderr),
      argv: [],
      finish: () => undefined,
    };
    return runTask(this.#runtime, specOf(IMAGE), json, session, this.interrupts);
  }
}
