/**
 * The floors of the house, lowest first: a package imports only from lower floors.
 *
 * This is the one list; `.dependency-cruiser.cjs` and `eslint.config.js` derive their rules from it.
 * Packages that do not exist yet are listed so that the plan is checked from their first file on.
 *
 * - `node: true`: may use Node's built-in modules. The others run in browsers and workers, and get clock and
 *   randomness as parameters.
 * - `npm: false`: no dependency from the registry.
 * - Packages in `aside` stand beside the floors: they import exactly `imports`, and only `usedBy` imports them.
 */
const floors = [
  [{ name: 'core', npm: false }],
  [
    { name: 'constraints' },
    { name: 'fitness' },
    { name: 'queues' },
    { name: 'autoscale' },
    { name: 'planning' },
  ],
  [{ name: 'jobs' }, { name: 'offers', node: true }],
  [{ name: 'control-plane', node: true }],
  [
    { name: 'simulator', node: true },
    { name: 'gateway', node: true },
    { name: 'federation', node: true },
  ],
  [{ name: 'cli', node: true }],
];

const aside = [
  { name: 'testing', imports: ['core', 'protocol'], usedBy: ['cli'] },
  {
    name: 'protocol',
    npm: false,
    imports: [],
    usedBy: [
      'jobs',
      'agent-runtime',
      'control-plane',
      'simulator',
      'gateway',
      'federation',
      'cli',
      'testing',
    ],
  },
  { name: 'agent-runtime', node: true, imports: ['protocol'], usedBy: ['cli'] },
];

const onFloors = floors.flatMap((packages, floor) =>
  packages.map((entry) => ({
    ...entry,
    imports: [
      ...floors.slice(0, floor).flatMap((lower) => lower.map(({ name }) => name)),
      ...aside.filter(({ usedBy }) => usedBy.includes(entry.name)).map(({ name }) => name),
    ],
  })),
);

/** One row per package: what it may import, and whether it may use Node built-ins and npm packages. */
const layers = [...onFloors, ...aside].map(({ name, imports, node = false, npm = true }) => ({
  name,
  imports,
  node,
  npm,
}));

module.exports = { layers };
