/**
 * What agents report about themselves, and how plug-ins see it.
 */
import { beforeEach, expect, test } from 'vitest';
import { type FitnessCalculator, NO_SIGNAL, Scheduler } from '../src/index.ts';

let scheduler: Scheduler;

beforeEach(() => {
  scheduler = new Scheduler({ agentCapacity: 1 });
  for (const id of ['a', 'b']) scheduler.addAgent({ id, resources: { cpu: 1 } });
});

const signal = (name: string) => [...scheduler.engine.cluster.signal(name).slice(0, 2)];

test('signals are unknown until they are reported, and can become so again', () => {
  expect(signal('heat')).toEqual([NO_SIGNAL, NO_SIGNAL]);
  scheduler.reportAgent('b', { signals: { heat: 0, load: 2 ** 31 - 1 } });
  scheduler.reportAgent('b', { signals: { load: 7 } });
  expect([signal('heat'), signal('load')]).toEqual([
    [-1, 0],
    [-1, 7],
  ]);
  scheduler.reportAgent('b', { signals: { heat: NO_SIGNAL } });
  expect(signal('heat')).toEqual([-1, -1]);
  for (const id of ['c', 'd']) scheduler.addAgent({ id, resources: {} });
  expect([...scheduler.engine.cluster.signal('load').slice(0, 4)]).toEqual([-1, 7, -1, -1]);
});

test('items at hand are replaced kind by kind', () => {
  const { cluster } = scheduler.engine;
  const has = (kind: string, item: string) => cluster.cached(kind).has(0, cluster.cached(kind).idOf(item));
  scheduler.reportAgent('a', { cached: { image: ['x', 'y', 'y'], group: ['x'] } });
  expect([has('image', 'x'), has('image', 'y'), has('image', 'z'), has('group', 'x')]).toEqual([
    true,
    true,
    false,
    true,
  ]);
  expect([cluster.cached('image').countOf(0), cluster.cached('image').countOf(1)]).toEqual([2, 0]);
  scheduler.reportAgent('a', { cached: { image: ['z'] } });
  expect([has('image', 'x'), has('image', 'z'), has('group', 'x')]).toEqual([false, true, true]);
  scheduler.reportAgent('a', { cached: { group: [] } });
  expect([has('group', 'x'), cluster.cached('group').countOf(0)]).toEqual([false, 0]);
});

test('an update keeps what was reported, a removal forgets it', () => {
  scheduler.reportAgent('a', { lent: { cpu: 1 }, signals: { heat: 1 }, cached: { image: ['x'] } });
  scheduler.updateAgent({ id: 'a', resources: { cpu: 2 } });
  const lent = () =>
    scheduler.explain({ resources: {}, opportunistic: { cpu: 3 }, agent: scheduler.agents()[0] });
  expect([signal('heat')[0], lent().feasible]).toEqual([1, 1]);
  scheduler.removeAgent('a');
  scheduler.addAgent({ id: 'c', resources: { cpu: 2 } });
  expect([signal('heat')[0], lent().feasible, scheduler.engine.cluster.cached('image').countOf(0)]).toEqual([
    -1, 0, 0,
  ]);
});

test('what cannot be counted together is refused', () => {
  scheduler.addAgent({ id: 'c', resources: { memory: 2 ** 31 - 1 } });
  expect(() => scheduler.reportAgent('c', { lent: { memory: 1 } })).toThrow('QUANTITY_OVERFLOW');
  scheduler.resizeAgent('c', { memory: 2 ** 31 - 2 });
  scheduler.reportAgent('c', { lent: { memory: 1 } });
  expect(() => scheduler.resizeAgent('c', { memory: 2 ** 31 - 1 })).toThrow('QUANTITY_OVERFLOW');
  expect(() => scheduler.updateAgent({ id: 'c', resources: { memory: 2 ** 31 - 1 } })).toThrow(
    'QUANTITY_OVERFLOW',
  );
});

test('a fitness that declares its agent sees every report at the next decision', () => {
  const coolest: FitnessCalculator = {
    name: 'coolest, with the image',
    dependsOn: 'agent',
    bind(cluster) {
      const heat = cluster.signal('heat');
      const images = cluster.cached('image');
      const wanted = images.idOf('x');
      return {
        scoreInto(rows, count, scores) {
          for (let i = 0; i < count; i++) scores[i] = (images.has(rows[i], wanted) ? 100 : 0) - heat[rows[i]];
        },
      };
    },
  };
  scheduler.useFitness(coolest);
  let next = 0;
  const agentOfNext = () => scheduler.schedule([{ id: `t${next++}`, resources: {} }]).placements[0].agent;
  scheduler.reportAgent('a', { signals: { heat: 5 } });
  expect([agentOfNext(), agentOfNext(), agentOfNext()]).toEqual(['b', 'b', 'b']);
  scheduler.reportAgent('b', { signals: { heat: 6 } });
  expect(agentOfNext()).toBe('a');
  scheduler.reportAgent('b', { cached: { image: ['x'] } });
  expect(agentOfNext()).toBe('b');
  scheduler.addAgent({ id: 'c', resources: {} });
  scheduler.reportAgent('c', { cached: { image: ['x'] } });
  expect(agentOfNext()).toBe('c');
});
