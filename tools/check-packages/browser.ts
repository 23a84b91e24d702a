// Type-checked without Node's and the browser's types, bundled for browsers, and run where there is nothing but the
// language. `result` is printed. Throw to fail.
import * as constraints from '@stowage/constraints';
import * as core from '@stowage/core';
import * as fitness from '@stowage/fitness';

const counts = Object.entries({ constraints, core, fitness }).map(([name, exported]) => {
  const count = Object.keys(exported).length;
  if (count === 0) throw new Error(`@stowage/${name} exports nothing`);
  return `${name} ${count}`;
});

export const result: string = `exports: ${counts.join(', ')}`;
