// Runs in an empty project that has the packed packages installed. Throw to fail.
import assert from 'node:assert/strict';
import * as constraints from '@stowage/constraints';
import * as core from '@stowage/core';
import * as fitness from '@stowage/fitness';
import * as simulator from '@stowage/simulator';
import * as testing from '@stowage/testing';

for (const [name, exported] of Object.entries({ constraints, core, fitness, simulator, testing })) {
  assert.ok(Object.keys(exported).length > 0, `@stowage/${name} exports nothing to an ES module`);
}
