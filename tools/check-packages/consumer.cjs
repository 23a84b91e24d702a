// Runs in an empty project that has the packed packages installed. Throw to fail.
const assert = require('node:assert/strict');

for (const name of ['constraints', 'core', 'fitness', 'simulator', 'testing']) {
  const exported = require(`@stowage/${name}`);
  assert.ok(Object.keys(exported).length > 0, `@stowage/${name} exports nothing to CommonJS`);
}
