import { AGENT_FEATURES, type FeatureReport, type TaskState, type TaskStatus } from '@stowage/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CpuState } from '../../src/cpu/cpu-facility.ts';
import { AgentMetrics } from '../../src/metrics/agent-metrics.ts';
import type { LiveTask } from '../../src/metrics/container-metrics.ts';
import { type ContainerUsage, USAGE_NUMBERS } from '../../src/metrics/usage-numbers.ts';
import { type Family, parseExposition } from './exposition.ts';

const PREFIX = 'stowage_agent_';

const live = (taskId: string, jobId?: string): LiveTask => ({
  taskId,
  pid: 1,
  cgroups: { version: 2, controllers: {} },
  ...(jobId !== undefined && { jobId }),
});

const metricsOf = (
  tasks: () => readonly LiveTask[] = () => [],
  usage: (taskId: string) => ContainerUsage = () => ({}),
): AgentMetrics =>
  new AgentMetrics({
    liveTasks: tasks,
    readUsage: async (task) => usage((task as LiveTask).taskId),
  });

const read = async (metrics: AgentMetrics): Promise<ReadonlyMap<string, Family>> =>
  parseExposition(await metrics.text());

const valueOf = (
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
  suffix = '',
): number | undefined =>
  families
    .get(PREFIX + name)
    ?.samples.find(
      (each) =>
        each.name === PREFIX + name + suffix && JSON.stringify(each.labels) === JSON.stringify(labels),
    )?.value;

const status = (
  taskId: string,
  state: TaskState,
  timestampMs: number,
  more: Partial<TaskStatus> = {},
): TaskStatus => ({
  taskId,
  sequence: 1,
  state,
  timestampMs,
  message: '',
  ...more,
});

