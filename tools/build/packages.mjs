// What is built of which package.

/** Packages by the platform that their code is for. */
export const platforms = {
  neutral: [
    'core',
    'constraints',
    'fitness',
    'autoscale',
    'queues',
    'planning',
    'jobs',
    'protocol',
    'testing',
  ],
  node: ['agent-runtime', 'control-plane', 'simulator', 'cli'],
};

/** Nobody imports the commands, so they need no CommonJS. */
export function formats(name) {
  return name === 'cli' ? ['esm'] : ['esm', 'cjs'];
}
