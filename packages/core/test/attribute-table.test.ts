import { PlacementEngine } from '@stowage/core';
import { expect, test } from 'vitest';

const on = (zone: string) => ({ resources: {}, attributes: { zone } });

/** Present agents per zone, by the ids that plug-ins see. */
function agentCounts(engine: PlacementEngine): Record<string, number> {
  const column = engine.cluster.attribute('zone');
  const ids = Array.from({ length: column.idCount - 1 }, (_, i) => i + 1);
  return Object.fromEntries(ids.map((id) => [column.valueOf(id), column.agentCount(id)]));
}

test('counts the present agents of every value', () => {
  const engine = new PlacementEngine({ agentCapacity: 1 });
  const rows = ['a', 'b', 'a'].map((zone) => engine.addAgent(on(zone)));
  engine.addAgent({ resources: {} });
  expect(agentCounts(engine)).toEqual({ a: 2, b: 1 });
  engine.updateAgent(rows[1], on('a'));
  expect(agentCounts(engine)).toEqual({ a: 3, b: 0 });
  engine.updateAgent(rows[1], { resources: {} });
  engine.removeAgent(rows[0]);
  engine.drainAgent(rows[2]);
  expect(agentCounts(engine)).toEqual({ a: 1, b: 0 });
  expect(engine.verify()).toEqual([]);
});

test('follows a rollback and a snapshot', () => {
  const engine = new PlacementEngine();
  engine.addAgent(on('a'));
  engine.begin();
  engine.addAgent(on('b'));
  engine.updateAgent(0, on('b'));
  engine.removeAgent(0);
  expect(agentCounts(engine)).toEqual({ a: 0, b: 1 });
  engine.rollback();
  expect(agentCounts(engine)).toEqual({ a: 1, b: 0 });
  const { engine: restored } = PlacementEngine.restore(engine.snapshot());
  expect(agentCounts(restored)).toEqual({ a: 1 });
  expect(restored.verify()).toEqual([]);
});

test('the absent value and ids that were never given out count 0', () => {
  const engine = new PlacementEngine();
  engine.addAgent({ resources: {} });
  const column = engine.cluster.attribute('zone');
  expect([column.agentCount(0), column.agentCount(7)]).toEqual([0, 0]);
});
