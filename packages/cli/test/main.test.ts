import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FailingStream, runCli, TextStream } from './run-cli.ts';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

describe('main', () => {
  it('prints help and version on standard output', async () => {
    const help = await runCli(['--help']);
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    expect(help.stdout).toContain('replay');
    expect(await runCli(['--version'])).toEqual({ exitCode: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('documents options and exit codes of replay', async () => {
    const { exitCode, stdout, stderr } = await runCli(['replay', '--help']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const option of ['trace', 'workload', 'policy', 'seed', 'expected', 'json', 'report', 'no-report']) {
      expect(stdout).toContain(`--${option}`);
    }
    expect(stdout).toContain('Exit codes:');
  });

  it('shows the help on standard error when no command is given', async () => {
    const { exitCode, stdout, stderr } = await runCli([]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain('Usage: stowage');
  });

  it.each([
    [['fly'], "unknown command 'fly'"],
    [['reply'], 'Did you mean replay?'],
    [['replay', '--polcy', 'fgd'], 'Did you mean --policy?'],
    [['replay', 'extra'], 'too many arguments'],
    [['replay', '--trace'], 'argument missing'],
    [['replay', '--seed', '4x2'], '"4x2" is not an integer'],
    [['replay', '--seed', '-1'], '"-1" is not an integer'],
    [['replay', '--seed', '99999999999'], 'is not an integer from 0 to'],
    [['replay', '--policy', 'fgd,'], 'A name is empty'],
  ])('answers %j with one line and exit code 2', async (argv, message) => {
    const { exitCode, stdout, stderr } = await runCli(argv);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toMatch(/^INVALID_USAGE: [^\n]*\n$/);
    expect(stderr).toContain(message);
  });

  it('says nothing when the reader has left', async () => {
    const stdout = new FailingStream('EPIPE');
    expect(await runCli(['--help'], { stdout })).toEqual({ exitCode: 0, stdout: '', stderr: '' });
    expect(await runCli(['fly'], { stderr: new FailingStream('EPIPE') })).toMatchObject({ exitCode: 2 });
  });

  it('reports output that cannot be written', async () => {
    const { exitCode, stderr } = await runCli(['--help'], { stdout: new FailingStream('ENOSPC') });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^OUTPUT_FAILED: write ENOSPC/);
  });

  it('leaves no listener on the streams', async () => {
    const stdout = new TextStream();
    await runCli(['--version'], { stdout });
    expect(stdout.listenerCount('error')).toBe(0);
  });
});
