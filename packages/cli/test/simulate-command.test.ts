import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { CELL_SCENARIOS } from '@stowage/simulator';
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

const SMALL = ['simulate', 'crash-looping-job', '--scale', '0.05'];

function jsonLines(text: string): Record<string, unknown>[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('stowage simulate', () => {
  it('lists the scenarios when none is named', async () => {
    const { exitCode, stdout, stderr } = await runCli(['simulate']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    for (const { name, title } of CELL_SCENARIOS)
      expect(stdout).toMatch(new RegExp(`^${name} +${title}$`, 'm'));
    const listed = await runCli(['simulate', '--json']);
    expect(jsonLines(listed.stdout)).toEqual(
      CELL_SCENARIOS.map(({ name, title, description }) => ({ name, title, description })),
    );
  });

  it('prints tables and writes the report', async () => {
    const workingFolder = folder();
    const { exitCode, stdout, stderr } = await runCli(SMALL, { workingFolder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Scenario crash-looping-job: A crash-looping job among healthy ones\n');
    expect(stdout).toMatch(/^jobs submitted +11$/m);
    expect(stdout).toMatch(/^crash-looping-job, seed 42: [\d,]+ events in [\d.]+ s, trace [0-9a-f]{64}$/m);
    const file = join(workingFolder, 'stowage-simulation.html');
    expect(stdout).toContain(`Report: ${file}\n`);
    const html = readFileSync(file, 'utf8');
    expect(html).toContain('stowage simulate crash-looping-job --scale 0.05');
    expect(html).toContain('<svg class="plot"');
  });

  it('writes a line of JSON per run and no report with --json', async () => {
    const workingFolder = folder();
    const argv = ['simulate', 'regional-failover', '--scale', '0.01', '--seed', '7', '--json'];
    const { exitCode, stdout, stderr } = await runCli(argv, { workingFolder });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    const lines = jsonLines(stdout);
    expect(lines.map((line) => line['run'])).toEqual(['spreading throughout', 'switch to packing']);
    for (const line of lines) {
      expect(line).toMatchObject({ scenario: 'regional-failover', seed: 7, scale: 0.01 });
      expect(line['milestones']).toHaveLength(4);
      expect(line).toHaveProperty('objectives.service.startMs.p99');
      expect(line['wallSeconds']).toBeGreaterThan(0);
    }
    expect(readdirSync(workingFolder)).toEqual([]);
  });

  it('gives equal traces for equal seeds, others for other seeds', async () => {
    const hashOf = async (seed: string): Promise<unknown> => {
      const { stdout } = await runCli(['simulate', 'busy-day', '--scale', '0.001', '--json', '--seed', seed]);
      return (jsonLines(stdout)[0]['trace'] as { hash: string }).hash;
    };
    const [first, again, other] = [await hashOf('1'), await hashOf('1'), await hashOf('2')];
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  it('writes every event to the file of --trace, and finds no contradiction with --check', async () => {
    const workingFolder = folder();
    const argv = [...SMALL, '--json', '--check', '--trace', 't.jsonl', '--report', 'r.html'];
    const { exitCode, stdout, stderr } = await runCli(argv, { workingFolder });
    expect(exitCode).toBe(0);
    const [head, ...events] = jsonLines(readFileSync(join(workingFolder, 't.jsonl'), 'utf8'));
    expect(head).toEqual({ run: 'crash-looping-job', seed: 42 });
    expect(events).toHaveLength((jsonLines(stdout)[0]['trace'] as { events: number }).events);
    expect(events.at(-1)!['atMs']).toBeLessThanOrEqual(240 * 60_000);
    expect(stderr).toContain(`Trace: ${join(workingFolder, 't.jsonl')}\n`);
    expect(stderr).toContain(`Report: ${join(workingFolder, 'r.html')}\n`);
  });

  it('shows progress with virtual and remaining time where somebody looks on, and leaves nothing of it', async () => {
    let now = 0;
    const stderr = new TextStream(true);
    const argv = ['simulate', 'regional-failover', '--scale', '0.01', '--no-report'];
    await runCli(argv, { stderr, now: () => (now += 1_000) });
    expect(stderr.text).toMatch(/left {2}run 2 of 2 {2}switch to packing {2}00:30 of 00:50/);
    expect(stderr.text.endsWith('\r\u001b[K')).toBe(true);
  });

  it('stops when nobody reads its results any more', async () => {
    const stdout = new FailingStream('EPIPE');
    const argv = ['simulate', 'regional-failover', '--scale', '0.01', '--json'];
    const { exitCode } = await runCli(argv, { stdout });
    expect({ exitCode, text: stdout.text }).toEqual({ exitCode: 0, text: '' });
  });
});

describe('a wrong call', () => {
  const names = CELL_SCENARIOS.map(({ name }) => name).join(', ');

  it.each([
    [['simulate', 'no-such'], `INVALID_USAGE: there is no scenario "no-such"; use one of ${names}.\n`],
    [['simulate', 'busy-day', 'busy-day'], 'INVALID_USAGE'],
    [['simulate', '--no-such'], 'INVALID_USAGE'],
    [[...SMALL, '--seed', '-1'], 'INVALID_USAGE'],
    [[...SMALL, '--seed', '1.5'], 'INVALID_USAGE'],
    [['simulate', 'busy-day', '--scale', '0'], 'is not a number above 0 and at most 4.'],
    [['simulate', 'busy-day', '--scale', '4.1'], 'INVALID_USAGE'],
    [['simulate', 'busy-day', '--scale', 'NaN'], 'INVALID_USAGE'],
    [[...SMALL, '--report', 'no-such-folder/r.html'], 'REPORT_NOT_WRITABLE'],
    [[...SMALL, '--trace', 'no-such-folder/t.jsonl'], 'choose another file with --trace.'],
  ])('%j ends with 2 and says why', async (argv, message) => {
    const { exitCode, stdout, stderr } = await runCli(argv, { workingFolder: folder() });
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
    expect(stderr).toContain(message);
  });

  it('says so when the disk of the trace is full', async () => {
    const { exitCode, stderr } = await runCli([...SMALL, '--json', '--trace', '/dev/full']);
    expect(exitCode).toBe(2);
    expect(stderr).toContain('cannot write /dev/full (ENOSPC); choose another file with --trace.');
  });

  it('leaves no report and no trace where a folder stands in the way', async () => {
    const workingFolder = folder();
    mkdirSync(join(workingFolder, 'taken'));
    const { exitCode, stderr } = await runCli([...SMALL, '--trace', 'taken'], { workingFolder });
    expect(exitCode).toBe(2);
    expect(stderr).toContain('REPORT_NOT_WRITABLE');
    expect(readdirSync(workingFolder)).toEqual(['taken']);
  });
});
