// Type-checked, not run, in an empty project that has the packed packages installed: as an ES module and as CommonJS
// with node16 and nodenext, and with bundler resolution. `stowage` itself is for ES modules only and stays out.
import * as constraints from '@stowage/constraints';
import * as core from '@stowage/core';
import * as fitness from '@stowage/fitness';
import * as simulator from '@stowage/simulator';
import * as testing from '@stowage/testing';

export const names: string[] = [constraints, core, fitness, simulator, testing].flatMap((exported) =>
  Object.keys(exported),
);
