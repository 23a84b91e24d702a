/** Commands beside the first process, by the engine's exec: their ends, their output, and that none outlives its abort. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { LiveContainer } from '../src/contract/container-backend.ts';
import { commandsWith } from './container-commands.ts';
import { never, until, withDocker } from './docker-set-up.ts';

const REMAPPED = {
  security: {
    userNamespace: true,
    seccomp: 'default',
    capabilities: [],
    readOnlyRoot: false,
    noNewPrivileges: true,
  },
} as const;

describe.each([
  ['docker', {}],
  ['dockerRemapped', REMAPPED],
] as const)('%s', (engine, changes) => {
  const docker = withDocker(engine, changes);

  async function launch(id: string): Promise<LiveContainer> {
    const live = await docker.backend.create(docker.shell(id, 'while :; do sleep 0.05; done'), never);
    await docker.backend.start(id, never);
    return live;
  }

  test('exit codes and output are those of the command', async () => {
    await launch('ends');
    const run = (...args: string[]): ReturnType<typeof docker.backend.exec> =>
      docker.backend.exec('ends', args, never);
    expect(await run('sh', '-c', 'echo out; exit 255')).toEqual({ exitCode: 255, output: 'out' });
    expect(await run('sh', '-c', 'kill -9 $$')).toEqual({ exitCode: 137, output: '' });
    expect(await run('echo', '-n', '--', '$HOME', 'a b')).toEqual({ exitCode: 0, output: '-- $HOME a b' });
    const talk = 'dd if=/dev/zero bs=1M count=100 2>/dev/null | tr "\\0" x; printf last';
    expect(await run('sh', '-c', talk)).toEqual({ exitCode: 0, output: `${'x'.repeat(4_092)}last` });
    expect(await run('sh', '-c', 'exec >/dev/null 2>&1; sleep 0.3; exit 6')).toEqual({
      exitCode: 6,
      output: '',
    });
  });

  test('a program that is none, or a container that does not run, is no success', async () => {
    await launch('bad');
    for (const program of ['nosuchcmd', '/etc', '--help']) {
      const end = await docker.backend.exec('bad', [program], never).catch(() => ({ exitCode: 127 }));
      expect([126, 127]).toContain(end.exitCode);
    }
    await expect(docker.backend.exec('none', ['true'], never)).rejects.toThrow('no running container');
    await docker.run(docker.spec('over', ['true']));
    await expect(docker.backend.exec('over', ['true'], never)).rejects.toThrow('no running container');
  });

  test('an abort at any moment ends the command and its group, and nothing but those', async () => {
    const live = await launch('aborted');
    for (let delayMs = 0; delayMs < 120; delayMs += 12) {
      const abort = new AbortController();
      const script = 'trap "" TERM; sleep 987 & sleep 986';
      const executed = docker.backend.exec('aborted', ['sh', '-c', script], abort.signal);
      const outcome = executed.catch((error: unknown) => error);
      await sleep(delayMs);
      abort.abort(new Error('enough'));
      expect(await outcome).toMatchObject({ message: 'enough' });
      expect(await commandsWith('sleep 98', live)).toEqual([]);
    }
    expect(await docker.backend.exec('aborted', ['sh', '-c', 'exit 3'], never)).toMatchObject({
      exitCode: 3,
    });
  });

  test('the end of the container ends its commands', async () => {
    const live = await launch('ended');
    const executed = docker.backend.exec('ended', ['sh', '-c', 'setsid sleep 987 & sleep 986'], never);
    await until(async () => (await commandsWith('sleep 987', live)).length > 0);
    await docker.backend.signal('ended', 'SIGKILL');
    expect(await executed).toMatchObject({ exitCode: 137 });
    expect(await docker.backend.wait('ended', never)).toMatchObject({ exitCode: 137 });
  });
});