describe('AgentMetrics', () => {
  it('counts the life of tasks', async () => {
    const metrics = metricsOf();
    metrics.said(status('a', 'accepted', 1_000));
    metrics.said(status('b', 'accepted', 1_000));
    metrics.said(status('a', 'started', 1_400));
    // The clock was set back; the task was accepted before the agent's restart.
    metrics.said(status('b', 'started', 10));
    metrics.said(status('c', 'started', 10));
    metrics.said(status('a', 'finished', 2_000, { reason: 'out-of-memory' }));
    // Nothing is kept of a task that has started.
    metrics.said(status('a', 'started', 3_000));
    metrics.stepFinished('a', 'pull', 250, true);
    metrics.stepFinished('b', 'pull', 250, false);
    metrics.cleanUpFailed('a', 'remove');
    metrics.adopted('c', 'watched');
    metrics.reaped();
    metrics.troubled();
    metrics.orphansHeld(['x', 'y']);
    // Only new ones are told.
    metrics.orphansHeld(['z']);
    const families = await read(metrics);
    expect(valueOf(families, 'task_statuses_total', { state: 'accepted' })).toBe(2);
    expect(valueOf(families, 'task_statuses_total', { state: 'kill-initiated' })).toBe(0);
    expect(valueOf(families, 'tasks_finished_total', { reason: 'out-of-memory' })).toBe(1);
    expect(valueOf(families, 'tasks_finished_total', { reason: 'normal' })).toBe(0);
    expect(valueOf(families, 'task_start_seconds', {}, '_count')).toBe(2);
    expect(valueOf(families, 'task_start_seconds', {}, '_sum')).toBeCloseTo(0.4);
    expect(valueOf(families, 'step_seconds', { step: 'pull', result: 'failed' }, '_count')).toBe(1);
    expect(valueOf(families, 'clean_up_failures_total', { step: 'remove' })).toBe(1);
    expect(valueOf(families, 'adoptions_total', { outcome: 'watched' })).toBe(1);
    expect(valueOf(families, 'adoptions_total', { outcome: 'lost' })).toBe(0);
    expect(valueOf(families, 'orphans_reaped_total')).toBe(1);
    expect(valueOf(families, 'orphans_held_total')).toBe(3);
    expect(valueOf(families, 'troubles_total')).toBe(1);
    expect(metrics.contentType).toMatch(/^text\/plain/);
  });

  it('is fenced while any source holds a fence', async () => {
    const metrics = metricsOf();
    const steps: readonly [() => void, number][] = [
      [() => metrics.unfenced('health'), 0],
      [() => metrics.fenced('health'), 1],
      [() => metrics.fenced('operator'), 1],
      [() => metrics.unfenced('health'), 1],
      [() => metrics.unfenced('operator'), 0],
    ];
    for (const [step, expected] of steps) {
      step();
      expect(valueOf(await read(metrics), 'fenced')).toBe(expected);
    }
  });

  it('shows only checks that fail now, and one level per feature', async () => {
    const metrics = metricsOf();
    const reason = (check: string) => ({ check, message: 'm', sinceMs: 0, fences: false });
    const report = (level: 'enforced' | 'emulated'): FeatureReport =>
      Object.fromEntries(
        Object.keys(AGENT_FEATURES).map((name) => [name, { level, detail: '' }]),
      ) as unknown as FeatureReport;
    metrics.setHealth({ state: 'degraded', sinceMs: 0, reasons: [reason('disk'), reason('clock')] });
    metrics.setFeatures(report('emulated'));
    metrics.setHealth({ state: 'degraded', sinceMs: 0, reasons: [reason('clock')] });
    metrics.setFeatures(report('enforced'));
    const families = await read(metrics);
    expect(families.get(`${PREFIX}health_check_failing`)?.samples.map(({ labels }) => labels)).toEqual([
      { check: 'clock' },
    ]);
    const features = families.get(`${PREFIX}feature`)!.samples;
    expect(features).toHaveLength(Object.keys(AGENT_FEATURES).length);
    expect(new Set(features.map(({ labels }) => labels.level))).toEqual(new Set(['enforced']));
  });

  it('has exactly the series of live containers, with the numbers that are known', async () => {
    const usages = fc.dictionary(fc.constantFrom(...USAGE_NUMBERS), fc.nat(), { maxKeys: 5 });
    const rounds = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c"\\\n', 'd'), usages), {
      maxLength: 4,
    });
    await fc.assert(
      fc.asyncProperty(rounds, async (history) => {
        let now: Readonly<Record<string, ContainerUsage>> = {};
        const metrics = metricsOf(
          () => Object.keys(now).map((taskId) => live(taskId, 'job')),
          (taskId) => now[taskId],
        );
        for (const round of history) {
          now = round;
          const families = await read(metrics);
          expect(valueOf(families, 'containers')).toBe(Object.keys(round).length);
          const shown = [...families]
            .filter(([name]) => name.startsWith(`${PREFIX}container_`))
            .flatMap(([, { samples }]) => samples.filter(({ labels }) => labels.task_id !== undefined));
          const values = Object.entries(round).flatMap(([taskId, usage]) =>
            Object.values(usage).map((value) => `${taskId} job ${value}`),
          );
          expect(
            shown.map(({ labels, value }) => `${labels.task_id} ${labels.job_id} ${value}`).sort(),
          ).toEqual(values.sort());
        }
      }),
      { numRuns: 25 },
    );
  });

  it('names counters by the rules and tells their type', async () => {
    const all = Object.fromEntries(USAGE_NUMBERS.map((name, at) => [name, at + 0.5]));
    const families = await read(
      metricsOf(
        () => [live('t')],
        () => all,
      ),
    );
    for (const [name, { type, help, samples }] of families) {
      expect(name.startsWith(PREFIX)).toBe(true);
      expect(help).not.toBe('');
      expect(type === 'counter').toBe(name.endsWith('_total'));
      for (const { labels } of samples) if (labels.task_id !== undefined) expect(labels.job_id).toBe('');
    }
    expect(valueOf(families, 'container_cpu_seconds_total', { task_id: 't', job_id: '' })).toBe(
      USAGE_NUMBERS.indexOf('cpuSeconds') + 0.5,
    );
  });

  it('gives everyone who asks at the same time one answer, and survives a container that cannot be read', async () => {
    let reads = 0;
    const metrics = new AgentMetrics({
      liveTasks: () => [live('good'), live('bad')],
      readUsage: async (task) => {
        reads += 1;
        if ((task as LiveTask).taskId === 'bad') throw new Error('EACCES');
        return { processes: 3 };
      },
    });
    const [one, two] = await Promise.all([metrics.text(), metrics.text()]);
    expect(one).toBe(two);
    expect(reads).toBe(2);
    const families = parseExposition(one);
    expect(valueOf(families, 'container_processes', { task_id: 'good', job_id: '' })).toBe(3);
    expect(valueOf(families, 'container_reads_failed_total')).toBe(1);
    expect(valueOf(await read(metrics), 'container_reads_failed_total')).toBe(2);
  });
});

