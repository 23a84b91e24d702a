/** A container's life on a real engine: gate, start, signals, exit, lack of memory, logs, removal, restart of the agent. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { InvalidContainerError, UnavailableError } from '../src/contract/container-backend.ts';
import { never, until, withDocker } from './docker-set-up.ts';

const docker = withDocker('docker');

describe('launch gate', () => {
  test('no code of the user runs before start', async () => {
    const live = await docker.backend.create(docker.shell('held', 'echo ran; sleep 100; true'), never);
    await delay(500);
    expect(await docker.output('held')).toBe('');
    expect(readFileSync(`/proc/${live.pid}/cmdline`, 'utf8')).toContain('/.stowage/busybox');
    expect(await docker.backend.list()).toMatchObject([{ id: 'held', state: 'created', live }]);
    await docker.backend.start('held', never);
    await docker.untilTold('held', 'ran');
    // The same process: the gate has become the user's command.
    expect(readFileSync(`/proc/${live.pid}/cmdline`, 'utf8')).toBe('sh\0-c\0echo ran; sleep 100; true\0');
    expect(await docker.backend.list()).toMatchObject([{ id: 'held', state: 'running', live }]);
  });

  test('start may be repeated, also by another agent process', async () => {
    await docker.backend.create(docker.shell('twice', 'echo ran; sleep 100; true'), never);
    const other = docker.newBackend();
    await Promise.all([docker.backend.start('twice', never), other.start('twice', never)]);
    await other.start('twice', never);
    await other.close();
    await docker.untilTold('twice', 'ran');
    expect(await docker.output('twice')).toBe('ran\n');
  });

  test('create may be repeated until the command is started, not after', async () => {
    const spec = docker.shell('again', 'echo $WHICH; sleep 100');
    await docker.backend.create({ ...spec, environment: { PATH: '/bin', WHICH: 'first' } }, never);
    await docker.backend.create({ ...spec, environment: { PATH: '/bin', WHICH: 'second' } }, never);
    await docker.backend.start('again', never);
    await docker.untilTold('again', 'second');
    await expect(docker.backend.create(spec, never)).rejects.toThrow('already has a container');
    expect(await docker.output('again')).toBe('second\n');
  });

  test('environment, arguments and descriptors are exactly those asked for', async () => {
    const environment = {
      PATH: '/bin',
      'dotted.name': "it's",
      PWD: '/elsewhere',
      TEXT: 'two words\nand a line',
      EMPTY: '',
    };
    const spec = docker.spec('exact', ['env', '-0'], { environment });
    await docker.run(spec);
    const entries = (await docker.output('exact')).split('\0').filter((entry) => entry.trim() !== '');
    expect(entries.sort()).toEqual(
      [...Object.entries({ ...environment, FROM_IMAGE: 'yes', HOSTNAME: 'exact', HOME: '/' })]
        .map(([name, value]) => `${name}=${value}`)
        .sort(),
    );
    const plain = await docker.told(
      'plain',
      'env | sort; ls /proc/self/fd | wc -l; cat /proc/1/cmdline; true',
    );
    // Three and the folder that ls reads; PWD and SHLVL are of the user's own shell.
    expect(plain.replaceAll('\0', ' ')).toBe(
      'FROM_IMAGE=yes\nHOME=/\nHOSTNAME=plain\nPATH=/bin\nPWD=/\nSHLVL=1\n4\n' +
        'sh -c env | sort; ls /proc/self/fd | wc -l; cat /proc/1/cmdline; true ',
    );
  });

  test("runs the image's program and not an applet of the gate", async () => {
    // The image's own busybox links do not have this name, and the gate's busybox does not look like it.
    const link = docker.shell('own', 'cp /bin/busybox /tmp/wget; exec /tmp/wget echo from-image');
    await docker.run(link);
    const environment = { PATH: '/nowhere:/tmp' };
    const failing = docker.spec('applet', ['wget'], { environment });
    await docker.backend.create(failing, never);
    await expect(docker.backend.start('applet', never)).rejects.toThrow(InvalidContainerError);
  });

  test('works read-only, without capabilities, as another user, in an odd folder', async () => {
    const told = await docker.told('tight', 'id -u; id -g; pwd; touch /x 2>&1', {
      user: '1234:55',
      workingDirectory: '/tmp',
      security: {
        userNamespace: false,
        seccomp: 'strict',
        capabilities: [],
        readOnlyRoot: true,
        noNewPrivileges: true,
      },
    });
    expect(told).toBe('1234\n55\n/tmp\ntouch: /x: Read-only file system\n');
  });
});

describe('commands that cannot be executed', () => {
  test.each([
    ['missing', ['nosuchprogram'], 127],
    ['missing with its path', ['/bin/nosuchprogram', 'x'], 127],
    ['a folder', ['/bin'], 126],
    ['not executable', ['/etc/passwd'], 126],
  ])('%s', async (what, args, exitCode) => {
    const id = what.replaceAll(' ', '-');
    await docker.backend.create(docker.spec(id, args), never);
    await expect(docker.backend.start(id, never)).rejects.toThrow(InvalidContainerError);
    expect(await docker.backend.wait(id, never)).toEqual({ exitCode, outOfMemory: false });
  });

  test.each([126, 127])("a user's own exit %i is none", async (code) => {
    expect(await docker.run(docker.shell(`own-${code}`, `exit ${code}`))).toEqual({
      exitCode: code,
      outOfMemory: false,
    });
  });

  test.each([
    ['user', { user: 'nobody-here' }],
    ['working folder', { workingDirectory: '/etc/passwd' }],
    ['mount', { mounts: [{ kind: 'bind', source: '/no/such/folder', target: '/mnt', readOnly: true }] }],
    ['limit', { limits: [{ name: 'nofile', soft: 10, hard: 5 }] }],
    ['memory', { memoryBytes: 1024 }],
    ['signal', { stopSignal: 'SIGNONSENSE' }],
    ['variable', { environment: { stowage_gate_path: 'x' } }],
  ] as const)('a bad %s is refused by create', async (what, changes) => {
    const spec = docker.spec(`bad-${what.split(' ')[0].toLowerCase()}`, ['true'], changes);
    await expect(docker.backend.create(spec, never)).rejects.toThrow(InvalidContainerError);
  });
});

test('a CPU or a limit that this host does not have is another matter', async () => {
  const cpu = { shares: 100, periodMicros: 100_000, cpus: [4_000] };
  await expect(docker.backend.create(docker.spec('cpu', ['true'], { cpu }), never)).rejects.toThrow(
    UnavailableError,
  );
  // Above the kernel's own maximum, so that no capability helps.
  const limits = [{ name: 'nofile', soft: 2_000_000_000, hard: 2_000_000_000 }] as const;
  await expect(docker.backend.create(docker.spec('limit', ['true'], { limits }), never)).rejects.toThrow(
    UnavailableError,
  );
});

describe('exit', () => {
  test.each([0, 1, 7, 255])('code %i', async (code) => {
    expect(await docker.run(docker.shell(`exit-${code}`, `exit ${code}`))).toEqual({
      exitCode: code,
      outOfMemory: false,
    });
  });

  test('a signal that the command handles, and one that ends it', async () => {
    const { backend } = docker;
    await backend.create(
      docker.shell('term', 'trap "echo got; exit 9" TERM; echo up; while :; do sleep 0.05; done'),
      never,
    );
    await backend.start('term', never);
    await docker.untilTold('term', 'up');
    await backend.signal('term', 'SIGTERM');
    expect(await backend.wait('term', never)).toEqual({ exitCode: 9, outOfMemory: false });
    expect(await docker.output('term')).toBe('up\ngot\n');
    await backend.signal('term', 'SIGTERM');
    await backend.signal('never-there', 'SIGTERM');

    await backend.create(docker.spec('kill', ['sleep', '1000']), never);
    await backend.start('kill', never);
    const exit = backend.wait('kill', never);
    await backend.signal('kill', 'SIGKILL');
    expect(await exit).toEqual({ exitCode: 137, outOfMemory: false });
    // A second reader learns it too, also in another agent process.
    const other = docker.newBackend();
    expect(await other.wait('kill', never)).toEqual({ exitCode: 137, outOfMemory: false });
    await other.close();
    const self = docker.shell('self', 'sh -c "kill -TERM \\$\\$"; exit $?');
    expect(await docker.run(self)).toEqual({ exitCode: 143, outOfMemory: false });
  });

  test('lack of memory of the command, of a child only, and none', async () => {
    const memoryBytes = 8 * 1024 * 1024;
    const eat = 'tail /dev/zero';
    expect(await docker.run(docker.spec('oom-main', ['tail', '/dev/zero'], { memoryBytes }))).toEqual({
      exitCode: 137,
      outOfMemory: true,
    });
    expect(await docker.run(docker.shell('oom-child', `${eat}; exit 0`, { memoryBytes }))).toEqual({
      exitCode: 0,
      outOfMemory: true,
    });
    expect(await docker.run(docker.shell('killed', 'kill -9 $$; sh -c "kill -9 \\$\\$"; exit 137'))).toEqual({
      exitCode: 137,
      outOfMemory: false,
    });
    const found = await docker.newBackend().list();
    const exits = found.map((each) => [each.id, each.state === 'exited' && each.exit.outOfMemory]);
    expect(Object.fromEntries(exits)).toEqual({ 'oom-main': true, 'oom-child': true, killed: false });
  });

  test('waiting for what is gone or was never there ends without a code; abort ends it too', async () => {
    expect(await docker.backend.wait('nothing', never)).toEqual({ outOfMemory: false });
    await docker.backend.create(docker.spec('waits', ['sleep', '1000']), never);
    await docker.backend.start('waits', never);
    const controller = new AbortController();
    const aborted = docker.backend.wait('waits', controller.signal);
    const removed = docker.backend.wait('waits', never);
    controller.abort(new Error('enough'));
    await expect(aborted).rejects.toThrow('enough');
    await docker.backend.remove('waits');
    expect((await removed).outOfMemory).toBe(false);
  });
});

describe('logs', () => {
  test('streams, tail, follow; the same after removal; gone after removeLogs', async () => {
    const script = 'for i in 1 2 3; do echo out $i; echo err $i >&2; sleep 0.05; done; printf end';
    await docker.backend.create(docker.shell('log', script), never);
    const followed = docker.output('log', { follow: true });
    const followedErrors = docker.output('log', { follow: true, stream: 'stderr' });
    await docker.backend.start('log', never);
    const all = 'out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nend';
    expect((await followed).split('\n').sort()).toEqual(all.split('\n').sort());
    expect(await followedErrors).toBe('err 1\nerr 2\nerr 3\n');
    const views = async (): Promise<string[]> =>
      Promise.all([
        docker.output('log', { stream: 'stdout' }),
        docker.output('log', { stream: 'stderr', tailLines: 2 }),
        docker.output('log', { tailLines: 1 }),
        docker.output('log', { follow: true, stream: 'stdout' }),
      ]);
    const before = await views();
    expect(before).toEqual(['out 1\nout 2\nout 3\nend', 'err 2\nerr 3\n', 'end', 'out 1\nout 2\nout 3\nend']);
    await docker.backend.remove('log');
    expect(await views()).toEqual(before);
    await docker.backend.remove('log');
    expect(await views()).toEqual(before);
    await docker.backend.removeLogs('log');
    await docker.backend.removeLogs('log');
    expect(await docker.output('log')).toBe('');
    expect(docker.names('logs')).toEqual([]);
  });

  test('long lines, bytes that are no text, characters across pieces', async () => {
    const line = 'é'.repeat(30_000);
    const script = `yes é | head -n 30000 | tr -d "\\n"; echo; printf 'a\\377b\\n'`;
    expect(await docker.told('long', script)).toBe(`${line}\na\ufffdb\n`);
    await docker.backend.remove('long');
    expect(await docker.output('long')).toBe(`${line}\na\ufffdb\n`);
  });

  test('a follower of a container that is killed and removed gets every line once', async () => {
    const { backend } = docker;
    await backend.create(docker.shell('fast', 'i=0; while :; do echo $i; i=$((i+1)); done'), never);
    await backend.start('fast', never);
    let text = '';
    const reading = (async () => {
      for await (const chunk of backend.logs('fast', { follow: true })) {
        text += chunk.text;
        if (text.length < 20_000) await delay(1);
      }
    })();
    await until(() => text.length > 5_000);
    await backend.remove('fast');
    await reading;
    const numbers = text.trim().split('\n').map(Number);
    expect(numbers.slice(0, 100)).toEqual(Array.from({ length: 100 }, (_, index) => index));
    const steps = numbers.slice(1).map((number, index) => number - numbers[index]);
    // Where the engine has rotated faster than it was read there are gaps, but nothing comes twice.
    expect(steps.every((step) => step >= 1)).toBe(true);
  });

  test('rotation bounds what is kept', async () => {
    const script = 'i=0; while [ $i -lt 20000 ]; do echo line $i; i=$((i+1)); done';
    const logs = { maxFileBytes: 100_000, maxFiles: 2 };
    const told = await docker.told('much', script, { logs });
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(200_000);
    expect(told.endsWith('line 19999\n')).toBe(true);
    await docker.backend.remove('much');
    expect(await docker.output('much')).toBe(told);
  });
});

describe('removal', () => {
  test('of nothing, repeatedly, of a held, a running and an ended container, by another agent process', async () => {
    const { backend } = docker;
    await backend.remove('never-there');
    const held = await backend.create(docker.spec('held', ['sleep', '1000']), never);
    const running = await backend.create(docker.spec('running', ['sleep', '1000']), never);
    await backend.start('running', never);
    await docker.run(docker.shell('ended', 'exit 3'));
    const other = docker.newBackend();
    await Promise.all(['held', 'running', 'ended', 'running'].map((id) => other.remove(id)));
    for (const id of ['held', 'running', 'ended']) await other.remove(id);
    expect(await backend.list()).toEqual([]);
    for (const { pid, cgroups } of [held, running]) {
      expect(existsSync(`/proc/${pid}`)).toBe(false);
      expect(Object.values(cgroups.controllers).filter((folder) => existsSync(folder))).toEqual([]);
    }
    await other.close();
  });

  test('what an aborted create has begun is removed, whenever it was aborted', async () => {
    for (const delayMs of [0, 5, 20, 50, 100, 200, 400]) {
      const controller = new AbortController();
      const creation = docker.backend.create(docker.spec('aborted', ['sleep', '9']), controller.signal);
      const outcome = creation.catch((error: unknown) => error);
      await delay(delayMs);
      controller.abort(new Error('aborted'));
      await outcome;
      await docker.backend.remove('aborted');
      expect(await docker.backend.list()).toEqual([]);
    }
  });

  test('an agent that dies in the middle of create leaves what the next one finds and removes', async () => {
    const states = new Set<string>();
    for (const delayMs of [10, 40, 80, 150, 300, 500]) {
      const dying = docker.newBackend();
      const creation = dying
        .create(docker.spec('orphan', ['sleep', '9']), never)
        .catch((error: unknown) => error);
      await delay(delayMs);
      // To the engine it is the same as a killed process: all connections break.
      await dying.close();
      await creation;
      const next = docker.newBackend();
      // The engine carries out what it has begun.
      await delay(1_500);
      for (const { id, state } of await next.list()) {
        states.add(`${id} ${state}`);
        await next.remove(id);
      }
      expect(await next.list()).toEqual([]);
      await next.close();
    }
    expect([...states].every((state) => ['orphan remains', 'orphan created'].includes(state))).toBe(true);
    expect(states.size).toBeGreaterThan(0);
  });

  test('a container of the same name that is not ours is left alone', async () => {
    const stranger = docker.newBackend();
    await stranger.create(docker.spec('mine', ['sleep', '1000']), never);
    const other = new (await import('../src/docker/docker-backend.ts')).DockerBackend({
      stateFolder: join(docker.folder, 'other'),
      owner: 'other',
      socketPath: docker.socketPath,
    });
    await other.remove('mine');
    expect(await other.list()).toEqual([]);
    await other.close();
    await stranger.close();
    expect(await docker.backend.list()).toMatchObject([{ id: 'mine', state: 'created' }]);
  });

  test('20 at a time, half of them killed, nothing left', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `many-${index}`);
    const exits = await Promise.all(
      ids.map(async (id, index) => {
        const isKilled = index % 2 === 0;
        const live = await docker.backend.create(
          docker.shell(id, isKilled ? 'sleep 1000' : `exit ${index}`),
          never,
        );
        await docker.backend.start(id, never);
        if (isKilled) await docker.backend.signal(id, 'SIGKILL');
        const exit = await docker.backend.wait(id, never);
        await docker.backend.remove(id);
        return { live, exit };
      }),
    );
    expect(exits.map(({ exit }) => exit.exitCode)).toEqual(
      ids.map((_, index) => (index % 2 === 0 ? 137 : index)),
    );
    expect(exits.every(({ exit }) => !exit.outOfMemory)).toBe(true);
    const left = exits.flatMap(({ live }) => [
      `/proc/${live.pid}`,
      ...Object.values(live.cgroups.controllers),
    ]);
    expect(left.filter((path) => existsSync(path))).toEqual([]);
  });
});
