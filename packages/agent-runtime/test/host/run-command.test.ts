import { describe, expect, it } from 'vitest';
import { CommandError, runCommand } from '../../src/host/run-command.ts';

const node = process.execPath;
const failure = async (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

function killLeft(pid: string): void {
  expect(Number(pid)).toBeGreaterThan(1);
  process.kill(Number(pid), 'SIGKILL');
}

describe('runCommand', () => {
  it('collects output, passes input, environment and folder', async () => {
    const script = 'process.stdin.pipe(process.stdout); console.error(process.env.STW_WORD, process.cwd())';
    const { stdout, stderr } = await runCommand(node, ['-e', script], {
      input: 'in',
      env: { STW_WORD: 'word' },
      workingFolder: '/',
    });
    expect(stdout).toBe('in');
    expect(stderr).toBe('word /\n');
  });

  it('survives a program that does not read its input', async () => {
    const { stdout } = await runCommand(node, ['-e', 'process.stdin.destroy(); console.log(1)'], {
      input: 'x'.repeat(1_000_000),
    });
    expect(stdout).toBe('1\n');
  });

  it('tells the exit code and what was said', async () => {
    const error = await failure(runCommand(node, ['-e', 'console.error("no"); process.exit(3)']));
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: 3, stderr: 'no\n' });
    expect(String(error)).toContain('failed with exit code 3: no');
  });

  it('tells of a program that is not there', async () => {
    const error = await failure(runCommand('/nonexistent/stw', []));
    expect(error).toBeInstanceOf(CommandError);
    expect(error).toMatchObject({ exitCode: undefined });
    expect(String(error)).toContain('could not be started');
  });

  it('ends a program after its time', async () => {
    const error = await failure(runCommand(node, ['-e', 'setInterval(() => 0, 1000)'], { timeoutMs: 50 }));
    expect(String(error)).toContain('did not end within 50 ms');
  });

  it('waits for no program that was left behind with the pipes', async () => {
    const leave = (then: string): string =>
      `const { spawn } = require('child_process');
       const child = spawn(process.execPath, ['-e', 'setTimeout(() => 0, 20_000)'], { stdio: 'inherit', detached: true });
       console.log(child.pid); child.unref(); ${then}`;
    const { stdout } = await runCommand(node, ['-e', leave('')]);
    killLeft(stdout);
    const slow = leave('console.error(child.pid); setInterval(() => 0, 1000)');
    const error = await failure(runCommand(node, ['-e', slow], { timeoutMs: 3_000 }));
    expect(String(error)).toContain('did not end within 3000 ms');
    killLeft((error as CommandError).stderr);
  });

  it('loses no output while this process is busy', async () => {
    const script = 'process.stdout.write("x".repeat(60_000)); process.stdout.write("y".repeat(500_000))';
    const running = runCommand(node, ['-e', script]);
    const lock = new Int32Array(new SharedArrayBuffer(4));
    for (let round = 0; round < 3; round++) {
      Atomics.wait(lock, 0, 0, 700);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect((await running).stdout).toHaveLength(560_000);
  });

  it('tells of a program that was ended by a signal', async () => {
    const error = await failure(runCommand(node, ['-e', 'process.kill(process.pid, "SIGTERM")']));
    expect(String(error)).toContain('SIGTERM');
  });

  it('ends a program when the caller aborts, and starts none after that', async () => {
    const controller = new AbortController();
    const running = failure(
      runCommand(node, ['-e', 'setInterval(() => 0, 1000)'], { signal: controller.signal }),
    );
    controller.abort(new Error('enough'));
    expect(String(await running)).toContain('enough');
    expect(String(await failure(runCommand(node, ['-e', ''], { signal: controller.signal })))).toContain(
      'enough',
    );
  });
});