describe('numbers of facilities', () => {
  const CPU: CpuState = {
    placement: {
      own: new Map([
        ['a', [2, 3]],
        ['b', [4]],
      ]),
      pool: [0, 1],
    },
    crossPackage: 1,
    sharedCores: 2,
    unserved: ['a'],
    movedCpus: 4,
    cpusetWrites: 5,
    failedWrites: 6,
    repairedCpusets: 7,
    reviews: 8,
    improvements: 9,
    failedReviews: 10,
  };

  it('are told as they are now, each under a name of its own', async () => {
    let cpu = CPU;
    let counters = { requests: 11, strangers: 12, overLimit: 13, failures: 14 };
    let failing = ['a'];
    const metrics = new AgentMetrics({
      liveTasks: () => [live('a', 'j'), live('b')],
      readUsage: async () => ({}),
      facilities: {
        cpu: { state: () => cpu },
        metadata: {
          get counters() {
            return counters;
          },
          credentialFailure: (taskId) => (failing.includes(taskId) ? new Error('denied') : undefined),
        },
      },
    });
    const told = async (): Promise<Record<string, number>> => {
      const families = await read(metrics);
      const names = [...families.keys()].filter((name) =>
        /^stowage_agent_(cpu|metadata|container_credentials)/.test(name),
      );
      return Object.fromEntries(
        names.flatMap((name) => families.get(name)!.samples.map(({ value }) => [name, value])),
      );
    };
    const first = await told();
    expect(first).toEqual({
      stowage_agent_cpu_owned: 3,
      stowage_agent_cpu_cross_package_tasks: 1,
      stowage_agent_cpu_shared_cores: 2,
      stowage_agent_cpu_unserved_tasks: 1,
      stowage_agent_cpu_moved_total: 4,
      stowage_agent_cpuset_writes_total: 5,
      stowage_agent_cpuset_write_failures_total: 6,
      stowage_agent_cpuset_repairs_total: 7,
      stowage_agent_cpu_reviews_total: 8,
      stowage_agent_cpu_improvements_total: 9,
      stowage_agent_cpu_review_failures_total: 10,
      stowage_agent_metadata_requests_total: 11,
      stowage_agent_metadata_strangers_total: 12,
      stowage_agent_metadata_over_limit_total: 13,
      stowage_agent_metadata_failures_total: 14,
      stowage_agent_container_credentials_failing: 1,
    });
    const families = await read(metrics);
    for (const name of Object.keys(first))
      expect(families.get(name)!.type, name).toBe(name.endsWith('_total') ? 'counter' : 'gauge');
    expect(valueOf(families, 'container_credentials_failing', { task_id: 'a', job_id: 'j' })).toBe(1);

    cpu = { ...CPU, placement: { own: new Map(), pool: [0] }, unserved: [], reviews: 20 };
    counters = { ...counters, requests: 30 };
    failing = ['gone'];
    const second = await told();
    expect(second).toMatchObject({
      stowage_agent_cpu_owned: 0,
      stowage_agent_cpu_unserved_tasks: 0,
      stowage_agent_cpu_reviews_total: 20,
      stowage_agent_metadata_requests_total: 30,
    });
    expect(second).not.toHaveProperty('stowage_agent_container_credentials_failing');
  });

  it('are absent where there are no such facilities', async () => {
    expect(await metricsOf().text()).not.toMatch(/stowage_agent_(cpu|metadata|container_credentials)/);
  });
});
