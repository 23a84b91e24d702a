/**
 * How long it takes from the order to a running process: the agent with runc, the agent with a Docker engine, and
 * `docker run` itself, on the same image, in the same run, in turns, so that a busy moment of the machine hits all.
 *
 * First one at a time, then eight in flight. Needs root and the packages of `npm run test:linux`; starts a registry and
 * engines of its own and removes them. One JSON line per contender with `--json`.
 */
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { type HostAgent, openAgent, removeAgent } from '@stowage/agent-runtime';
import type { TaskSpec } from '@stowage/protocol';
import {
  type LinuxServices,
  startServices,
} from '../../packages/agent-runtime/test-linux/support/services.ts';
import { machine } from '../machine.ts';

const HELP = `Usage: npm run bench:agent -- [--rounds <n>] [--batch <n>] [--json] [--help]

  --rounds <n>  launches of each contender, one at a time (default 40)
  --batch <n>   launches of each contender with eight in flight (default 80)
  --json        one JSON object a line
`;
const IN_FLIGHT = 8;

interface Contender {
  readonly name: string;
  /** Resolves when the process of the container runs. */
  launch(id: string): Promise<void>;
  /** Ends and removes it. */
  remove(id: string): Promise<void>;
  close(): Promise<void>;
}

interface Figures {
  readonly contender: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly launches: number;
  /** With eight in flight. */
  readonly p50BusyMs: number;
  readonly p99BusyMs: number;
  readonly perSecond: number;
  readonly launchesBusy: number;
}

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '40' },
    batch: { type: 'string', default: '80' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) process.stdout.write(HELP);
else await compare(Number(values.rounds), Number(values.batch));

async function compare(rounds: number, batch: number): Promise<void> {
  const { services, stop } = await startServices();
  const contenders: Contender[] = [];
  try {
    contenders.push(
      await agentContender('agent, runc', services, { kind: 'runc', plainRegistries: [services.registry] }),
      await agentContender(
        'agent, runc, address',
        services,
        { kind: 'runc', plainRegistries: [services.registry] },
        { network: { mode: 'vpc', securityGroups: ['all'] } },
      ),
      await agentContender('agent, docker', services, {
        kind: 'docker',
        socketPath: services.dockerRemapped,
      }),
      dockerRun(services),
    );
    for (const contender of contenders) await life(contender, 'warm-up');
    const single = new Map<Contender, number[]>(contenders.map((contender) => [contender, []]));
    for (let round = 0; round < rounds; round += 1) {
      for (const contender of contenders) single.get(contender)!.push(await life(contender, `one-${round}`));
      progress(`one at a time: ${round + 1} of ${rounds}`);
    }
    for (const contender of contenders) {
      progress(`${IN_FLIGHT} in flight: ${contender.name}`);
      const { timesMs, perSecond } = await inFlight(contender, batch);
      report({
        contender: contender.name,
        p50Ms: quantile(single.get(contender)!, 0.5),
        p99Ms: quantile(single.get(contender)!, 0.99),
        launches: rounds,
        p50BusyMs: quantile(timesMs, 0.5),
        p99BusyMs: quantile(timesMs, 0.99),
        perSecond,
        launchesBusy: batch,
      });
    }
    const { cpu, cores, node } = machine();
    progress(`${cores} cores of ${cpu}, Node ${node}`);
  } finally {
    for (const contender of contenders) await contender.close();
    await stop();
  }
}

async function life(contender: Contender, id: string): Promise<number> {
  const start = performance.now();
  await contender.launch(id);
  const elapsed = performance.now() - start;
  await contender.remove(id);
  return elapsed;
}

/** Whole lives, so that the rate is one that can be kept up. */
async function inFlight(
  contender: Contender,
  batch: number,
): Promise<{ readonly timesMs: readonly number[]; readonly perSecond: number }> {
  const timesMs: number[] = [];
  let next = 0;
  const start = performance.now();
  await Promise.all(
    Array.from({ length: IN_FLIGHT }, async () => {
      while (next < batch) timesMs.push(await life(contender, `busy-${next++}`));
    }),
  );
  return { timesMs, perSecond: batch / ((performance.now() - start) / 1000) };
}

async function agentContender(
  name: string,
  { busybox }: LinuxServices,
  backend: Parameters<typeof openAgent>[0]['backend'],
  more: Partial<TaskSpec> = {},
): Promise<Contender> {
  const stateFolder = mkdtempSync(join(tmpdir(), 'stowage-bench-'));
  chmodSync(stateFolder, 0o711);
  const setup = {
    stateFolder,
    backend,
    network: { kind: 'local' as const, securityGroups: [{ id: 'all', ingress: [] }] },
  };
  const agent = await openAgent(setup);
  const waitFor = statesOf(agent);
  return {
    name,
    async launch(id) {
      await agent.launch({
        taskId: id,
        image: { kind: 'registry', reference: busybox.digest },
        command: ['sleep', '1000'],
        resources: { cpuMilli: 100, memoryMiB: 32 },
        ...more,
      });
      await waitFor(id, 'started');
    },
    async remove(id) {
      await agent.kill(id, { graceMs: 0 });
      await waitFor(id, 'finished');
      await agent.forget(id);
    },
    async close() {
      await agent.close();
      await removeAgent(setup);
      rmSync(stateFolder, { recursive: true, force: true });
    },
  };
}

/** Waits for a state of a task; a task that finishes without it fails the run. */
function statesOf(agent: HostAgent): (taskId: string, state: string) => Promise<void> {
  const said = new Map<string, Set<string>>();
  const waiting = new Map<
    string,
    { readonly resolve: () => void; readonly reject: (error: Error) => void }
  >();
  void (async () => {
    for await (const { taskId, state, message } of agent.statuses()) {
      said.set(taskId, (said.get(taskId) ?? new Set()).add(state));
      waiting.get(`${taskId} ${state}`)?.resolve();
      if (state === 'finished') waiting.get(`${taskId} started`)?.reject(new Error(message));
    }
  })();
  return async (taskId, state) => {
    if (said.get(taskId)?.has(state)) return;
    await new Promise<void>((resolve, reject) => waiting.set(`${taskId} ${state}`, { resolve, reject }));
  };
}

/** As a shell user would, on an engine without remapping of users. */
function dockerRun({ docker, busybox }: LinuxServices): Contender {
  const call = (...args: string[]): Promise<unknown> =>
    promisify(execFile)('docker', ['--host', `unix://${docker}`, ...args]);
  const limits = ['--memory', '32m', '--cpu-shares', '102', '--pids-limit', '1000'];
  return {
    name: 'docker run',
    launch: async (id) => {
      const options = ['--detach', '--name', id, '--network', 'none', ...limits];
      await call('run', ...options, busybox.digest, 'sleep', '1000');
    },
    remove: async (id) => {
      await call('rm', '--force', id);
    },
    close: () => Promise.resolve(),
  };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
}

function report(figures: Figures): void {
  if (values.json) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    return;
  }
  const ms = (time: number): string => `${time.toFixed(0)} ms`;
  process.stdout.write(
    `${figures.contender.padEnd(22)} ${ms(figures.p50Ms).padStart(8)} p50 ${ms(figures.p99Ms).padStart(8)} p99; ` +
      `${IN_FLIGHT} in flight ${ms(figures.p50BusyMs).padStart(8)} p50 ${ms(figures.p99BusyMs).padStart(8)} p99 ` +
      `${figures.perSecond.toFixed(1).padStart(6)} lives a second\n`,
  );
}

function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}
