/** Layering rules, generated from the list of floors in tools/layers.cjs. */
const { join } = require('node:path');
const { layers } = require('./tools/layers.cjs');

const oneOf = (names) => `(?:${names.join('|')})`;
const sourcesOf = (names) => `^packages/${oneOf(names)}/(?:src|bin)/`;

const floorRules = layers.map(({ name, imports }) => ({
  name: `floor-of-${name}`,
  comment: `packages/${name} may import ${imports.length > 0 ? imports.join(', ') : 'no other package'}.`,
  severity: 'error',
  from: { path: sourcesOf([name]) },
  to: { path: '^packages/', pathNot: `^packages/${oneOf([name, ...imports])}/` },
}));

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'unknown-package',
      comment: 'Every package has a floor in tools/layers.cjs.',
      severity: 'error',
      from: { path: '^packages/', pathNot: `^packages/${oneOf(layers.map(({ name }) => name))}/` },
      to: {},
    },
    {
      name: 'only-door',
      comment: 'src/index.ts is the only door of a package.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/(?:$1/|[^/]+/src/index\\.ts$)' },
    },
    {
      name: 'by-package-name',
      comment: 'Another package is imported by its name, never by a relative path.',
      severity: 'error',
      from: { path: '^packages/([^/]+)/' },
      to: { path: '^packages/', pathNot: '^packages/$1/', dependencyTypes: ['local'] },
    },
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-node-built-ins',
      comment: 'These packages run in browsers and workers.',
      severity: 'error',
      from: { path: sourcesOf(layers.filter(({ node }) => !node).map(({ name }) => name)) },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'no-npm-dependencies',
      severity: 'error',
      from: { path: sourcesOf(layers.filter(({ npm }) => !npm).map(({ name }) => name)) },
      to: { path: 'node_modules' },
    },
    {
      name: 'declared-dependencies',
      comment: 'What the sources of a package import stands under (peer) dependencies in its package.json.',
      severity: 'error',
      from: { path: '^packages/[^/]+/(?:src|bin)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm-peer'] },
    },
    {
      name: 'no-tests-from-sources',
      severity: 'error',
      from: { path: '^packages/[^/]+/(?:src|bin)/' },
      to: { path: '(?:^packages/[^/]+/test(?:-linux)?/|^tools/|^benchmarks/|^examples/)' },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(?:^|/)(?:dist|\\.tsc)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: join(__dirname, 'tsconfig.json') },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@stowage/source', 'import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.d.ts', '.json'],
    },
  },
};
