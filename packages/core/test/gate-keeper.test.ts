/** Gates of a scheduler: carried over to its agents, undone with transactions, closed to plug-ins that are being asked. */
import { expect, test } from 'vitest';
import { constraint, Scheduler, type StowageError } from '../src/index.ts';

function schedulerWith(ids: readonly string[]): Scheduler {
  const scheduler = new Scheduler({ resources: [{ name: 'cpu' }] });
  for (const id of ids) scheduler.addAgent({ id, resources: { cpu: 1 }, attributes: { group: id } });
  return scheduler;
}

test('a disable ends when the time has come, for agents that came later too', () => {
  const scheduler = schedulerWith([]);
  scheduler.disableAgent('a', 100);
  scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
  expect(scheduler.schedule([{ id: 't', resources: { cpu: 1 } }]).placements).toEqual([]);
  expect(scheduler.whyClosed('a')).toMatchObject({ code: 'disabled' });
  scheduler.advanceTo(100);
  expect(scheduler.schedule([{ id: 't', resources: { cpu: 1 } }]).placements).toMatchObject([{ agent: 'a' }]);
});

test('what a transaction does to gates is undone with it, level by level', () => {
  const scheduler = schedulerWith(['a', 'b']);
  const before = scheduler.snapshot();
  scheduler.begin();
  scheduler.drainAgent('a');
  scheduler.begin();
  scheduler.setActiveGroups('group', ['a']);
  scheduler.commit();
  expect([scheduler.whyClosed('a')?.code, scheduler.whyClosed('b')?.code]).toEqual(['draining', 'inactive']);
  scheduler.rollback();
  expect(new Uint8Array(scheduler.snapshot())).toEqual(new Uint8Array(before));
  expect(scheduler.agentStatuses().some(({ closed }) => closed !== undefined)).toBe(false);
});

test('a snapshot keeps the gates', () => {
  const scheduler = schedulerWith(['a', 'b']);
  scheduler.disableAgent('a', 50);
  scheduler.disableAgent('unknown', 70);
  const restored = Scheduler.restore(scheduler.snapshot());
  restored.advanceTo(50);
  expect(restored.whyClosed('a')).toBeUndefined();
  restored.addAgent({ id: 'unknown', resources: { cpu: 1 } });
  expect(restored.whyClosed('unknown')).toMatchObject({ code: 'disabled' });
});

test('an agent that was removed while it drained is open when it returns', () => {
  const scheduler = schedulerWith(['a']);
  scheduler.drainAgent('a');
  scheduler.removeAgent('a');
  scheduler.addAgent({ id: 'a', resources: { cpu: 1 } });
  expect(scheduler.whyClosed('a')).toBeUndefined();
});

test.each([
  ['disableAgent', (scheduler: Scheduler) => scheduler.disableAgent('a', 1000)],
  ['drainAgent', (scheduler: Scheduler) => scheduler.drainAgent('a')],
  ['setActiveGroups', (scheduler: Scheduler) => scheduler.setActiveGroups('group', ['b'])],
] as const)('%s from within a plug-in is refused and changes nothing', (_, meddle) => {
  const scheduler = schedulerWith(['a']);
  let code = '';
  const meddler = constraint('meddler', () => {
    try {
      meddle(scheduler);
    } catch (error) {
      ({ code } = error as StowageError);
    }
    return true;
  });
  const { placements } = scheduler.schedule([{ id: 't', resources: { cpu: 1 }, constraints: [meddler] }]);
  expect([code, placements.length]).toEqual(['REENTRANT_CALL', 1]);
  expect(scheduler.whyClosed('a')).toBeUndefined();
});
