/**
 * How fast the job state machines are and how much memory a live task costs. Whole lives of tasks over many jobs, the
 * jobs in turns, so that no job stays in the processor's caches. A transition is one change of a task's state that is
 * stored; the placing, the news of the agent and the wake-ups of replacements that cause them are what is timed.
 *
 * Effects are looked at as a driver would, to answer them, and are not carried out: storing and queueing are other
 * benchmarks. One JSON line per figure with `--json`.
 */
import { parseArgs } from 'node:util';
import {
  createJob,
  defaultJobPolicy,
  type JobEvent,
  type JobSpec,
  type JobSpecBase,
  type JobState,
  stepJob,
  taskAt,
  type TaskRef,
} from '@stowage/jobs';
import { machine } from '../machine.ts';

const HELP = `Usage: node --expose-gc --conditions=@stowage/source --import tsx benchmarks/jobs/state-machine.ts [options]

  --jobs <n>    jobs of each run; memory is measured with ten times as many (default 100)
  --tasks <n>   tasks of each job (default 1000)
  --rounds <n>  lives of each task of a service (default 2)
  --json        one JSON object a line
  --help        this text
`;

interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

const REPETITIONS = 5;
const POLICY = defaultJobPolicy({ maxNotStarted: 10_000 });

function run(jobs: number, tasks: number, rounds: number): void {
  const { cpu, cores, node } = machine();
  if (!values.json)
    process.stdout.write(`${jobs} jobs of ${tasks} tasks; ${cores} cores of ${cpu}, Node ${node}\n`);
  new Fleet(Math.min(jobs, 50), batch(tasks)).liveOnce();
  report(...rates('batch lives', () => new Fleet(jobs, batch(tasks)), 1));
  report(...rates('service lives', () => new Fleet(jobs, service(tasks)), rounds));
  report(memory(10 * jobs, tasks));
}

/** Many jobs, and a clock that every event moves. */
class Fleet {
  readonly states: JobState[];
  transitions = 0;
  #nowMs = 1_700_000_000_000;

  constructor(jobs: number, spec: JobSpec) {
    this.states = Array.from(
      { length: jobs },
      (_, job) => createJob(spec, id(job), this.#nowMs, POLICY).state,
    );
  }

  /** Every task that is accepted comes to be started. */
  start(): void {
    this.#all((task, turn) => ({
      kind: 'placed',
      task,
      placement: { agentId: `agent-${turn % 7000}`, zone: 'a' },
    }));
    this.#all((task) => ({ kind: 'task-status', task, state: 'start-initiated' }));
    this.#all((task) => ({ kind: 'task-status', task, state: 'started' }));
  }

  /** From accepted to finished, and to the replacement of what is replaced. */
  liveOnce(): void {
    this.start();
    this.#all((task) => ({ kind: 'task-status', task, state: 'finished', reason: 'normal', exitCode: 0 }));
    this.#nowMs += POLICY.crashLoopMaxDelayMs;
    this.#all((task) => ({ kind: 'wake', task }));
  }

  /** One event to every task there is now, job after job and in each one task at a time. */
  #all(eventFor: (task: TaskRef, turn: number) => JobEvent): void {
    const most = this.states.reduce((max, { slots }) => Math.max(max, slots.length), 0);
    for (let index = 0; index < most; index++) {
      for (let job = 0; job < this.states.length; job++) {
        const task = taskAt(this.states[job].slots, index);
        if (task === undefined) continue;
        this.#step(job, eventFor({ index, taskId: task.id }, index * this.states.length + job));
      }
    }
  }

  #step(job: number, event: JobEvent): void {
    const { state, effects } = stepJob(this.states[job], event, this.#nowMs++, POLICY);
    this.states[job] = state;
    const [first] = effects;
    if (first?.kind === 'persist') this.transitions += first.tasks.length;
  }
}

/** The median and the best of some fleets: the machine may be shared. */
function rates(name: string, makeFleet: () => Fleet, rounds: number): Figure[] {
  const perSecond = Array.from({ length: REPETITIONS }, () => {
    const fleet = makeFleet();
    const startMs = performance.now();
    for (let round = 0; round < rounds; round++) fleet.liveOnce();
    return fleet.transitions / ((performance.now() - startMs) / 1000);
  }).sort((a, b) => a - b);
  const unit = 'transitions a second';
  return [
    { name: `${name}, median of ${REPETITIONS}`, value: Math.round(perSecond[REPETITIONS >> 1]), unit },
    { name: `${name}, best`, value: Math.round(perSecond[REPETITIONS - 1]), unit },
  ];
}

/** Of started tasks, with all that their job and its slots hold. */
function memory(jobs: number, tasks: number): Figure {
  const before = heapBytes();
  const fleet = new Fleet(jobs, service(tasks));
  fleet.start();
  const bytes = heapBytes() - before;
  const live = fleet.states.reduce((sum, { counts }) => sum + counts.started, 0);
  return { name: `memory, ${live} started tasks`, value: Math.round(bytes / live), unit: 'bytes a task' };
}

function heapBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run node with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

function report(...figures: readonly Figure[]): void {
  for (const { name, value, unit } of figures) {
    if (values.json) process.stdout.write(`${JSON.stringify({ name, value, unit })}\n`);
    else process.stdout.write(`${name.padEnd(36)} ${value.toLocaleString('en').padStart(12)} ${unit}\n`);
  }
}

function id(job: number): string {
  return `5f8f1c1e-0000-4000-8000-${String(job).padStart(12, '0')}`;
}

function batch(size: number): JobSpec {
  return {
    ...base(),
    kind: 'batch',
    size,
    runtimeLimitMs: 3_600_000,
    retryOnRuntimeLimit: false,
    retryPolicy: { kind: 'immediate', retries: 1 },
  };
}

function service(desired: number): JobSpec {
  return {
    ...base(),
    kind: 'service',
    capacity: { min: 0, desired, max: desired },
    enabled: true,
    processes: { disableIncreaseDesired: false, disableDecreaseDesired: false },
    retryPolicy: { kind: 'exponential', initialDelayMs: 1000, maxDelayMs: 60_000, retries: 0 },
  };
}

function base(): JobSpecBase {
  return {
    owner: { teamEmail: 'team@example.com' },
    applicationName: 'app',
    capacityGroup: 'DEFAULT',
    jobGroup: { stack: '', detail: '', sequence: '' },
    attributes: {},
    container: {
      image: { name: 'app', tag: 'latest' },
      resources: { cpuMilli: 1000, gpu: 0, memoryMiB: 512, diskMiB: 10_000, networkMbps: 128, shmMiB: 64 },
      environment: {},
      attributes: {},
      securityGroups: [],
      iamRole: '',
      hardConstraints: {},
      softConstraints: {},
      graceMs: 10_000,
    },
    disruptionBudget: {
      policy: { kind: 'selfManaged', relocationTimeMs: 60_000 },
      rate: { kind: 'unlimited' },
      timeWindows: [],
      healthProviders: [],
    },
  };
}

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: '100' },
    tasks: { type: 'string', default: '1000' },
    rounds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else run(Number(values.jobs), Number(values.tasks), Number(values.rounds));
