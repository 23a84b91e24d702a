// Runs in an empty project that has the packed packages installed. Throw to fail.
const assert = require('node:assert/strict');
const { attributeEquals } = require('@stowage/constraints');
const { PlacementEngine } = require('@stowage/core');
const { spreading } = require('@stowage/fitness');

const engine = new PlacementEngine({ fitness: spreading('cpu') });
for (const zone of ['a', 'b', 'b']) engine.addAgent({ resources: { cpu: 4 }, attributes: { zone } });
const inZoneB = engine.defineClass({ resources: { cpu: 1 }, constraints: [attributeEquals('zone', 'b')] });
const rows = [1, 2, 3].map(() => engine.agentOf(engine.place(inZoneB)));
assert.deepEqual(rows, [1, 2, 1]);
assert.deepEqual(engine.verify(), []);

for (const name of [
  'agent-runtime',
  'autoscale',
  'jobs',
  'planning',
  'protocol',
  'queues',
  'simulator',
  'testing',
]) {
  const exported = require(`@stowage/${name}`);
  assert.ok(Object.keys(exported).length > 0, `@stowage/${name} exports nothing to CommonJS`);
}
