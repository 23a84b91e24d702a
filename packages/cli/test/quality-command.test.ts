import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { QUALITY_SUITES } from '@stowage/simulator';
import { FailingStream, runCli, TextStream } from './run-cli.ts';
import { newFolder } from './trace-fixture.ts';

const folders: string[] = [];

function folder(): string {
  const made = newFolder();
  folders.push(made);
  return made;
}

afterAll(() => {
  for (const made of folders) rmSync(made, { recursive: true });
});

const BURST = ['quality', '--smoke', '--suite', 'failover-burst'];

describe('stowage quality', () => {
  it('prints checks and tables and writes the report', async () => {
    const workingFolder = folder();
    const { exitCode, stdout, stderr } = await runCli(BURST, { workingFolder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Suite failover-burst\n');
    expect(stdout).toMatch(/all containers are placed +750 +=? ?= 750 +target +holds/);
    expect(stdout).toMatch(/^containers placed +750 +750 +750$/m);
    const file = join(workingFolder, 'stowage-quality.html');
    expect(stdout).toContain(`Report: ${file}\n`);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('stowage quality --smoke --suite failover-burst');
    expect(html).toContain('4 of 4 checks hold.');
    expect(html).toContain('<svg class="plot"');
  });

  it('writes lines of JSON and no report with --json', async () => {
    const workingFolder = folder();
    const { exitCode, stdout } = await runCli([...BURST, '--json'], { workingFolder });
    expect(exitCode).toBe(0);
    const lines = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find((line) => line['check'] !== undefined)).toEqual({
      suite: 'failover-burst',
      check: 'Titus failover packing: all containers are placed',
      kind: 'target',
      value: 750,
      relation: 'equal',
      reference: 750,
      tolerance: 0,
      holds: true,
    });
    expect(lines.find((line) => line['case'] === 'containers refused')).toMatchObject({ value: 0 });
    expect(readdirSync(workingFolder)).toEqual([]);
  });

  it('writes a report with --json --report', async () => {
    const workingFolder = folder();
    const { stderr } = await runCli([...BURST, '--json', '--report', 'q.html'], { workingFolder });
    expect(existsSync(join(workingFolder, 'q.html'))).toBe(true);
    expect(stderr).toContain(`Report: ${join(workingFolder, 'q.html')}\n`);
  });

  it('shows progress where somebody looks on, and leaves nothing of it', async () => {
    let now = 0;
    const stderr = new TextStream(true);
    await runCli([...BURST, '--no-report'], { stderr, now: () => (now += 1_000) });
    expect(stderr.text).toContain('failover-burst  spreading goes on, normal operation');
    expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('stops when nobody reads its results any more', async () => {
    const stdout = new FailingStream('EPIPE');
    let now = 0;
    const { exitCode } = await runCli([...BURST, '--no-report'], { stdout, now: () => (now += 10_000) });
    expect(exitCode).toBe(0);
  });
});

describe('without data', () => {
  const lacking = QUALITY_SUITES.filter(({ needsData }) => needsData);

  it.each(lacking.map(({ name }) => name))('%s is refused when it is asked for', async (name) => {
    const { exitCode, stdout, stderr } = await runCli(['quality', '--suite', name]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toBe(`INVALID_USAGE: ${name} runs on public data; give its folder with --data.\n`);
  });
});

it('keeps what was found before a suite fails', async () => {
  const workingFolder = folder();
  const { exitCode, stdout, stderr } = await runCli(
    ['quality', '--smoke', '--suite', 'failover-burst,elastic,failover-burst', '--data', '.'],
    { workingFolder },
  );
  expect(exitCode).toBe(2);
  expect(stderr).toContain('TRACE_NOT_FOUND');
  expect(stdout.match(/^Suite /gm)).toHaveLength(1);
  expect(readFileSync(join(workingFolder, 'stowage-quality.html'), 'utf8')).toContain('4 of 4 checks hold.');
});

describe('a wrong call', () => {
  it.each([
    [['quality', '--suite', 'no-such'], 'there is no suite "no-such"; use one of'],
    [['quality', '--suite', ''], 'there is no suite ""'],
    [['quality', '--data', ''], 'INVALID_USAGE'],
    [[...BURST, '--data', 'no-such-folder'], 'TRACE_NOT_FOUND'],
    [['quality', '--no-such'], 'INVALID_USAGE'],
    [[...BURST, '--report', 'no-such-folder/r.html'], 'REPORT_NOT_WRITABLE'],
  ])('%j ends with 2 and says why', async (argv, message) => {
    const { exitCode, stdout, stderr } = await runCli(argv, { workingFolder: folder() });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});
