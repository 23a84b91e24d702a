/** The order of the pool's choices, one example each. What holds always is in the property tests. */
import { beforeEach, expect, test, vi } from 'vitest';
import { UnavailableError } from '../../src/contract/container-backend.ts';
import { InterfacePool } from '../../src/network/interface-pool.ts';
import { FakeVpc } from './fake-vpc.ts';
import { VirtualClock } from './virtual-clock.ts';

const signal = new AbortController().signal;
let clock: VirtualClock;
let vpc: FakeVpc;
let pool: InterfacePool;

beforeEach(() => {
  clock = new VirtualClock();
  vpc = new FakeVpc(clock, { interfaces: 2, addressesPerInterface: 10, lagMs: 0, latencyMs: 0 });
  pool = new InterfacePool(vpc, { clock });
});

const acquire = (taskId: string, ...groups: string[]): Promise<string> =>
  pool.acquire(taskId, groups, signal).then(({ interfaceId }) => interfaceId);

test('the first task has the primary address, the next ones come in batches of four', async () => {
  const assign = vi.spyOn(vpc, 'assignAddresses');
  for (const taskId of ['a', 'b', 'c', 'd', 'e']) await acquire(taskId, 'sg-1');
  expect(assign.mock.calls.map(([, count]) => count)).toEqual([4]);
  await acquire('f', 'sg-1');
  expect(assign.mock.calls.map(([, count]) => count)).toEqual([4, 4]);
  for (const taskId of ['g', 'h', 'i', 'j']) await acquire(taskId, 'sg-1');
  expect(assign.mock.calls.map(([, count]) => count)).toEqual([4, 4, 1]);
});

test('when many tasks wait, all that fits is asked for, and they share it', async () => {
  await acquire('first', 'sg-1');
  const assign = vi.spyOn(vpc, 'assignAddresses');
  await Promise.all(Array.from({ length: 8 }, (_, n) => acquire(`t${n}`, 'sg-1')));
  expect(assign.mock.calls.map(([, count]) => count)).toEqual([9]);
});

test('tasks that come together on an empty host share one interface, and leave the other to others', async () => {
  const ids = await Promise.all(Array.from({ length: 10 }, (_, n) => acquire(`t${n}`, 'sg-1')));
  expect(new Set(ids).size).toBe(1);
  expect(vpc.calls.filter((call) => call !== 'interfaces')).toEqual(['attach', 'assignAddresses']);
  expect(await acquire('other', 'sg-2')).not.toBe(ids[0]);
});

test('the more used interface is filled first, so that the other one runs empty', async () => {
  const ids = [];
  for (let n = 0; n < 12; n += 1) ids.push(await acquire(`t${n}`, 'sg-1'));
  expect(ids[11]).not.toBe(ids[0]);
  pool.release('t11');
  pool.release('t3');
  expect(await acquire('next', 'sg-1')).toBe(ids[0]);
});

test('an idle interface is rewritten before a slot is taken; one in use is not touched', async () => {
  const first = await acquire('a', 'sg-1');
  pool.release('a');
  expect(await acquire('b', 'sg-2')).toBe(first);
  expect(vpc.state[0]).toMatchObject({ securityGroups: ['sg-2'] });
  expect(await acquire('c', 'sg-3')).not.toBe(first);
  await expect(acquire('d', 'sg-4')).rejects.toThrow(UnavailableError);
  await expect(acquire('d', 'sg-4')).rejects.toThrow(
    /in use by other security groups: slot 1 \[sg-2\] has 1 tasks/,
  );
  pool.release('c');
  expect(await acquire('d', 'sg-4')).not.toBe(first);
});

test('the order of groups does not matter', async () => {
  const first = await acquire('a', 'sg-2', 'sg-1');
  expect(await acquire('b', 'sg-1', 'sg-2', 'sg-1')).toBe(first);
  expect(vpc.state).toHaveLength(1);
});

test('what the cloud refuses three times is told to those who wait, and the next task tries anew', async () => {
  vi.spyOn(vpc, 'attach')
    .mockRejectedValueOnce(new Error('1'))
    .mockRejectedValueOnce(new Error('2'))
    .mockRejectedValueOnce(new Error('3'));
  const failed = expect(acquire('a', 'sg-1')).rejects.toThrow('3');
  await clock.advance(10_000);
  await failed;
  await acquire('b', 'sg-1');
});

test('a subnet without addresses is not asked over and over', async () => {
  vpc = new FakeVpc(clock, {
    interfaces: 1,
    addressesPerInterface: 10,
    lagMs: 0,
    latencyMs: 0,
    addresses: 2,
  });
  pool = new InterfacePool(vpc, { clock });
  await acquire('a', 'sg-1');
  await acquire('b', 'sg-1');
  const asked = vpc.calls.length;
  for (let n = 0; n < 5; n += 1) await expect(acquire('c', 'sg-1')).rejects.toThrow(UnavailableError);
  expect(vpc.calls).toHaveLength(asked);
});

test('a task that comes while addresses are given back gets a new one', async () => {
  vpc = new FakeVpc(clock, { interfaces: 1, addressesPerInterface: 3, lagMs: 5_000, latencyMs: 500 });
  // Reads show what was five seconds ago.
  vpc.random = () => 0.999;
  await clock.advance(5_000);
  pool = new InterfacePool(vpc, { clock, batch: 2 });
  const first = ['a', 'b', 'c'].map((taskId) => acquire(taskId, 'sg-1'));
  await clock.advance(10_000);
  await Promise.all(first);
  for (const taskId of ['b', 'c']) pool.release(taskId);
  await clock.advance(200_000);
  const collected = pool.collect();
  await clock.advance(600);
  expect(vpc.calls.at(-1)).toBe('unassignAddresses');
  const during = acquire('d', 'sg-1');
  await clock.advance(2_000);
  await collected;
  await during;
  const after = acquire('e', 'sg-1');
  await clock.advance(2_000);
  await after;
  expect(vpc.violations).toEqual([]);
});

test('a task that no longer waits takes nothing', async () => {
  const abort = new AbortController();
  const waiting = pool.acquire('a', ['sg-1'], abort.signal);
  abort.abort(new Error('killed'));
  await expect(waiting).rejects.toThrow('killed');
  const released = expect(acquire('b', 'sg-1')).rejects.toThrow('TASK_RELEASED');
  pool.release('b');
  await released;
  const closed = expect(acquire('c', 'sg-1')).rejects.toThrow('AGENT_CLOSED');
  pool.close();
  await closed;
  await expect(acquire('d', 'sg-1')).rejects.toThrow('AGENT_CLOSED');
  expect(['a', 'b', 'c', 'd'].map((taskId) => pool.assignmentOf(taskId))).toEqual(Array(4).fill(undefined));
});
