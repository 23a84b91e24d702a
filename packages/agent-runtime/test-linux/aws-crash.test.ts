/**
 * The agent process is killed with SIGKILL at random moments while it attaches interfaces, assigns and gives back
 * addresses of a fake EC2, which itself fails now and then. Nothing is lost, and nothing is left over.
 */
import { randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { TaskSpec } from '@stowage/protocol';
import { expect, onTestFinished, test, vi } from 'vitest';
import { openAgent } from '../src/index.ts';
import type { Fault } from '../test/aws/fake-aws/fake-aws-server.ts';
import { AwsWorld } from './aws-world.ts';
import { AgentUnderFire } from './support/agent-under-fire.ts';
import { shellTask } from './support/test-agent.ts';

const STRIKES = 5;
const FAULTS: readonly Fault[] = ['throttle', 'reset-after', 'error-before'];

test(`${STRIKES} times kill -9 while EC2 changes`, { timeout: 300_000 }, async () => {
  const world = await AwsWorld.open(10);
  onTestFinished(() => world.close());
  const agent = new AgentUnderFire(world.setup);
  onTestFinished(() => agent.strike());
  const { web, db } = world.groups;
  let calls = 0;
  world.fake.faultFor = () => (++calls % 11 === 0 ? FAULTS[(calls / 11) % FAULTS.length] : undefined);
  const moments = Array.from({ length: STRIKES }, () => randomInt(3_000));
  console.error(`killed ${moments.join(', ')} ms after orders`);

  const tasks: TaskSpec[] = [];
  await agent.start();
  for (const [round, moment] of moments.entries()) {
    for (const [name, group, script] of [
      ['short', web, 'sleep 0.3'],
      ['long', db, 'trap "exit 0" TERM; while :; do sleep 0.05; done'],
      ['later', web, 'sleep 2'],
    ]) {
      const task = shellTask(`aws-${round}-${name}`, script, {
        network: { mode: 'vpc', securityGroups: [group] },
      });
      tasks.push(task);
      agent.launch(task);
    }
    if (round > 0) agent.kill(`aws-${round - 1}-long`);
    await delay(moment);
    await agent.strike();
    await agent.start();
  }
  const last = `aws-${STRIKES - 1}-long`;
  await agent.until('the last task runs', () => agent.statesOf(last).includes('started'));
  const { address } = agent.statuses.find(({ taskId, state }) => taskId === last && state === 'started')!;
  const holder = world.interfaces().find(({ addresses }) => addresses.includes(address!));
  expect(holder?.groups).toEqual([db]);
  expect(await world.routedAddresses()).toContain(address);
  agent.kill(last);

  const isFinished = ({ taskId }: TaskSpec): boolean => agent.statesOf(taskId).at(-1) === 'finished';
  await agent.until('all tasks have finished', () => tasks.every(isFinished), 120_000);
  for (const { taskId } of tasks) {
    const { reason, message } = agent.statuses.filter((status) => status.taskId === taskId).at(-1)!;
    // Of a task that was just being started nothing may be known; what matters here is that its network goes.
    const ends = taskId.endsWith('long') ? ['killed', 'lost'] : ['normal', 'lost'];
    expect(ends, `${taskId}: ${message}`).toContain(reason);
    if (reason === 'lost') console.error(`${taskId}: ${message}`);
  }
  world.fake.faultFor = () => undefined;
  const primary = (): string[] =>
    world
      .interfaces()
      .map(({ addresses }) => addresses[0])
      .sort();
  await vi.waitFor(
    async () => {
      expect(
        world
          .interfaces()
          .flatMap(({ addresses }) => addresses)
          .sort(),
      ).toEqual(primary());
      expect(await world.routedAddresses()).toEqual(primary());
    },
    { timeout: 60_000, interval: 300 },
  );
  expect(world.interfaces().filter(({ attachment }) => attachment === undefined)).toEqual([]);
  await agent.strike();
  const final = await openAgent(world.setup);
  expect(final.liveTasks()).toEqual([]);
  await final.close();
});
